use serde_json::{Value, json};
use tests::time::in_days;

use crate::bench::{Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

#[tokio::test]
async fn a_contact_is_put_into_a_workflow_by_name() {
    let bench = Bench::new().await;
    let (at, shown) = (format!("{}T17:00:00Z", in_days(45)), format!("{}T17:00:00+00:00", in_days(45)));
    let arguments = json!({"contact": "Hugo Laurent", "workflow": "recall", "start_at": at});
    let mut done = bench.call("enroll_contact", arguments).await;
    let workflow = done["automation"]["id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "automation": {"id": null, "name": "Recall: six months"},
        "kind": "workflow",
        "starts_at": shown,
        "consent": {"do_not_disturb": false},
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(noted(&done), expected);
    let kept = json!([{
        "location_id": DENTAL, "contact_id": HUGO, "kind": "workflow", "automation_id": workflow,
        "starts_at": shown,
    }]);
    assert_eq!(bench.enrolments(DENTAL).await, kept);
}

#[tokio::test]
async fn a_campaign_takes_people_too() {
    let bench = Bench::new().await;
    let done = bench.call("enroll_contact", json!({"contact": HUGO, "campaign": "New patient welcome"})).await;
    assert_eq!((&done["kind"], done.get("starts_at")), (&json!("campaign"), None));
    let kept = bench.enrolments(DENTAL).await;
    assert_eq!((&kept[0]["kind"], &kept[0]["contact_id"]), (&json!("campaign"), &json!(HUGO)));
}

#[tokio::test]
async fn a_person_is_asked_with_both_names_and_told_of_refusals() {
    let bench = Bench::new().await;
    let closed = bench.all_pages("search_conversations", json!({})).await;
    let mut told = Value::Null;
    for row in &closed {
        let contact = row["contact"]["id"].clone();
        let read = bench.call("get_contact", json!({"contact": contact, "include": []})).await;
        if read["contact"]["consent"]["do_not_disturb"] == true {
            told = contact;
        }
    }
    let refused = bench.refused_as(CAREFUL, "enroll_contact", json!({"contact": told, "workflow": "No-show"})).await;
    assert_eq!(refused.code(), "approval_required");
    let summary = refused.error["details"]["plan"]["plan"]["summary"].as_str().unwrap_or_default();
    assert!(summary.contains("in the workflow “No-show recovery” at once"), "{refused:?}");
    assert!(summary.ends_with("they refuse all messages (do not disturb)"), "{summary}");
    assert_eq!(bench.enrolments(DENTAL).await, json!([]));
}

#[tokio::test]
async fn a_draft_takes_nobody() {
    let bench = Bench::new().await;
    let refused = bench.refused("enroll_contact", json!({"contact": HUGO, "workflow": "Whitening offer"})).await;
    assert_eq!(refused.code(), "failed_precondition");
    assert_eq!(bench.enrolments(DENTAL).await, json!([]));
}

#[tokio::test]
async fn a_lost_answer_is_not_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let refused = bench.refused("enroll_contact", json!({"contact": HUGO, "workflow": "Review request"})).await;
    assert_eq!(refused.error["details"]["lost_change"], "outcome_unknown", "{refused:?}");
    let posts = bench.requests().await.into_iter().filter(|request| request.contains("/workflow/")).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn names_are_matched_and_one_of_the_two_is_needed() {
    let bench = Bench::new().await;
    let refused = bench.refused("enroll_contact", json!({"contact": HUGO, "workflow": "re"})).await;
    assert!(refused.candidates().contains(&"Review request"), "{refused:?}");
    for (arguments, field) in [
        (json!({"contact": HUGO}), "/workflow"),
        (json!({"contact": HUGO, "workflow": "a", "campaign": "b"}), "/campaign"),
        (json!({"contact": HUGO, "campaign": "b", "start_at": "2027-01-04T09:00"}), "/start_at"),
        (json!({"contact": HUGO, "workflow": "Recall", "start_at": "2020-01-04T09:00"}), "/start_at"),
    ] {
        assert_eq!(bench.refused("enroll_contact", arguments.clone()).await.faulty_fields(), [field], "{arguments}");
    }
}

#[tokio::test]
async fn another_tenant_enrolls_nobody_here() {
    let bench = Bench::new().await;
    bench.refused_as(RIVAL, "enroll_contact", json!({"contact": HUGO, "workflow": "Webinar replay"})).await;
    assert_eq!(bench.enrolments(DENTAL).await, json!([]));
}
