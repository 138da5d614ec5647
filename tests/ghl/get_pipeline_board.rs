use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn stages_are_summed_up_in_one_request() {
    let bench = Bench::new().await;
    let board = bench.call("get_pipeline_board", json!({"pipeline": "new"})).await;
    let stage = |id: &str, name: &str, count: u64, value: f64, weighted: f64| json!({"id": id, "name": name, "count": count, "value": value, "weighted_value": weighted});
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "pipeline": {"id": "YlCHMt8jLoxejhLuGO0G", "name": "New patients"},
        "status": "open",
        "stages": [
            stage("ab22e45c-e2b0-453e-a536-85c43e5b983b", "New lead", 7, 11_080.0, 1_108.0),
            stage("90d4e587-8a33-4af2-9da5-4b40bc61e3da", "Contacted", 5, 10_010.0, 2_502.5),
            stage("89d2b1ec-00c5-4029-b9dd-abfaee9f0f2c", "Consult booked", 4, 13_450.0, 6_725.0),
            stage("a3ea7300-ec1c-4a49-ba7e-114ee87b90a0", "Treatment plan sent", 7, 18_630.0, 13_041.0),
            stage("f02d9c99-02f3-42ad-9bce-e4292366a5d0", "Accepted", 5, 8_430.0, 8_008.5)
        ],
        "total": {"count": 28, "value": 61_600.0, "weighted_value": 31_385.0},
        "link_form": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/opportunities/{{id}}?tab=Opportunity+details")
    });
    assert_eq!(board, expected);
    let searches = bench.requests().await.iter().filter(|request| request.contains("/opportunities/search")).count();
    assert_eq!(searches, 1);
}

#[tokio::test]
async fn the_sums_are_those_of_the_deals() {
    let bench = Bench::new().await;
    let board = bench.call("get_pipeline_board", json!({"pipeline": "new", "status": "all"})).await;
    let deals = bench.all_pages("search_opportunities", json!({"pipeline": "new", "limit": 100})).await;
    let sum: f64 = deals.iter().map(|deal| deal["value"].as_f64().unwrap()).sum();
    assert_eq!(
        (board["total"]["count"].as_u64(), board["total"]["value"].as_f64()),
        (Some(deals.len() as u64), Some(sum))
    );
    assert!(board["total"]["won_value"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn the_top_deals_come_along_if_asked_for() {
    let bench = Bench::new().await;
    let board = bench.call("get_pipeline_board", json!({"pipeline": "new", "deals_per_stage": 2})).await;
    for stage in board["stages"].as_array().unwrap() {
        let values: Vec<f64> =
            stage["deals"].as_array().unwrap().iter().map(|deal| deal["value"].as_f64().unwrap()).collect();
        assert!(values.len() == 2 && values.is_sorted_by(|one, other| one >= other), "{stage}");
    }
}

#[tokio::test]
async fn several_pipelines_need_a_name() {
    let bench = Bench::new().await;
    let refused = bench.refused("get_pipeline_board", json!({})).await;
    assert_eq!(refused.candidates(), ["New patients", "Recall and reactivation"]);
    let refused = bench.refused_as(RIVAL, "get_pipeline_board", json!({"pipeline": "YlCHMt8jLoxejhLuGO0G"})).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let arguments = json!({"status": "closed", "deals_per_stage": 6, "top": 1});
    let refused = Bench::new().await.refused("get_pipeline_board", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/deals_per_stage", "/status", "/top"]);
}
