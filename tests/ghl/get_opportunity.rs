use serde_json::json;

use crate::bench::{Bench, COURSES, DENTAL, RIVAL};

/// Yuki Young's recall visit: open, in `Replied` of `Recall and reactivation`.
const DEAL: &str = "6jwUpEa0cPBrI3yiXUgq";

#[tokio::test]
async fn a_deal_comes_with_its_contact_and_what_is_kept_about_it() {
    let bench = Bench::new().await;
    let contact =
        bench.call("search_opportunities", json!({"query": "Yuki Young"})).await["items"][0]["contact"].clone();
    bench.call("add_note", json!({"contact": contact["id"], "text": "Prefers mornings"})).await;
    let task = json!({"contact": contact["id"], "title": "Call", "due": "2027-01-04T15:00"});
    bench.call("save_task", task.clone()).await;
    let done = json!({"contact": contact["id"], "title": "Ask", "due": "2027-01-03", "completed": true});
    bench.call("save_task", done).await;
    let visit =
        json!({"contact": contact["id"], "calendar": "Consultation", "start": "2027-01-04T09:00", "owner": "Tom"});
    bench.call("book_appointment", visit).await;
    let found = bench.call("get_opportunity", json!({"opportunity": "Yuki Young"})).await;
    let deal = &found["opportunity"];
    assert_eq!((&deal["id"], &deal["name"]), (&json!(DEAL), &json!("Yuki Young - recall visit")));
    assert_eq!((&deal["pipeline"], &deal["stage"]), (&json!("Recall and reactivation"), &json!("Replied")));
    assert_eq!((&deal["status"], deal.get("lost_reason")), (&json!("open"), None));
    for time in ["stage_since", "status_since", "created_at", "updated_at"] {
        assert!(deal[time].as_str().is_some_and(|time| time.ends_with('Z')), "{time}: {deal}");
    }
    assert_eq!(deal["custom_fields"][0]["key"], "treatment");
    assert_eq!((&found["contact"]["id"], &found["contact"]["name"]), (&contact["id"], &json!("Yuki Young")));
    assert!(found["notes"].to_string().contains("Prefers mornings"), "{found}");
    assert_eq!(found["tasks"].as_array().unwrap().last().unwrap()["title"], "Ask", "what is done comes last");
    let visit = &found["appointments"][0];
    assert_eq!((&visit["starts_at"], visit.get("contact_id")), (&json!("2027-01-04T09:00:00-08:00"), None));
    let app = format!("https://app.gohighlevel.com/v2/location/{DENTAL}");
    assert_eq!(found["link"], format!("{app}/opportunities/{DEAL}?tab=Opportunity+details"));
    assert_eq!(found["contact_link"], format!("{app}/contacts/detail/{}", contact["id"].as_str().unwrap()));
}

#[tokio::test]
async fn a_lost_deal_tells_why() {
    let bench = Bench::new().await;
    let lost = json!({"opportunity": DEAL, "status": "lost", "lost_reason": "no reply"});
    bench.call("move_opportunity", lost).await;
    let found = bench.call("get_opportunity", json!({"opportunity": DEAL, "include": []})).await;
    assert_eq!(found["opportunity"]["lost_reason"], "No reply");
}

#[tokio::test]
async fn only_what_is_wanted_is_asked_for() {
    let bench = Bench::new().await;
    let found = bench.call("get_opportunity", json!({"opportunity": DEAL, "include": ["tasks"]})).await;
    assert!(found.get("notes").is_none() && found.get("appointments").is_none());
    assert!(found["tasks"].is_array());
    let requests = bench.requests().await;
    assert!(requests.iter().all(|request| !request.contains("/notes") && !request.contains("/appointments")));
}

#[tokio::test]
async fn several_and_unknown_deals_are_answered_by_the_candidates() {
    let bench = Bench::new().await;
    let several = bench.refused("get_opportunity", json!({"opportunity": "treatment plan"})).await;
    assert!(several.candidates().len() > 1, "{several:?}");
    let unknown = bench.refused("get_opportunity", json!({"opportunity": "No Such Deal At All"})).await;
    assert_eq!(unknown.code(), "not_found");
    let wrong = bench.refused("get_opportunity", json!({"opportunity": DEAL, "include": ["emails"]})).await;
    assert_eq!(wrong.faulty_fields(), ["/include/0"]);
}

#[tokio::test]
async fn another_tenants_deal_does_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "get_opportunity", json!({"opportunity": DEAL})).await.code(), "not_found");
    let strange = bench.refused("get_opportunity", json!({"opportunity": DEAL, "location": COURSES})).await;
    assert_eq!(strange.code(), "not_found");
}
