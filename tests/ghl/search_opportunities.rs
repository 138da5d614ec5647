use std::collections::HashSet;

use serde_json::json;

use crate::bench::{Bench, COURSES, DENTAL, RIVAL};

#[tokio::test]
async fn rows_are_compact_and_named() {
    let arguments = json!({"pipeline": "new pat", "stage": "consult", "status": "open", "sort": "value", "limit": 1});
    let found = Bench::new().await.call("search_opportunities", arguments).await;
    let row = json!({
        "id": "wHbipYPaH7a09lnWGC01", "name": "Noah Ibrahim - treatment plan", "value": 5_400.0, "status": "open",
        "pipeline": "New patients", "stage": "Consult booked",
        "contact": {"id": "0VDq1yOifhQcqlSVTcwR", "name": "Noah Ibrahim"}, "stage_since": "2026-10-11T20:02:03Z"
    });
    assert_eq!((&found["items"], &found["total"]), (&json!([row]), &json!(4)));
    let form = format!("https://app.gohighlevel.com/v2/location/{DENTAL}/opportunities/{{id}}?tab=Opportunity+details");
    assert_eq!(found["link_form"], form);
}

#[tokio::test]
async fn pages_lead_to_the_end_in_either_order() {
    let bench = Bench::new().await;
    for sort in ["newest", "value"] {
        let all = bench.all_pages("search_opportunities", json!({"limit": 20, "sort": sort})).await;
        let ids: HashSet<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!((all.len(), ids.len()), (73, 73), "{sort}");
    }
}

#[tokio::test]
async fn the_deals_of_a_contact_and_of_an_owner_are_found_by_name() {
    let bench = Bench::new().await;
    let found = bench.call("search_opportunities", json!({"contact": "Daniel Zimmer"})).await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &json!("t94Q1j8f5apWxOLwsaeh")));
    let found = bench.call("search_opportunities", json!({"owner": "lena", "limit": 100})).await;
    let items = found["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|row| row["owner"] == "Lena Fischer"), "{found}");
}

#[tokio::test]
async fn stale_deals_have_been_in_their_stage_for_long() {
    let bench = Bench::new().await;
    let stale = bench.call("search_opportunities", json!({"stale_days": 60, "status": "open", "limit": 100})).await;
    let items = stale["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|row| row["stage_since"].is_string()), "{stale}");
    let never = bench.call("search_opportunities", json!({"stale_days": 3650})).await;
    assert_eq!(never["total"], 0);
}

#[tokio::test]
async fn a_stage_needs_its_pipeline_where_there_are_several() {
    let bench = Bench::new().await;
    let refused = bench.refused("search_opportunities", json!({"stage": "Contacted"})).await;
    assert_eq!(refused.candidates(), ["New patients", "Recall and reactivation"]);
    let refused = bench.refused("search_opportunities", json!({"pipeline": "new", "stage": "contactd"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Contacted"));
}

#[tokio::test]
async fn tenants_see_their_own_deals_only() {
    let bench = Bench::new().await;
    let found = bench.call_as(RIVAL, "search_opportunities", json!({"query": "Noah Ibrahim"})).await;
    assert_eq!((&found["location"]["id"], &found["total"]), (&json!(COURSES), &json!(0)));
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let arguments = json!({"status": "all", "stale_days": 0, "sort": "oldest", "limit": 500});
    let refused = Bench::new().await.refused("search_opportunities", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/limit", "/sort", "/stale_days", "/status"]);
}
