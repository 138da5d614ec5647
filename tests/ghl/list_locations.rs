use serde_json::json;

use crate::bench::{AGENCY, Bench, COURSES, DENTAL, GYM, RIVAL};

#[tokio::test]
async fn lists_what_the_tenant_has_connected() {
    let list = Bench::new().await.call("list_locations", json!({})).await;
    let dental = json!({
        "id": DENTAL, "name": "Brightside Dental Group", "city": "Portland", "country": "US",
        "timezone": "America/Los_Angeles", "is_default": true, "is_connected": true
    });
    let gym = json!({
        "id": GYM, "name": "Iron Harbor Gym", "city": "Baltimore", "country": "US",
        "timezone": "America/New_York", "is_connected": true
    });
    assert_eq!(list, json!({"items": [dental, gym], "total": 2}));
}

#[tokio::test]
async fn an_agency_sees_all_its_locations() {
    let bench = Bench::new().await;
    let list = bench.call_as(AGENCY, "list_locations", json!({})).await;
    let connected: Vec<_> = list["items"].as_array().unwrap().iter().map(|row| row["is_connected"] == true).collect();
    assert_eq!(connected, [false, false, true], "{list}");
}

#[tokio::test]
async fn pages_lead_to_the_end_and_no_further() {
    let bench = Bench::new().await;
    let ids: Vec<_> =
        bench.all_pages("list_locations", json!({"limit": 1})).await.iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, [DENTAL, GYM]);
}

#[tokio::test]
async fn finds_by_name_and_city() {
    let bench = Bench::new().await;
    for query in ["harbor", "baltim"] {
        let list = bench.call("list_locations", json!({"query": query})).await;
        assert_eq!((&list["total"], &list["items"][0]["id"]), (&json!(1), &json!(GYM)), "{query}");
    }
}

#[tokio::test]
async fn tenants_see_their_own_locations_only() {
    let list = Bench::new().await.call_as(RIVAL, "list_locations", json!({})).await;
    assert_eq!((&list["total"], &list["items"][0]["id"]), (&json!(1), &json!(COURSES)));
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let refused = Bench::new().await.refused("list_locations", json!({"limit": 0, "query": 5, "page": 2})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/limit", "/page", "/query"]);
}

#[tokio::test]
async fn a_cursor_of_another_question_is_refused() {
    let bench = Bench::new().await;
    let page = bench.call("list_locations", json!({"limit": 1})).await;
    for (cursor, limit) in [(page["next_cursor"].clone(), 2), (json!("forged"), 1)] {
        let refused = bench.refused("list_locations", json!({"limit": limit, "cursor": cursor})).await;
        assert_eq!((refused.code(), refused.faulty_fields()), ("invalid_argument", vec!["/cursor"]));
    }
}
