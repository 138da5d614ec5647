use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn funnels_come_with_how_many_pages_they_have() {
    let bench = Bench::new().await;
    let found = bench.call("list_funnels", json!({})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let shown = |row: &Value| json!([row["name"], row["type"], row["step_count"], row["page_count"]]);
    let mut rows: Vec<Value> = found["items"].as_array().unwrap().iter().map(shown).collect();
    rows.sort_by_key(ToString::to_string);
    let expected = [
        json!(["Booking", "funnel", 2, 3]),
        json!(["Free offer", "funnel", 3, 4]),
        json!(["Website", "website", 3, 3]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(bench.all_pages("list_funnels", json!({"limit": 1})).await.len(), 3);
    assert_eq!(bench.call("list_funnels", json!({"query": "OFFER"})).await["total"], 1);
}

#[tokio::test]
async fn one_funnel_comes_with_its_steps_and_pages_in_order() {
    let bench = Bench::new().await;
    let one = bench.call("list_funnels", json!({"funnel": "free"})).await;
    let steps = one["items"][0]["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Opt in", "Offer", "Thank you"]);
    assert_eq!((&steps[0]["path"], steps[0]["pages"].as_array().unwrap().len()), (&json!("/free"), 2));
    assert_eq!(steps[1]["pages"][0]["name"], "Offer");
    assert_eq!(one["items"][0].get("other_pages"), None);
}

#[tokio::test]
async fn unknown_names_and_faults_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_funnels", json!({"funnel": "bokking"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Booking"));
    assert_eq!(bench.refused("list_funnels", json!({"limit": "all"})).await.faulty_fields(), ["/limit"]);
}

#[tokio::test]
async fn another_tenants_funnels_do_not_exist() {
    let bench = Bench::new().await;
    let id = bench.call("list_funnels", json!({"query": "Booking"})).await["items"][0]["id"].clone();
    assert_eq!(bench.refused_as(RIVAL, "list_funnels", json!({"funnel": id})).await.code(), "not_found");
}
