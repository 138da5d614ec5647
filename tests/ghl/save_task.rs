use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn save(bench: &Bench, arguments: Value) -> Value {
    let mut all = json!({"contact": HUGO});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    bench.call("save_task", all).await
}

fn writes(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|request| request.contains("/tasks") && !request.starts_with("GET")).collect()
}

#[tokio::test]
async fn a_task_is_written_on_the_locations_clock() {
    let bench = Bench::new().await;
    let arguments = json!({
        "contact": "Hugo Laurent", "title": "Call back", "text": "About the aligners", "due": "2026-11-24T15:00",
        "owner": "Tom"
    });
    let mut saved = bench.call("save_task", arguments).await;
    let id = saved["task"]["id"].take();
    assert!(id.is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "task": {
            "id": null, "title": "Call back", "due": "2026-11-24T15:00:00-08:00", "owner": "Tom Okafor",
            "completed": false
        },
        "created": true,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(noted(&saved), expected);
}

#[tokio::test]
async fn dates_instants_and_both_sides_of_a_clock_change_are_understood() {
    let bench = Bench::new().await;
    for (due, shown) in [
        ("2026-11-24", "2026-11-24T23:59:00-08:00"),
        ("2026-11-24T23:00:00Z", "2026-11-24T15:00:00-08:00"),
        ("2027-03-13T09:00", "2027-03-13T09:00:00-08:00"),
        ("2027-03-14T09:00", "2027-03-14T09:00:00-07:00"),
    ] {
        let saved = save(&bench, json!({"title": "Call", "due": due})).await;
        assert_eq!(saved["task"]["due"], shown, "{due}");
    }
}

#[tokio::test]
async fn the_second_time_changes_the_open_task_and_only_what_differs() {
    let bench = Bench::new().await;
    let first = save(&bench, json!({"title": "Call back", "due": "2026-11-24T15:00"})).await;
    let again = save(&bench, json!({"title": "call  BACK", "due": "2026-11-25T15:00"})).await;
    assert_eq!(again["task"]["id"], first["task"]["id"]);
    assert_eq!((&again["created"], &again["changed"]), (&json!(false), &json!(["title", "due"])));
    let same = save(&bench, json!({"title": "call  BACK", "due": "2026-11-25T15:00"})).await;
    assert_eq!((&same["created"], same.get("changed")), (&json!(false), None));
    assert_eq!(writes(&bench.requests().await).len(), 2, "what is so already is not written");
}

#[tokio::test]
async fn a_task_is_completed_by_its_title_and_then_the_title_is_free_again() {
    let bench = Bench::new().await;
    let first = save(&bench, json!({"title": "Call back", "due": "2026-11-24"})).await;
    let done = save(&bench, json!({"task": "call back", "completed": true})).await;
    assert_eq!((&done["task"]["completed"], &done["changed"]), (&json!(true), &json!(["completed"])));
    let next = save(&bench, json!({"title": "Call back", "due": "2026-12-24"})).await;
    assert_eq!(next["created"], true);
    assert_ne!(next["task"]["id"], first["task"]["id"]);
    let reopened = save(&bench, json!({"task": first["task"]["id"], "completed": false})).await;
    assert_eq!(reopened["task"]["completed"], false);
    let refused = bench.refused("save_task", json!({"contact": HUGO, "title": "Call back", "text": "?"})).await;
    assert_eq!((refused.code(), refused.candidates().len()), ("invalid_argument", 2));
}

#[tokio::test]
async fn a_task_is_renamed_by_its_id() {
    let bench = Bench::new().await;
    let first = save(&bench, json!({"title": "Call back", "due": "2026-11-24"})).await;
    let renamed = save(&bench, json!({"task": first["task"]["id"], "title": "Write instead"})).await;
    assert_eq!((&renamed["task"]["title"], &renamed["created"]), (&json!("Write instead"), &json!(false)));
}

#[tokio::test]
async fn unknown_tasks_and_missing_dates_are_answered_and_nothing_is_written() {
    let bench = Bench::new().await;
    save(&bench, json!({"title": "Call back", "due": "2026-11-24"})).await;
    let refused = bench.refused("save_task", json!({"contact": HUGO, "task": "cal bakc", "completed": true})).await;
    assert_eq!((refused.code(), refused.candidates()), ("not_found", vec!["Call back"]));
    let refused = bench.refused("save_task", json!({"contact": HUGO, "title": "Another"})).await;
    assert_eq!(refused.faulty_fields(), ["/due"]);
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("save_task", json!({"title": 7, "due": 5, "when": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/contact", "/due", "/title", "/when"]);
    let blank = bench.refused("save_task", json!({"contact": HUGO, "title": " ", "due": "2026-11-24"})).await;
    assert_eq!(blank.faulty_fields(), ["/title"]);
    let refused = bench.refused("save_task", json!({"contact": HUGO, "due": "tomorrow"})).await;
    assert_eq!(refused.faulty_fields(), ["/title", "/due"]);
    for due in ["2027-03-14T02:30", "2026-11-01T01:30"] {
        let refused = bench.refused("save_task", json!({"contact": HUGO, "title": "x", "due": due})).await;
        assert_eq!(refused.faulty_fields(), ["/due"], "{due}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let refused = bench.refused("save_task", json!({"contact": HUGO, "title": "x", "due": "2026-11-24"})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

#[tokio::test]
async fn ambiguous_names_and_other_tenants_contacts_are_left_alone() {
    let bench = Bench::new().await;
    let weber = json!({"contact": "Weber", "title": "x", "due": "2026-11-24"});
    assert!(bench.refused("save_task", weber).await.candidates().len() > 1);
    let owner = json!({"contact": HUGO, "title": "x", "due": "2026-11-24", "owner": "a"});
    assert!(bench.refused("save_task", owner).await.candidates().len() > 1);
    let arguments = json!({"contact": HUGO, "title": "x", "due": "2026-11-24"});
    assert_eq!(bench.refused_as(RIVAL, "save_task", arguments.clone()).await.code(), "not_found");
    let mut elsewhere = arguments;
    elsewhere["location"] = json!(COURSES);
    assert_eq!(bench.refused("save_task", elsewhere).await.code(), "not_found");
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn a_task_whose_answer_was_lost_is_found_and_not_written_again() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let saved = save(&bench, json!({"title": "Call back", "due": "2026-11-24T15:00", "owner": "Tom"})).await;
    assert_eq!((&saved["created"], &saved["task"]["owner"]), (&json!(true), &json!("Tom Okafor")));
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

#[tokio::test]
async fn a_task_that_was_not_written_is_said_not_to_be() {
    let bench = Bench::new().await;
    save(&bench, json!({"title": "Another", "due": "2026-11-24T15:00"})).await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let arguments = json!({"contact": HUGO, "title": "Call back", "due": "2026-11-24T15:00"});
    let refused = bench.refused("save_task", arguments).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
}
