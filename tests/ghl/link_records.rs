use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

fn writes(requests: &[String]) -> Vec<&String> {
    let is_write = |request: &&String| request.contains("/relations") && !request.starts_with("GET");
    requests.iter().filter(is_write).collect()
}

#[tokio::test]
async fn a_contact_is_linked_with_a_record_by_names_and_unlinked_again() {
    let bench = Bench::new().await;
    let arguments = json!({"association": "patient_insurance_plan", "first": "Hugo Laurent", "second": "Delta Value"});
    let mut linked = bench.call("link_records", arguments.clone()).await;
    assert!(linked["association"]["id"].take().is_string());
    assert!(linked["second"]["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "association": {"id": null, "name": "Patient - Insurance plan"},
        "first": {"id": HUGO, "name": "Hugo Laurent", "role": "Patient"},
        "second": {"id": null, "name": "Delta Value", "role": "Insurance plan"},
        "linked": true, "changed": true
    });
    assert_eq!(linked, expected);
    assert_eq!(bench.call("link_records", arguments.clone()).await["changed"], false);
    let mut away = arguments;
    away["remove"] = json!(true);
    let gone = bench.call("link_records", away.clone()).await;
    assert_eq!((&gone["linked"], &gone["changed"]), (&json!(false), &json!(true)));
    assert_eq!(bench.call("link_records", away).await["changed"], false);
    assert_eq!(writes(&bench.requests().await).len(), 2, "what is so already is not written");
}

#[tokio::test]
async fn the_only_association_needs_no_name() {
    let bench = Bench::new().await;
    let linked = bench.call("link_records", json!({"first": HUGO, "second": "Cigna"})).await;
    assert_eq!(linked["association"]["name"], "Patient - Insurance plan");
}

#[tokio::test]
async fn unknown_names_are_answered_and_nothing_is_written() {
    let bench = Bench::new().await;
    let unknown = json!({"association": "owner", "first": HUGO, "second": "Cigna"});
    let refused = bench.refused("link_records", unknown).await;
    assert_eq!((refused.code(), refused.candidates()), ("not_found", vec!["Patient - Insurance plan"]));
    let refused = bench.refused("link_records", json!({"first": HUGO, "second": "Delta"})).await;
    assert_eq!(refused.candidates().len(), 2);
    let refused = bench.refused("link_records", json!({"second": 5})).await;
    assert_eq!(refused.faulty_fields().len(), 2);
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn another_tenants_records_cannot_be_linked() {
    let bench = Bench::new().await;
    let arguments = json!({"first": HUGO, "second": "2027 spring"});
    assert_eq!(bench.refused_as(RIVAL, "link_records", arguments).await.code(), "not_found");
}

#[tokio::test]
async fn a_link_whose_answer_was_lost_is_found_by_the_next_call() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/associations"})).await;
    let arguments = json!({"first": HUGO, "second": "Cigna"});
    assert_eq!(bench.refused("link_records", arguments.clone()).await.code(), "upstream_unavailable");
    let linked = bench.call("link_records", arguments).await;
    assert_eq!((&linked["linked"], &linked["changed"]), (&json!(true), &json!(false)));
}
