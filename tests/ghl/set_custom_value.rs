use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

fn writes(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|request| request.contains("/customValues") && !request.starts_with("GET")).collect()
}

#[tokio::test]
async fn a_value_is_set_by_its_name_and_what_it_was_is_told() {
    let bench = Bench::new().await;
    let mut set = bench.call("set_custom_value", json!({"name": "opening hours", "value": "Mon-Fri 9-17"})).await;
    assert!(set["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME}, "id": null, "name": "Opening hours",
        "merge_tag": "{{custom_values.opening_hours}}",
        "value": {"untrusted": "Mon-Fri 9-17", "source": "custom value"},
        "before": {"untrusted": "Mon-Thu 8-18, Fri 8-14", "source": "custom value"},
        "created": false, "changed": true
    });
    assert_eq!(noted(&set), expected);
    let again = bench.call("set_custom_value", json!({"name": "opening_hours", "value": "Mon-Fri 9-17"})).await;
    assert_eq!(again["changed"], false);
    assert_eq!(writes(&bench.requests().await).len(), 1, "what is so already is not written");
}

#[tokio::test]
async fn a_new_name_makes_a_value() {
    let bench = Bench::new().await;
    let set = bench.call("set_custom_value", json!({"name": "Parking", "value": "Behind the house"})).await;
    assert_eq!((&set["created"], &set["merge_tag"]), (&json!(true), &json!("{{custom_values.parking}}")));
    let listed = bench.call("list_custom_values", json!({"query": "behind"})).await;
    assert_eq!((&listed["total"], &listed["items"][0]["id"]), (&json!(1), &set["id"]));
}

#[tokio::test]
async fn part_of_a_name_does_not_overwrite_the_whole() {
    let bench = Bench::new().await;
    let set = bench.call("set_custom_value", json!({"name": "Opening", "value": "Soon"})).await;
    assert_eq!(set["created"], true);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("set_custom_value", json!({"value": 5, "key": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/key", "/name", "/value"]);
    assert_eq!(bench.refused("set_custom_value", json!({"name": " ", "value": "x"})).await.faulty_fields(), ["/name"]);
}

#[tokio::test]
async fn another_tenants_values_stay_apart() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "Opening hours", "value": "never"});
    assert_eq!(bench.refused_as(RIVAL, "set_custom_value", arguments).await.code(), "not_found");
    let made = bench.call_as(RIVAL, "set_custom_value", json!({"name": "Opening hours", "value": "always"})).await;
    assert_eq!(made["created"], true, "theirs, not ours");
}

#[tokio::test]
async fn a_value_whose_answer_was_lost_is_not_made_twice() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST"})).await;
    let arguments = json!({"name": "Parking", "value": "Behind the house"});
    assert_eq!(bench.refused("set_custom_value", arguments.clone()).await.code(), "upstream_unavailable");
    assert_eq!(bench.call("set_custom_value", arguments).await["changed"], false);
    assert_eq!(bench.call("list_custom_values", json!({"query": "Parking"})).await["total"], 1);
}
