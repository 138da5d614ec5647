use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn figures_come_as_counts_and_rates() {
    let found = Bench::new().await.call("get_campaign_stats", json!({"campaign": "october"})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!(
        (&found["campaign"]["name"], &found["campaign"]["status"]),
        (&json!("October newsletter"), &json!("sent"))
    );
    let counts = json!({
        "sent": 104.0, "delivered": 99.0, "opened": 44.0, "clicked": 11.0, "replied": 1.0, "bounced": 5.0,
        "unsubscribed": 0.0, "complained": 0.0, "failed": 0.0,
    });
    assert_eq!(found["counts"], counts);
    assert_eq!((&found["rates"]["open"], &found["rates"]["bounce"]), (&json!(44.44), &json!(4.8)));
    assert_eq!(found.get("steps"), None);
}

#[tokio::test]
async fn a_workflow_tells_its_emails_and_one_of_them_is_named() {
    let bench = Bench::new().await;
    let all = bench.call("get_campaign_stats", json!({"campaign": "Recall", "kind": "workflow"})).await;
    let steps: Vec<&Value> = all["steps"].as_array().unwrap().iter().map(|step| &step["name"]).collect();
    assert_eq!(steps, ["First reminder", "Second reminder"]);
    let one = json!({"campaign": "Recall", "kind": "workflow", "step": "we kept a slot"});
    let one = bench.call("get_campaign_stats", one).await;
    assert_eq!(one["step"], all["steps"][1]);
    assert_eq!((&all["counts"]["sent"], &one["counts"]["sent"]), (&json!(180.0), &json!(90.0)));
    let bulk = bench.call("get_campaign_stats", json!({"campaign": "Raman", "kind": "bulk"})).await;
    assert_eq!(bulk["counts"]["sent"], 48.0);
}

#[tokio::test]
async fn a_draft_has_no_figures() {
    let refused = Bench::new().await.refused("get_campaign_stats", json!({"campaign": "Whitening spring offer"})).await;
    assert_eq!(refused.code(), "failed_precondition");
}

#[tokio::test]
async fn names_are_matched_and_steps_are_of_workflows() {
    let bench = Bench::new().await;
    let refused = bench.refused("get_campaign_stats", json!({"campaign": "newsletter"})).await;
    assert_eq!(refused.candidates(), ["October newsletter", "September newsletter"]);
    let refused = bench.refused("get_campaign_stats", json!({"campaign": "october", "step": "First"})).await;
    assert_eq!(refused.faulty_fields(), ["/step"]);
    let unknown = json!({"campaign": "Recall", "kind": "workflow", "step": "Third"});
    assert_eq!(bench.refused("get_campaign_stats", unknown).await.code(), "not_found");
}

#[tokio::test]
async fn another_tenants_figures_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "get_campaign_stats", json!({"campaign": "October newsletter"})).await;
    assert_eq!(refused.code(), "not_found");
    let id = bench.call("list_email_campaigns", json!({"query": "October"})).await["items"][0]["id"].clone();
    let refused = bench.refused_as(RIVAL, "get_campaign_stats", json!({"campaign": id})).await;
    assert!(["not_found", "permission_denied"].contains(&refused.code()), "{refused:?}");
}
