use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

fn writes(requests: &[String]) -> Vec<&String> {
    let is_write = |request: &&String| {
        !request.starts_with("GET") && (request.contains("/businesses/") || request.contains("/business"))
    };
    requests.iter().filter(is_write).collect()
}

async fn people(bench: &Bench, business: &str) -> Vec<Value> {
    bench.call("list_businesses", json!({"business": business})).await["contacts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_business_is_made_with_the_people_in_it() {
    let bench = Bench::new().await;
    let arguments = json!({
        "name": "Hawthorne Cycles", "details": {"city": "Portland", "postal_code": "97214"},
        "contacts": ["Hugo Laurent", "6jwUpEa0cPBrI3yiXUgq"]
    });
    let refused = bench.refused("save_business", arguments.clone()).await;
    assert_eq!(refused.code(), "not_found", "a deal's id is no contact's");
    assert!(writes(&bench.requests().await).is_empty(), "nobody is put anywhere before all are known");

    let mut arguments = arguments;
    arguments["contacts"] = json!(["Hugo Laurent"]);
    let mut saved = bench.call("save_business", arguments).await;
    assert!(saved["business"]["id"].take().is_string());
    let hugo = json!({"id": "7bz1vxurOfxGGeMCIas9", "name": "Hugo Laurent"});
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "business": {
            "id": null, "name": "Hawthorne Cycles", "details": {"city": "Portland", "postal_code": "97214"}
        },
        "created": true, "contacts": [hugo]
    });
    assert_eq!(noted(&saved), expected);
    assert_eq!(people(&bench, "Hawthorne Cycles").await, [hugo]);
}

#[tokio::test]
async fn the_second_time_changes_only_what_differs() {
    let bench = Bench::new().await;
    let same = json!({"name": "ROSEWATER bakery", "details": {"city": "Portland"}});
    let same = bench.call("save_business", same).await;
    assert_eq!((&same["created"], same.get("changed")), (&json!(false), None));
    assert!(writes(&bench.requests().await).is_empty());
    let change = json!({"name": "Rosewater Bakery", "rename_to": "Rosewater", "details": {"city": "Salem"}});
    let changed = bench.call("save_business", change).await;
    assert_eq!((&changed["business"]["name"], &changed["changed"]), (&json!("Rosewater"), &json!(["name", "city"])));
    assert_eq!(changed["business"]["details"]["website"], "https://rosewater-bakery.example.com", "it stays");
}

#[tokio::test]
async fn renaming_what_is_not_there_makes_nothing() {
    let bench = Bench::new().await;
    let refused = bench.refused("save_business", json!({"name": "Rosewater Bakry", "rename_to": "Rosewater"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Rosewater Bakery"));
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn a_contact_moves_from_one_business_to_another() {
    let bench = Bench::new().await;
    let before = people(&bench, "Rosewater Bakery").await;
    let who = before[0].clone();
    bench.call("save_business", json!({"name": "Pearl Street Studio", "contacts": [who["id"]]})).await;
    assert!(!people(&bench, "Rosewater Bakery").await.contains(&who));
    assert!(people(&bench, "Pearl Street Studio").await.contains(&who));
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("save_business", json!({"details": {"size": "12"}, "people": []})).await;
    assert_eq!(refused.faulty_fields().len(), 3, "{refused:?}");
    let refused = bench.refused("save_business", json!({"name": " ", "details": {"city": ""}})).await;
    assert_eq!(refused.faulty_fields(), ["/name", "/details/city"]);
    assert!(bench.refused("save_business", json!({"name": "x", "contacts": ["Weber"]})).await.candidates().len() > 1);
}

#[tokio::test]
async fn another_tenants_businesses_stay_apart() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "Rosewater Bakery", "details": {"city": "Salem"}});
    assert_eq!(bench.refused_as(RIVAL, "save_business", arguments).await.code(), "not_found");
}

#[tokio::test]
async fn a_business_whose_answer_was_lost_is_found_by_the_next_call() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/businesses"})).await;
    let arguments = json!({"name": "Hawthorne Cycles"});
    assert_eq!(bench.refused("save_business", arguments.clone()).await.code(), "upstream_unavailable");
    assert_eq!(bench.call("save_business", arguments).await["created"], false);
}
