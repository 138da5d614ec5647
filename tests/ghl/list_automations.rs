use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

fn names(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn workflows_and_campaigns_are_listed_with_their_status() {
    let found = Bench::new().await.call("list_automations", json!({})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!(found["total"], 9);
    let kinds: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|row| &row["kind"]).collect();
    assert_eq!((kinds[0], kinds[8]), (&json!("workflow"), &json!("campaign")));
    assert!(names(&found)[..6].is_sorted(), "{found}");
    let row = &found["items"][0];
    assert_eq!((&row["name"], &row["status"]), (&json!("Appointment reminders"), &json!("published")));
    assert_eq!(row["updated_at"], "2026-04-11T00:00:00Z");
}

#[tokio::test]
async fn criteria_add_up() {
    let bench = Bench::new().await;
    let drafts = bench.call("list_automations", json!({"status": "draft"})).await;
    assert_eq!(names(&drafts), ["Whitening offer", "Holiday hours"]);
    let found =
        bench.call("list_automations", json!({"kind": "workflow", "query": "RECALL", "status": "published"})).await;
    assert_eq!(names(&found), ["Recall: six months"]);
    let asked = bench.requests().await;
    let campaigns = asked.iter().filter(|request| request.starts_with("GET /campaigns/")).count();
    assert_eq!(campaigns, 1, "lists are kept for a minute, and only those that are needed are asked for");
}

#[tokio::test]
async fn another_tenants_automations_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_automations", json!({"location": DENTAL})).await.code(), "not_found");
    let own = bench.call_as(RIVAL, "list_automations", json!({})).await;
    assert_eq!(own["location"]["id"], COURSES);
    assert!(names(&own).contains(&"Webinar replay"));
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let arguments = json!({"kind": "funnel", "status": "live", "query": "", "limit": 3});
    let refused = Bench::new().await.refused("list_automations", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/kind", "/limit", "/query", "/status"]);
}
