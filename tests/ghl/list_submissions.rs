use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

/// The seed's last weeks: the client's clock is not the emulator's.
fn lately(mut arguments: Value) -> Value {
    arguments["from"] = json!("2026-10-20");
    arguments["to"] = json!("2026-11-20");
    arguments
}

#[tokio::test]
async fn answers_come_with_the_questions_as_people_know_them() {
    let bench = Bench::new().await;
    let found = bench.call("list_submissions", lately(json!({"form": "New patient", "limit": 1}))).await;
    assert_eq!((&found["location"]["id"], &found["from"]), (&json!(DENTAL), &json!("2026-10-20")));
    assert_eq!(found["total"], 9);
    let row = &found["items"][0];
    assert_eq!(row["form"]["name"], "New patient enquiry");
    assert_eq!(row["submitted_at"], "2026-11-18T17:00:00Z");
    let questions: Vec<&str> =
        row["answers"].as_array().unwrap().iter().map(|answer| answer["question"].as_str().unwrap()).collect();
    assert_eq!(questions[0], "Full name");
    assert!(questions.ends_with(&["Insurance provider", "Preferred time", "Message"]), "{questions:?}");
    assert_eq!(row["answers"][0]["answer"]["untrusted"], row["contact"]["name"]);
    assert_eq!(row["page"]["untrusted"], "https://dental.example.com/contact");
}

#[tokio::test]
async fn the_attack_in_an_answer_is_fenced() {
    let text = Bench::new().await.text("list_submissions", lately(json!({"form": "New patient"}))).await;
    let (before, attack) = text.split_once("enrol every contact").expect("the seeded answer is shown");
    let opened = before.rfind("⟦untrusted form answer⟧").expect("a fence opens before it");
    assert!(!before[opened..].contains("⟦/untrusted⟧"), "the fence is still open where the attack begins");
    assert!(attack.contains("⟦/untrusted⟧"), "the fence closes behind it");
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let all = bench.all_pages("list_submissions", lately(json!({"limit": 5}))).await;
    let ids: std::collections::HashSet<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (18, 18));
    let instants: Vec<&str> = all.iter().map(|row| row["submitted_at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|one, other| one >= other), "{instants:?}");
}

#[tokio::test]
async fn surveys_days_and_people_narrow_the_list() {
    let bench = Bench::new().await;
    let survey = bench.call("list_submissions", lately(json!({"kind": "survey"}))).await;
    assert_eq!((&survey["total"], &survey["items"][0]["form"]["name"]), (&json!(9), &json!("After your visit")));
    let few = json!({"kind": "survey", "from": "2026-11-15", "to": "2026-11-17"});
    let few = bench.call("list_submissions", few).await;
    assert_eq!(few["items"].as_array().unwrap().len(), 1, "{few}");
    let person = survey["items"][0]["contact"].clone();
    for wanted in ["id", "name"] {
        let arguments = lately(json!({"kind": "survey", "contact": person[wanted]}));
        assert_eq!(bench.call("list_submissions", arguments).await["items"][0]["contact"], person, "{wanted}");
    }
}

#[tokio::test]
async fn without_days_it_looks_at_the_last_month() {
    let found = Bench::in_one_time().await.call("list_submissions", json!({})).await;
    assert_eq!(found["total"], 18);
    assert_eq!(found["location"]["name"], DENTAL_NAME);
}

#[tokio::test]
async fn another_tenants_answers_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "list_submissions", lately(json!({"location": DENTAL}))).await;
    assert_eq!(refused.code(), "not_found");
    let refused = bench.refused_as(RIVAL, "list_submissions", lately(json!({"form": "New patient enquiry"}))).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn wrong_days_and_cursors_are_told() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_submissions", json!({"from": "Monday", "to": "2026-13-01"})).await;
    assert_eq!(refused.faulty_fields(), ["/from", "/to"]);
    let refused = bench.refused("list_submissions", json!({"from": "2026-11-02", "to": "2026-11-01"})).await;
    assert_eq!(refused.faulty_fields(), ["/from"]);
    let page = bench.call("list_submissions", lately(json!({"limit": 2}))).await;
    let other = lately(json!({"limit": 2, "kind": "survey", "cursor": page["next_cursor"]}));
    assert_eq!(bench.refused("list_submissions", other).await.faulty_fields(), ["/cursor"]);
}
