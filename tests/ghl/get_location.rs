use common::clock::Clock;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL, VISITOR};

#[tokio::test]
async fn a_location_tells_its_address_clock_rules_and_who_carries_its_messages() {
    let bench = Bench::new().await;
    let mut answer = bench.call("get_location", json!({})).await;
    let local_time = answer["local_time"].take();
    assert!(local_time.as_str().unwrap().ends_with("-08:00") || local_time.as_str().unwrap().ends_with("-07:00"));
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "address": "418 Alder Street, Portland, OR, 97205, US",
        "timezone": "America/Los_Angeles",
        "local_time": null,
        "email": "hello@dental.example.com",
        "phone": "+15035550199",
        "website": "https://dental.example.com",
        "allows_duplicate_contacts": false,
        "allows_duplicate_opportunities": false,
        "channels": [
            {"channel": "sms", "provider": "LC Phone", "is_default": true},
            {"channel": "email", "provider": "LC Email", "is_default": true}
        ],
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/dashboard")
    });
    assert_eq!(answer, expected);
}

/// Shows the location and nothing else: the token lacks the scopes.
fn only_the_location(arrival: &Arrival) -> Fault {
    let json = |status: u16, body: Value| Fault::Answer(Answer::new(status).body(body.to_string()));
    let id = arrival.target.strip_prefix("/locations/").filter(|rest| !rest.contains('/'));
    match id {
        Some(id) => json(200, json!({"location": {"id": id, "name": "Plain", "country": "US"}})),
        None => json(401, json!({"statusCode": 401, "message": "The token is not authorized for this scope."})),
    }
}

#[tokio::test]
async fn carriers_that_cannot_be_read_are_left_out() {
    let vendor = FaultyServer::start(&Clock::system(), only_the_location).await.unwrap();
    let base_url = format!("http://{}", vendor.authority());
    let bench = Bench::before(|_| base_url).await;
    let answer = bench.call_as(RIVAL, "get_location", json!({})).await;
    assert_eq!((&answer["address"], answer.get("channels")), (&json!("US"), None));
    assert_eq!((answer.get("timezone"), answer.get("allows_duplicate_contacts")), (None, None));
    assert!(answer["local_time"].as_str().unwrap().ends_with('Z'), "{answer}");
}

#[tokio::test]
async fn demo_locations_have_no_link() {
    let bench = Bench::new().await;
    let answer = bench.call_as(VISITOR, "get_location", json!({"location": "Iron Harbor"})).await;
    assert_eq!((answer.get("link"), &answer["location"]["demo"]), (None, &json!(true)));
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_locations_are_refused() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused("get_location", json!({"name": "x"})).await.faulty_fields(), ["/name"]);
    assert_eq!(bench.refused("get_location", json!({"location": COURSES})).await.code(), "not_found");
    assert_eq!(bench.refused_as(RIVAL, "get_location", json!({"location": DENTAL_NAME})).await.code(), "not_found");
}
