use std::collections::HashSet;

use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, RIVAL};

#[tokio::test]
async fn rows_are_compact_and_newest_first() {
    let found = Bench::new().await.call("search_contacts", json!({"limit": 1})).await;
    let row = json!({
        "id": "7bz1vxurOfxGGeMCIas9", "name": "Hugo Laurent", "email": "hugo.laurent@example.com",
        "phone": "+15035550164", "tags": ["src_referral", "stage_lead", "stage_tripwire", "interest_implants"],
        "source": "Patient referral", "added_at": "2026-11-19T16:17:38Z"
    });
    assert_eq!(found["items"], json!([row]));
    assert_eq!(found["location"], json!({"id": DENTAL, "name": "Brightside Dental Group"}));
    assert_eq!(found["total"], 120);
    let form = format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{{id}}");
    assert_eq!(found["link_form"], form);
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let all = bench.all_pages("search_contacts", json!({"limit": 50})).await;
    let ids: HashSet<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (120, 120));
    let one_page = bench.call("search_contacts", json!({"limit": 100, "query": "laurent"})).await;
    assert_eq!(one_page.get("next_cursor"), None);
}

#[tokio::test]
async fn criteria_add_up_and_take_names() {
    let bench = Bench::new().await;
    let arguments = json!({"tags": ["Src_Paid"], "owner": "priya", "added_after": "2026-11-01", "limit": 100});
    let found = bench.call("search_contacts", arguments).await;
    let items = found["items"].as_array().unwrap();
    assert!(!items.is_empty());
    for row in items {
        assert_eq!(row["owner"], "Priya Raman", "{row}");
        assert!(row["tags"].as_array().unwrap().contains(&json!("src_paid")), "{row}");
        assert!(row["added_at"].as_str().unwrap() >= "2026-11-01", "{row}");
    }
}

#[tokio::test]
async fn custom_fields_are_found_by_key_or_name() {
    let bench = Bench::new().await;
    for field in ["company_size", "Company size"] {
        let found = bench.call("search_contacts", json!({"custom_fields": {field: "2-10"}, "limit": 1})).await;
        assert!(found["total"].as_u64().unwrap() > 0, "{field}");
    }
    let arguments = json!({"custom_fields": {"company_size": "huge", "lead score": "many", "shoe": "9"}});
    let refused = bench.refused("search_contacts", arguments).await;
    let fields = ["/custom_fields/company_size", "/custom_fields/lead score", "/custom_fields/shoe"];
    assert_eq!(refused.faulty_fields(), fields);
}

#[tokio::test]
async fn ambiguous_and_unknown_names_are_answered_by_candidates() {
    let bench = Bench::new().await;
    let refused = bench.refused("search_contacts", json!({"tags": ["src"]})).await;
    assert_eq!(refused.candidates(), ["src_organic", "src_paid", "src_referral", "src_website"]);
    let refused = bench.refused("search_contacts", json!({"tags": ["src_payed"]})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "src_paid"));
    let refused = bench.refused("search_contacts", json!({"location": "Iron Harbour"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Iron Harbor Gym"));
}

#[tokio::test]
async fn another_tenants_location_does_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "search_contacts", json!({"location": DENTAL})).await;
    assert_eq!((refused.code(), refused.candidates()), ("not_found", vec!["Course Compass Academy"]));
    let own = bench.call_as(RIVAL, "search_contacts", json!({"limit": 1})).await;
    assert_eq!(own["location"]["id"], COURSES);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({"limit": 1_000, "query": "x".repeat(76), "tags": "src_paid", "page": 1});
    let refused = bench.refused("search_contacts", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/limit", "/page", "/query", "/tags"]);
    let refused = bench.refused("search_contacts", json!({"added_after": "May", "added_before": "June"})).await;
    assert_eq!(refused.faulty_fields(), ["/added_after", "/added_before"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let bench = Bench::new().await;
    let cursor = bench.call("search_contacts", json!({"limit": 2})).await["next_cursor"].clone();
    let others: [Value; 3] = [
        json!({"limit": 2, "query": "ada", "cursor": cursor}),
        json!({"limit": 2, "location": "Iron Harbor Gym", "cursor": cursor}),
        json!({"limit": 2, "cursor": "e30"}),
    ];
    for arguments in others {
        let refused = bench.refused("search_contacts", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), ["/cursor"], "{arguments}");
    }
}
