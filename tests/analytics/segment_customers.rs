//! `segment_customers`: consent first, then segments that are there, gated, kept, and the same again.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};
use tests::database::on_each_database;

use crate::people::{EACH, customers, orders};
use crate::stage::{ORDERS, Stage};

async fn filled(stage: &Stage) {
    stage.import("shop", "customers", &customers()).await;
    stage.import("shop", "transactions", &orders()).await;
}

fn found(answer: &Value, gate: &str) -> f64 {
    let gates = Stage::column(&answer["gates"], "gate");
    let at = gates.iter().position(|name| name == gate).unwrap();
    Stage::column(&answer["gates"], "found")[at].as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_that_are_there_are_found_named_and_kept() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        filled(&stage).await;
        let answer = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        assert_eq!(answer["gate_passed"], true, "{answer:#}");
        let segments = &answer["segments"];
        assert_eq!(Stage::column(segments, "people"), [98, 98, 98], "{segments:#}");
        let names: Vec<String> = Stage::column(segments, "name").iter().map(ToString::to_string).collect();
        assert!(names.iter().any(|name| name.contains("many orders")), "{names:?}");
        assert!(names.iter().any(|name| name.contains("gone quiet")), "{names:?}");
        assert_eq!(answer["consent"], json!({"given": 294, "refused": 3, "unknown": 3}));
        assert!(found(&answer, "silhouette") >= 0.45 && found(&answer, "stability") >= 0.75);
        assert_eq!(answer["provenance"]["as_of"], "2026-11-19T00:00:00Z");
        let tries = Stage::column(&answer["tries"], "algorithm");
        assert!((14..=17).contains(&tries.len()), "{}", tries.len());
        let began = Instant::now();
        let again = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        let took = began.elapsed();
        assert_eq!((&again["result"], &again["provenance"]["cached"]), (&answer["result"], &json!(true)));
        assert_eq!(again["segments"], answer["segments"]);
        println!("cached answer: {took:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_that_is_missing_is_never_taken_for_given() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "transactions", &orders()).await;
        let refused = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        assert_eq!(refused["error"]["code"], "failed_precondition", "{refused:#}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("unknown 300"), "{refused:#}");
        let all = json!({"dataset": "shop", "missing_consent": "include"});
        let answer = stage.call("segment_customers", all).await;
        assert_eq!(answer["provenance"]["people"], 3 * EACH, "{answer:#}");
        assert!(answer["remarks"][0].as_str().unwrap().contains("300 people are in it of whom no consent is known"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_segmented_is_said_clearly() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("few", "transactions", ORDERS).await;
        let mut same = "customer_id,at,amount,currency\n".to_owned();
        for person in 0..50 {
            writeln!(same, "c{person},2026-01-01,5,EUR").unwrap();
        }
        stage.import("same", "transactions", &same).await;
        let mixed = "customer_id,at,amount,currency\na,2026-01-01,5,EUR\nb,2026-01-01,5,USD\n";
        stage.import("mixed", "transactions", mixed).await;
        stage.import("empty", "customers", &customers()).await;
        for (dataset, code, part) in [
            ("few", "failed_precondition", "2 rows"),
            ("same", "failed_precondition", "all alike"),
            ("mixed", "invalid_argument", "currency"),
            ("empty", "failed_precondition", "no transactions"),
            ("none", "not_found", "no data set"),
        ] {
            let all = json!({"dataset": dataset, "missing_consent": "include"});
            let refused = stage.call("segment_customers", all).await;
            assert_eq!(refused["error"]["code"], code, "{dataset}: {refused:#}");
            assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{dataset}: {refused:#}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_without_groups_get_no_segments_for_decisions() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        // Everything between the extremes, evenly.
        let mut text = "customer_id,at,amount,currency\n".to_owned();
        for person in 0..400_u32 {
            let (day, cents) = (person * 7 % 28 + 1, person * 37 % 400);
            let (month, whole, rest) = (person % 10 + 1, cents / 10 + 1, cents % 100);
            writeln!(text, "c{person},2026-{month:02}-{day:02},{whole}.{rest:02},EUR").unwrap();
        }
        stage.import("even", "transactions", &text).await;
        let answer = stage
            .call("segment_customers", json!({"dataset": "even", "missing_consent": "include", "scale": "standard"}))
            .await;
        assert_eq!(answer["gate_passed"], false, "{answer:#}");
        assert!(answer["next_step"].as_str().unwrap().starts_with("do not decide"));
    })
    .await;
}
