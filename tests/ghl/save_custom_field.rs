use common::clock::Clock;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

fn writes(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|request| request.contains("/customFields") && !request.starts_with("GET")).collect()
}

#[tokio::test]
async fn a_field_is_defined_and_taken_by_its_key_at_once() {
    let bench = Bench::new().await;
    bench.call("search_contacts", json!({"custom_fields": {"lead_score": "7"}})).await;
    let arguments = json!({"name": "Favourite Hygienist", "type": "choice", "options": ["Ann", " Bo "]});
    let mut saved = bench.call("save_custom_field", arguments).await;
    assert!(saved["field"]["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "field": {
            "id": null, "key": "favourite_hygienist", "name": "Favourite Hygienist", "model": "contact",
            "type": "choice", "options": ["Ann", "Bo"]
        },
        "created": true
    });
    assert_eq!(noted(&saved), expected);
    let lead = json!({"email": "new@example.com", "custom_fields": {"favourite_hygienist": "bo"}});
    assert_eq!(bench.call("upsert_contact", lead).await["created"], true);
}

#[tokio::test]
async fn the_second_time_changes_it_and_only_what_differs() {
    let bench = Bench::new().await;
    let same = bench.call("save_custom_field", json!({"name": "contact.company_size", "type": "choice"})).await;
    assert_eq!((&same["created"], same.get("changed")), (&json!(false), None));
    let arguments = json!({"name": "Company size", "options": ["1", "2+"], "rename_to": "Team size"});
    let changed = bench.call("save_custom_field", arguments).await;
    assert_eq!((&changed["created"], &changed["changed"]), (&json!(false), &json!(["name", "options"])));
    assert_eq!((&changed["field"]["name"], &changed["field"]["key"]), (&json!("Team size"), &json!("company_size")));
    assert_eq!(changed["field"]["options"], json!(["1", "2+"]));
    assert_eq!(writes(&bench.requests().await).len(), 1, "what is so already is not written");
}

#[tokio::test]
async fn deals_have_fields_of_their_own() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "Treatment", "model": "contact", "type": "text"});
    let of_contacts = bench.call("save_custom_field", arguments).await;
    assert_eq!(of_contacts["created"], true);
    let both = bench.refused("save_custom_field", json!({"name": "Treatment"})).await;
    assert_eq!((both.code(), both.candidates().len()), ("invalid_argument", 2));
    let of_deals = bench.call("save_custom_field", json!({"name": "Treatment", "model": "opportunity"})).await;
    assert_eq!((&of_deals["created"], &of_deals["field"]["model"]), (&json!(false), &json!("opportunity")));
}

#[tokio::test]
async fn types_that_do_not_go_with_the_rest_are_refused_before_anything_is_written() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"name": "Budget"}), "/type"),
        (json!({"name": "Budget", "type": "choice"}), "/options"),
        (json!({"name": "Budget", "type": "money", "options": ["1"]}), "/options"),
        (json!({"name": "Budget", "type": "currency"}), "/type"),
        (json!({"name": "Lead score", "type": "text"}), "/type"),
        (json!({"name": "Lead score", "options": ["1"]}), "/options"),
        (json!({"name": " ", "type": "text"}), "/name"),
    ] {
        let refused = bench.refused("save_custom_field", arguments.clone()).await;
        assert_eq!((refused.code(), refused.faulty_fields()), ("invalid_argument", vec![field]), "{arguments}");
    }
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn renaming_what_is_not_there_makes_nothing() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "Lead scor", "type": "number", "rename_to": "Score"});
    let refused = bench.refused("save_custom_field", arguments).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Lead score"));
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn another_tenants_fields_stay_apart() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "Lead score", "rename_to": "Mine"});
    assert_eq!(bench.refused_as(RIVAL, "save_custom_field", arguments).await.code(), "not_found");
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn a_field_whose_answer_was_lost_is_found_by_the_next_call() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST"})).await;
    let arguments = json!({"name": "Budget", "type": "money"});
    let refused = bench.refused("save_custom_field", arguments.clone()).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    let saved = bench.call("save_custom_field", arguments).await;
    assert_eq!((&saved["created"], &saved["field"]["key"]), (&json!(false), &json!("budget")));
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

/// Takes options as a plain list only, as integrators have seen the vendor do.
fn plain_options_only(arrival: &Arrival) -> Fault {
    let answer = |status: u16, body: Value| Fault::Answer(Answer::new(status).body(body.to_string()));
    if arrival.method == "GET" {
        let body = if arrival.target.contains("customFields") {
            json!({"customFields": []})
        } else {
            json!({"location": {"id": arrival.target.rsplit('/').next(), "name": "Plain"}})
        };
        return answer(200, body);
    }
    let body: Value = serde_json::from_slice(&arrival.body).unwrap();
    if body.get("textBoxListOptions").is_some() {
        return answer(422, json!({"statusCode": 422, "message": ["options should not be empty"]}));
    }
    let field = json!({"id": "f1", "name": body["name"], "dataType": "RADIO", "picklistOptions": body["options"]});
    answer(201, json!({"customField": field}))
}

#[tokio::test]
async fn options_go_as_a_plain_list_where_the_documented_form_is_refused() {
    let vendor = FaultyServer::start(&Clock::system(), plain_options_only).await.unwrap();
    let base_url = format!("http://{}", vendor.authority());
    let bench = Bench::before(|_| base_url).await;
    let arguments = json!({"name": "Size", "type": "radio", "options": ["S", "L"]});
    let saved = bench.call_as(RIVAL, "save_custom_field", arguments).await;
    assert_eq!((&saved["created"], &saved["field"]["options"]), (&json!(true), &json!(["S", "L"])));
}
