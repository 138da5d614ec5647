use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn update(bench: &Bench, arguments: Value) -> Value {
    let mut all = json!({"contact": HUGO});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    bench.call("update_contact", all).await
}

async fn writes(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("PUT /contacts/")).count()
}

#[tokio::test]
async fn what_is_there_is_written_over_and_can_be_taken_back() {
    let bench = Bench::new().await;
    let before = bench.call("get_contact", json!({"contact": HUGO, "include": []})).await["contact"].clone();
    let arguments = json!({
        "contact": "Hugo Laurent", "email": "Hugo.New@example.com", "phone": "+1 503-555-0777", "last_name": "Lemaire",
        "source": "referral", "owner": "Tom", "custom_fields": {"lead_score": "99"}
    });
    let changed = bench.call("update_contact", arguments).await;
    assert_eq!(changed["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let contact = &changed["contact"];
    assert_eq!((&contact["id"], &contact["name"]), (&json!(HUGO), &json!("Hugo Lemaire")));
    assert_eq!((&contact["email"], &contact["phone"]), (&json!("hugo.new@example.com"), &json!("+15035550777")));
    assert_eq!((&contact["source"], &contact["owner"]), (&json!("referral"), &json!("Tom Okafor")));
    assert!(changed["changed"].as_array().unwrap().contains(&json!("custom_fields")), "{changed}");
    assert_eq!(contact["tags"], before["tags"], "tags are not touched");
    bench.call("undo_change", json!({"change": changed["change_id"]})).await;
    let mut after = bench.call("get_contact", json!({"contact": HUGO, "include": []})).await["contact"].clone();
    after["updated_at"] = before["updated_at"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_is_so_already_is_not_written() {
    let bench = Bench::new().await;
    let same = update(&bench, json!({"first_name": " Hugo ", "phone": "+15035550164"})).await;
    assert_eq!((&same["changed"], same.get("change_id")), (&json!([]), None));
    assert_eq!(writes(&bench).await, 0);
}

#[tokio::test]
async fn an_address_that_another_contact_has_is_refused() {
    let bench = Bench::new().await;
    let rows = bench.call("search_contacts", json!({"limit": 20})).await;
    let taken = rows["items"].as_array().unwrap().iter().find(|row| row["id"] != HUGO && row["email"].is_string());
    let arguments = json!({"contact": HUGO, "email": taken.unwrap()["email"]});
    assert_eq!(bench.refused("update_contact", arguments).await.code(), "conflict");
}

#[tokio::test]
async fn faults_come_at_once_and_others_contacts_are_left_alone() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused("update_contact", json!({"contact": HUGO})).await.faulty_fields(), ["/first_name"]);
    let refused = bench.refused("update_contact", json!({"contact": HUGO, "email": "x", "phone": "5"})).await;
    assert_eq!(refused.faulty_fields(), ["/email", "/phone"]);
    let field = json!({"contact": HUGO, "custom_fields": {"lead_score": "many"}});
    assert_eq!(bench.refused("update_contact", field).await.code(), "invalid_argument");
    let arguments = json!({"contact": HUGO, "first_name": "Ada"});
    assert_eq!(bench.refused_as(RIVAL, "update_contact", arguments.clone()).await.code(), "not_found");
    let mut elsewhere = arguments;
    elsewhere["location"] = json!(COURSES);
    assert_eq!(bench.refused("update_contact", elsewhere).await.code(), "not_found");
    assert_eq!(writes(&bench).await, 0);
}

#[tokio::test]
async fn a_vendor_that_stays_down_is_named() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT", "path_prefix": "/contacts/", "count": 20})).await;
    let refused = bench.refused("update_contact", json!({"contact": HUGO, "first_name": "Ada"})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
}
