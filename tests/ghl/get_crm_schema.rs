use common::clock::Clock;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, GYM, RIVAL};

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everything_that_arguments_can_name_comes_in_one_answer() {
    let bench = Bench::new().await;
    let schema = bench.call("get_crm_schema", json!({})).await;
    assert_eq!(schema["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!(schema["timezone"], "America/Los_Angeles");
    assert_eq!(names(&schema["pipelines"]), ["New patients", "Recall and reactivation"]);
    assert_eq!(names(&schema["pipelines"][1]["stages"]), ["Overdue", "Reminded", "Replied", "Booked"]);
    assert_eq!(names(&schema["lost_reasons"]), ["Insurance not accepted", "No reply", "Price", "Went elsewhere"]);
    assert_eq!(names(&schema["calendars"]), ["Consultation", "Recall visit"]);
    assert_eq!(schema["calendars"][0]["slot_minutes"], 30);
    let mut users = names(&schema["users"]);
    users.sort_unstable();
    assert_eq!(users, ["Lena Fischer", "Morgan Avery", "Priya Raman", "Tom Okafor"]);
    assert!(schema["tags"].as_array().unwrap().contains(&json!("src_paid")));
    let size = schema["custom_fields"].as_array().unwrap().iter().find(|field| field["key"] == "company_size");
    let expected = json!({
        "key": "company_size", "name": "Company size", "of": "contact", "type": "choice",
        "options": ["1", "2-10", "11-50", "51-200", "201+"]
    });
    assert_eq!(size.unwrap(), &expected);
    assert!(schema["custom_fields"].as_array().unwrap().iter().any(|field| field["of"] == "opportunity"));
    assert!(!schema["workflows"].as_array().unwrap().is_empty());
    assert!(schema.get("unreadable").is_none() && schema.get("cut").is_none());
}

#[tokio::test]
async fn parts_are_asked_for_alone_and_once_a_minute() {
    let bench = Bench::new().await;
    let arguments = json!({"location": GYM, "parts": ["calendars", "tags"]});
    let schema = bench.call("get_crm_schema", arguments.clone()).await;
    let mut parts: Vec<&String> = schema.as_object().unwrap().keys().collect();
    parts.sort_unstable();
    assert_eq!(parts, ["calendars", "location", "tags", "timezone"]);
    let asked = bench.requests().await.len();
    assert_eq!(bench.call("get_crm_schema", arguments).await, schema);
    assert_eq!(bench.requests().await.len(), asked);
    assert!(bench.requests().await.iter().all(|request| !request.contains("pipelines")));
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_locations_are_refused() {
    let bench = Bench::new().await;
    let refused = bench.refused("get_crm_schema", json!({"parts": ["stages"]})).await;
    assert_eq!(refused.faulty_fields(), ["/parts/0"]);
    assert_eq!(bench.refused("get_crm_schema", json!({"location": COURSES})).await.code(), "not_found");
    assert_eq!(bench.refused_as(RIVAL, "get_crm_schema", json!({"location": DENTAL})).await.code(), "not_found");
}

/// Shows the location and its calendars: the token lacks the other scopes.
fn only_calendars(arrival: &Arrival) -> Fault {
    let json = |status: u16, body: Value| Fault::Answer(Answer::new(status).body(body.to_string()));
    let id = arrival.target.strip_prefix("/locations/").filter(|rest| !rest.contains('/'));
    match id {
        Some(id) => json(200, json!({"location": {"id": id, "name": "Plain"}})),
        None if arrival.target.starts_with("/calendars/") => {
            json(200, json!({"calendars": [{"id": "c1", "name": "Call", "slotDuration": 30}]}))
        }
        None => json(401, json!({"statusCode": 401, "message": "The token is not authorized for this scope."})),
    }
}

#[tokio::test]
async fn what_the_token_may_not_read_is_named_and_the_rest_is_shown() {
    let vendor = FaultyServer::start(&Clock::system(), only_calendars).await.unwrap();
    let base_url = format!("http://{}", vendor.authority());
    let bench = Bench::before(|_| base_url).await;
    let schema = bench.call_as(RIVAL, "get_crm_schema", json!({})).await;
    assert_eq!(schema["calendars"], json!([{"id": "c1", "name": "Call", "slot_minutes": 30}]));
    let unreadable = ["pipelines", "lost_reasons", "users", "tags", "custom_fields", "workflows"];
    assert_eq!(schema["unreadable"], json!(unreadable));
    let some = bench.call_as(RIVAL, "get_crm_schema", json!({"parts": ["calendars"]})).await;
    assert_eq!(some.get("unreadable"), None);
}
