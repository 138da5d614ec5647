use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, RIVAL};

fn writes(requests: &[String]) -> Vec<&String> {
    let is_write = |request: &&String| {
        request.contains("/records") && !request.starts_with("GET") && !request.ends_with("/search")
    };
    requests.iter().filter(is_write).collect()
}

fn text(text: &str) -> Value {
    json!({"untrusted": text, "source": "record"})
}

#[tokio::test]
async fn a_record_is_made_with_values_of_every_kind() {
    let bench = Bench::new().await;
    let fields = json!({
        "Plan name": "Smile, Inc", "network": "closed", "yearly_maximum": "1200.5", "waiting months": "2",
        "covers": "implants, Clear aligners", "valid_until": "2027-12-31", "hotline": "+15035550166"
    });
    let saved = bench.call("save_record", json!({"object": "Insurance plans", "fields": fields})).await;
    assert_eq!((&saved["created"], &saved["record"]["name"]), (&json!(true), &json!("Smile, Inc")));
    let expected = json!({
        "plan_name": text("Smile, Inc"), "network": text("Closed"), "yearly_maximum": 1200.5, "waiting_months": 2.0,
        "covers": text("Implants, Clear aligners"), "valid_until": text("2027-12-31"), "hotline": text("+15035550166")
    });
    assert_eq!(saved["record"]["fields"], expected);
    let found = bench.call("search_records", json!({"query": "smile"})).await;
    assert_eq!(found["items"][0]["fields"], expected);
}

#[tokio::test]
async fn a_record_is_changed_by_its_name_and_only_where_it_differs() {
    let bench = Bench::new().await;
    let change = json!({"record": "moda", "fields": {"network": "Preferred", "waiting_months": "1"}});
    let changed = bench.call("save_record", change.clone()).await;
    assert_eq!((&changed["created"], &changed["changed"]), (&json!(false), &json!(["waiting_months"])));
    assert_eq!(changed["record"]["fields"]["valid_until"], text("2027-06-30"), "the rest stays");
    let same = bench.call("save_record", change).await;
    assert_eq!(same.get("changed"), None);
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

#[tokio::test]
async fn every_value_that_does_not_fit_is_named_and_nothing_is_written() {
    let bench = Bench::new().await;
    let fields = json!({"network": "open", "waiting_months": "few", "valid_until": "soon", "colour": "blue"});
    let refused = bench.refused("save_record", json!({"fields": fields})).await;
    let mut faulty = refused.faulty_fields();
    faulty.sort_unstable();
    assert_eq!(faulty, ["/fields/colour", "/fields/network", "/fields/valid_until", "/fields/waiting_months"]);
    assert!(refused.text.contains("Preferred"), "{}", refused.text);
    let nameless = bench.refused("save_record", json!({"fields": {"network": "Closed"}})).await;
    assert_eq!(nameless.faulty_fields(), ["/fields/plan_name"]);
    assert_eq!(bench.refused("save_record", json!({"fields": {}})).await.faulty_fields(), ["/fields"]);
    let ambiguous = json!({"record": "Delta", "fields": {"network": "Closed"}});
    assert_eq!(bench.refused("save_record", ambiguous).await.candidates().len(), 2);
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn another_tenants_records_do_not_exist() {
    let bench = Bench::new().await;
    let id = bench.call("search_records", json!({"query": "moda"})).await["items"][0]["id"].clone();
    let change = json!({"record": id, "fields": {"cohort_name": "Mine"}});
    assert_eq!(bench.refused_as(RIVAL, "save_record", change).await.code(), "not_found");
    let elsewhere = json!({"location": DENTAL, "fields": {"plan_name": "Mine"}});
    assert_eq!(bench.refused_as(RIVAL, "save_record", elsewhere).await.code(), "not_found");
}

#[tokio::test]
async fn a_record_whose_answer_was_lost_is_found_and_not_made_again() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/objects/"})).await;
    let saved = bench.call("save_record", json!({"fields": {"plan_name": "Smile", "network": "Closed"}})).await;
    assert_eq!((&saved["created"], &saved["record"]["name"]), (&json!(true), &json!("Smile")));
    assert_eq!(writes(&bench.requests().await).len(), 1);
}
