use serde_json::json;

use crate::bench::{AGENCY, Bench, DENTAL, GYM, NOBODY, VISITOR};

#[tokio::test]
async fn says_who_acts_and_where() {
    let bench = Bench::new().await;
    let context = bench.call("get_account_context", json!({})).await;
    let expected = json!({
        "tenant": "acme",
        "subject": "tester",
        "role": "admin",
        "connection": "locations",
        "locations": [
            {
                "id": DENTAL, "name": "Brightside Dental Group", "timezone": "America/Los_Angeles",
                "is_default": true, "is_connected": true, "requests_left_now": 99, "requests_left_today": 199_999
            },
            {
                "id": GYM, "name": "Iron Harbor Gym", "timezone": "America/New_York",
                "is_connected": true, "requests_left_now": 99, "requests_left_today": 199_999
            }
        ],
        "locations_total": 2,
        "toolsets": [
            "core", "contacts", "conversations", "pipeline", "calendar", "automation", "content", "setup", "commerce",
            "funnels", "affiliates", "locations"
        ]
    });
    assert_eq!(context, expected);
}

#[tokio::test]
async fn is_free_while_the_directory_is_fresh() {
    let bench = Bench::new().await;
    for _ in 0..5 {
        bench.call("get_account_context", json!({})).await;
    }
    assert_eq!(bench.requests().await.len(), 2, "one request for each location");
}

#[tokio::test]
async fn demo_accounts_are_marked() {
    let bench = Bench::new().await;
    let context = bench.call_as(VISITOR, "get_account_context", json!({})).await;
    assert_eq!((&context["demo"], &context["locations_total"]), (&json!(true), &json!(3)));
    let found = bench.call_as(VISITOR, "search_contacts", json!({"location": "gym", "limit": 1})).await;
    assert_eq!(found["location"], json!({"id": GYM, "name": "Iron Harbor Gym", "demo": true}));
}

#[tokio::test]
async fn an_agencys_unconnected_locations_are_shown_as_such() {
    let bench = Bench::new().await;
    let context = bench.call_as(AGENCY, "get_account_context", json!({})).await;
    assert_eq!((&context["connection"], &context["locations_total"]), (&json!("agency"), &json!(3)));
    let refused = bench.refused_as(AGENCY, "search_contacts", json!({"location": "dental"})).await;
    // `dental` is in no name of the agency's list but one.
    assert_eq!(refused.code(), "failed_precondition");
}

#[tokio::test]
async fn a_tenant_without_an_account_is_told_what_to_do() {
    let refused = Bench::new().await.refused_as(NOBODY, "get_account_context", json!({})).await;
    assert_eq!(refused.code(), "failed_precondition");
    assert!(refused.text.contains("[[ghl.connections]]"), "{}", refused.text);
}

#[tokio::test]
async fn arguments_are_refused() {
    let refused = Bench::new().await.refused("get_account_context", json!({"x": 1, "y": 2})).await;
    assert_eq!((refused.code(), refused.faulty_fields()), ("invalid_argument", vec!["/x", "/y"]));
}
