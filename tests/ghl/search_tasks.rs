use std::collections::HashSet;

use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn task(bench: &Bench, title: &str, due: &str, more: Value) -> String {
    let mut all = json!({"contact": HUGO, "title": title, "due": due});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.call("save_task", all).await["task"]["id"].as_str().unwrap().to_owned()
}

fn titles(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_row_says_what_when_whose_and_about_whom() {
    let bench = Bench::new().await;
    let id = task(&bench, "Zebra call", "2026-11-24T15:00", json!({"owner": "Tom"})).await;
    let found = bench.call("search_tasks", json!({"query": "zebra"})).await;
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "items": [{
            "id": id, "title": "Zebra call", "due": "2026-11-24T15:00:00-08:00", "owner": "Tom Okafor",
            "completed": false, "contact": {"id": HUGO, "name": "Hugo Laurent"}
        }]
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn criteria_add_up() {
    let bench = Bench::new().await;
    task(&bench, "Zebra one", "2026-11-24", json!({"owner": "Tom"})).await;
    task(&bench, "Zebra two", "2026-11-26", json!({"owner": "Priya"})).await;
    task(&bench, "Zebra three", "2026-11-28", json!({"owner": "Tom", "completed": true})).await;
    let search = async |more: Value| {
        let mut all = json!({"query": "zebra"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.call("search_tasks", all).await
    };
    let cases = [
        (json!({}), vec!["Zebra one", "Zebra two"]),
        (json!({"status": "all"}), vec!["Zebra one", "Zebra two", "Zebra three"]),
        (json!({"status": "completed"}), vec!["Zebra three"]),
        (json!({"owner": "Tom", "status": "all"}), vec!["Zebra one", "Zebra three"]),
        (json!({"contact": "Hugo Laurent", "due_after": "2026-11-25"}), vec!["Zebra two"]),
        (json!({"due_before": "2026-11-24"}), vec!["Zebra one"]),
        (json!({"due_after": "2026-11-25", "due_before": "2026-11-25"}), vec![]),
    ];
    for (more, expected) in cases {
        assert_eq!(titles(&search(more.clone()).await), expected, "{more}");
    }
}

/// The client's clock is the machine's: what was due in the past is overdue by any clock.
#[tokio::test]
async fn what_should_have_been_done_is_overdue() {
    let bench = Bench::new().await;
    task(&bench, "Zebra late", "2020-01-02", json!({})).await;
    task(&bench, "Zebra late and done", "2020-01-02", json!({"completed": true})).await;
    task(&bench, "Zebra later", "2090-01-02", json!({})).await;
    let found = bench.call("search_tasks", json!({"status": "overdue"})).await;
    assert_eq!(titles(&found), ["Zebra late"]);
    assert_eq!(found["items"][0]["overdue"], true);
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let whole = bench.all_pages("search_tasks", json!({"limit": 100})).await;
    assert!(whole.len() > 7, "{}", whole.len());
    for arguments in [json!({"limit": 3}), json!({"limit": 3, "due_before": "2026-11-24"})] {
        let pieces = bench.all_pages("search_tasks", arguments.clone()).await;
        let ids: HashSet<&str> = pieces.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), pieces.len(), "{arguments}");
        if arguments.get("due_before").is_none() {
            assert_eq!(pieces.len(), whole.len());
        } else {
            assert!(!pieces.is_empty() && pieces.len() < whole.len(), "{}", pieces.len());
        }
    }
    let page = bench.call("search_tasks", json!({"limit": 3})).await;
    let other = json!({"limit": 4, "cursor": page["next_cursor"]});
    assert_eq!(bench.refused("search_tasks", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn faults_come_at_once_and_other_tenants_see_their_own() {
    let bench = Bench::new().await;
    let refused = bench.refused("search_tasks", json!({"due_after": "soon", "due_before": "2027-03-14T02:30"})).await;
    assert_eq!(refused.faulty_fields(), ["/due_after", "/due_before"]);
    let refused = bench.refused("search_tasks", json!({"status": "lost", "limit": 0})).await;
    assert_eq!(refused.code(), "invalid_argument");
    task(&bench, "Zebra call", "2026-11-24", json!({})).await;
    let theirs = bench.call_as(RIVAL, "search_tasks", json!({"query": "zebra"})).await;
    assert!(titles(&theirs).is_empty(), "{theirs}");
    assert_eq!(bench.refused("search_tasks", json!({"location": COURSES})).await.code(), "not_found");
}
