use serde_json::{Value, json};

use crate::bench::{BOLD, Bench, DENTAL, DENTAL_NAME, RIVAL};

/// Yuki Young's recall visit: open, in `Replied` of `Recall and reactivation`.
const DEAL: &str = "6jwUpEa0cPBrI3yiXUgq";

async fn deals(bench: &Bench) -> Value {
    bench.call("search_opportunities", json!({"query": "Yuki Young"})).await["items"].clone()
}

async fn deletions(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("DELETE /opportunities/")).count()
}

#[tokio::test]
async fn nothing_is_deleted_without_a_yes_and_the_plan_says_what_it_is_worth() {
    let bench = Bench::new().await;
    let refused = bench.refused("delete_opportunity", json!({"opportunity": "Yuki Young"})).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let summary = "delete the deal “Yuki Young - recall visit” of Yuki Young, worth 120.00, open, in Recall and \
        reactivation, Replied";
    assert_eq!((&plan["summary"], &plan["is_reversible"]), (&json!(summary), &json!(false)));
    assert_eq!(plan["targets"], json!(["Yuki Young - recall visit"]));
    assert_eq!((deals(&bench).await[0]["id"].clone(), deletions(&bench).await), (json!(DEAL), 0));
}

#[tokio::test]
async fn a_deleted_deal_is_gone_and_shown_as_it_was() {
    let bench = Bench::new().await;
    let before = deals(&bench).await[0].clone();
    let deleted = bench.call_as(BOLD, "delete_opportunity", json!({"opportunity": DEAL})).await;
    assert_eq!(deleted["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!(deleted["deleted"], before);
    assert_eq!(deals(&bench).await, json!([]));
    let again = bench.refused_as(BOLD, "delete_opportunity", json!({"opportunity": DEAL})).await;
    assert_eq!((again.code(), deletions(&bench).await), ("not_found", 1));
}

#[tokio::test]
async fn taken_back_it_is_created_anew_under_another_id() {
    let bench = Bench::new().await;
    let before = deals(&bench).await[0].clone();
    let deleted = bench.call_as(BOLD, "delete_opportunity", json!({"opportunity": DEAL})).await;
    bench.call_as(BOLD, "undo_change", json!({"change": deleted["change_id"]})).await;
    let after = deals(&bench).await[0].clone();
    assert_ne!(after["id"], before["id"]);
    for field in ["name", "value", "status", "pipeline", "stage", "contact", "owner"] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_seen_to_have_been_made() {
    for kind in ["done_but_unprocessable", "done_but_server_error"] {
        let bench = Bench::new().await;
        bench.order_fault(json!({"kind": kind, "method": "DELETE"})).await;
        bench.call_as(BOLD, "delete_opportunity", json!({"opportunity": DEAL})).await;
        assert_eq!((deals(&bench).await, deletions(&bench).await), (json!([]), 1), "{kind}");
    }
}

#[tokio::test]
async fn a_deal_that_was_not_deleted_is_said_not_to_be() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "DELETE"})).await;
    let refused = bench.refused_as(BOLD, "delete_opportunity", json!({"opportunity": DEAL})).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
    assert_eq!(deletions(&bench).await, 1);
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_deals_delete_nothing() {
    let bench = Bench::new().await;
    let several = bench.refused_as(BOLD, "delete_opportunity", json!({"opportunity": "treatment plan"})).await;
    assert!(several.candidates().len() > 1, "{several:?}");
    let refused = bench.refused_as(BOLD, "delete_opportunity", json!({"opportunity": 5})).await;
    assert_eq!(refused.faulty_fields(), ["/opportunity"]);
    let strange = bench.refused_as(RIVAL, "delete_opportunity", json!({"opportunity": DEAL})).await;
    assert_eq!((strange.code(), deletions(&bench).await), ("not_found", 0));
}
