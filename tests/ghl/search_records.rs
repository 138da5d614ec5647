use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, GYM, RIVAL};

#[tokio::test]
async fn records_come_with_their_fields_in_peoples_words() {
    let bench = Bench::new().await;
    let mut found = bench.call("search_records", json!({"object": "insurance plan", "query": "moda"})).await;
    assert!(found["items"][0]["id"].take().is_string());
    assert!(found["items"][0]["updated_at"].take().is_string());
    let text = |text: &str| json!({"untrusted": text, "source": "record"});
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "object": {"key": "custom_objects.insurance_plans", "name": "Insurance plan"},
        "items": [{
            "id": null, "name": "Moda Plus", "updated_at": null,
            "fields": {
                "plan_name": text("Moda Plus"), "network": text("Preferred"), "yearly_maximum": 1500.0,
                "waiting_months": 3.0, "covers": text("Cleanings, Clear aligners"), "valid_until": text("2027-06-30")
            }
        }],
        "total": 1
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn all_pages_hold_all_records_and_the_only_object_needs_no_name() {
    let bench = Bench::new().await;
    let all = bench.all_pages("search_records", json!({"limit": 3})).await;
    assert_eq!(all.len(), 4);
    let classes = bench.call("search_records", json!({"location": GYM, "object": "custom_objects.classes"})).await;
    assert_eq!((&classes["object"]["name"], &classes["total"]), (&json!("Class"), &json!(3)));
}

#[tokio::test]
async fn unknown_objects_and_faults_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("search_records", json!({"object": "contacts"})).await;
    assert_eq!((refused.code(), refused.candidates()), ("not_found", vec!["Insurance plans"]));
    let refused = bench.refused("search_records", json!({"limit": 101, "words": "x"})).await;
    assert_eq!(refused.faulty_fields().len(), 2);
}

#[tokio::test]
async fn another_tenants_records_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "search_records", json!({"object": "insurance plans"})).await;
    assert_eq!(refused.code(), "not_found");
    let elsewhere = json!({"location": DENTAL});
    assert_eq!(bench.refused_as(RIVAL, "search_records", elsewhere).await.code(), "not_found");
}
