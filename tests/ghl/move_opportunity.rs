use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

/// Yuki Young's recall visit: open, in `Replied` of `Recall and reactivation`.
const DEAL: &str = "6jwUpEa0cPBrI3yiXUgq";

#[tokio::test]
async fn moves_to_a_stage_by_name_and_tells_both_ends() {
    let bench = Bench::new().await;
    let moved = bench.call("move_opportunity", json!({"opportunity": DEAL, "stage": "booked", "status": "won"})).await;
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "opportunity": {"id": DEAL, "name": "Yuki Young - recall visit"},
        "changed": true,
        "before": {"pipeline": "Recall and reactivation", "stage": "Replied", "status": "open"},
        "after": {"pipeline": "Recall and reactivation", "stage": "Booked", "status": "won"},
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/opportunities/{DEAL}?tab=Opportunity+details")
    });
    assert_eq!(noted(&moved), expected);
    let found = bench.call("search_opportunities", json!({"query": "Yuki Young"})).await;
    assert_eq!((&found["items"][0]["stage"], &found["items"][0]["status"]), (&json!("Booked"), &json!("won")));
}

#[tokio::test]
async fn another_pipeline_means_its_first_stage() {
    let bench = Bench::new().await;
    let moved = bench.call("move_opportunity", json!({"opportunity": "Yuki Young", "pipeline": "new patients"})).await;
    assert_eq!(moved["after"], json!({"pipeline": "New patients", "stage": "New lead", "status": "open"}));
}

#[tokio::test]
async fn a_deal_that_is_there_already_is_not_written() {
    let bench = Bench::new().await;
    let arguments = json!({"opportunity": DEAL, "stage": "Replied", "status": "open"});
    let moved = bench.call("move_opportunity", arguments).await;
    assert_eq!((&moved["changed"], &moved["before"]), (&json!(false), &moved["after"]));
    assert!(bench.requests().await.iter().all(|request| !request.starts_with("PUT")));
}

#[tokio::test]
async fn a_server_error_is_repeated_since_moving_twice_is_moving_once() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT"})).await;
    let moved = bench.call("move_opportunity", json!({"opportunity": DEAL, "status": "lost"})).await;
    assert_eq!(moved["after"]["status"], "lost");
}

#[tokio::test]
async fn unknown_stages_are_answered_by_the_nearest() {
    let bench = Bench::new().await;
    let refused = bench.refused("move_opportunity", json!({"opportunity": DEAL, "stage": "bookt"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Booked"));
    let refused = bench.refused("move_opportunity", json!({"opportunity": "treatment plan", "status": "won"})).await;
    assert!(refused.candidates().len() > 1, "{refused:?}");
}

#[tokio::test]
async fn another_tenants_deal_does_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "move_opportunity", json!({"opportunity": DEAL, "status": "won"})).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("move_opportunity", json!({"status": "closed", "stage": 5, "to": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/opportunity", "/stage", "/status", "/to"]);
    let refused = bench.refused("move_opportunity", json!({"opportunity": DEAL})).await;
    assert_eq!(refused.faulty_fields(), ["/stage", "/pipeline", "/status"]);
}

#[tokio::test]
async fn a_lost_deal_gets_its_reason_by_name_and_can_get_another() {
    let bench = Bench::new().await;
    let lost = json!({"opportunity": DEAL, "stage": "Reminded", "status": "lost", "lost_reason": "price"});
    let moved = bench.call("move_opportunity", lost.clone()).await;
    let place = |reason: &str| {
        json!({
            "pipeline": "Recall and reactivation", "stage": "Reminded", "status": "lost", "lost_reason": reason
        })
    };
    assert_eq!((&moved["changed"], &moved["after"]), (&json!(true), &place("Price")));
    assert_eq!(bench.call("move_opportunity", lost).await["changed"], false);
    let other = json!({"opportunity": DEAL, "lost_reason": "No reply"});
    let moved = bench.call("move_opportunity", other).await;
    assert_eq!((&moved["before"], &moved["after"]), (&place("Price"), &place("No reply")));
    bench.call("undo_change", json!({"change": moved["change_id"]})).await;
    let found = bench.call("get_opportunity", json!({"opportunity": DEAL, "include": []})).await;
    assert_eq!(found["opportunity"]["lost_reason"], "Price");
    let open = bench.call("move_opportunity", json!({"opportunity": DEAL, "status": "open"})).await;
    assert_eq!(open["after"].get("lost_reason"), None);
}

#[tokio::test]
async fn a_reason_that_is_none_or_of_no_lost_deal_is_refused() {
    let bench = Bench::new().await;
    let unknown = json!({"opportunity": DEAL, "status": "lost", "lost_reason": "Prize"});
    let refused = bench.refused("move_opportunity", unknown).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Price"));
    for status in [json!("won"), json!(null)] {
        let wrong = json!({"opportunity": DEAL, "status": status, "lost_reason": "Price"});
        assert_eq!(bench.refused("move_opportunity", wrong).await.faulty_fields(), ["/lost_reason"]);
    }
    assert!(bench.requests().await.iter().all(|request| !request.starts_with("PUT")));
}
