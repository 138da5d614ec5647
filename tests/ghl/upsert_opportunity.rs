use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, GYM, RIVAL, noted};

/// Somebody without a deal in `New patients`.
async fn newcomer(bench: &Bench) -> String {
    let written = bench.call("upsert_contact", json!({"email": "new@example.com", "first_name": "New"})).await;
    written["contact"]["id"].as_str().unwrap().to_owned()
}

async fn upsert(bench: &Bench, arguments: Value) -> Value {
    let mut all = json!({"contact": "new@example.com", "pipeline": "New patients"});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    bench.call("upsert_opportunity", all).await
}

async fn deals(bench: &Bench, contact: &str) -> Vec<Value> {
    let found = bench.call("search_opportunities", json!({"contact": contact})).await;
    found["items"].as_array().unwrap().clone()
}

fn writes(requests: &[String]) -> usize {
    let is_write = |request: &&String| {
        request.contains("/opportunities/") && !request.starts_with("GET") && !request.ends_with("/search")
    };
    requests.iter().filter(is_write).count()
}

#[tokio::test]
async fn creates_with_names_for_ids() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    let arguments =
        json!({"stage": "contacted", "name": "Implant", "value": 3800.5, "owner": "tom@dental.example.com"});
    let mut made = upsert(&bench, arguments).await;
    let id = made["opportunity"]["id"].take();
    let app = format!("https://app.gohighlevel.com/v2/location/{DENTAL}");
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "opportunity": {
            "id": null, "name": "Implant", "value": 3800.5, "status": "open", "pipeline": "New patients",
            "stage": "Contacted", "contact": {"id": contact, "name": "New"}, "owner": "Tom Okafor",
            "stage_since": "2026-11-20T00:00:00Z"
        },
        "created": true,
        "opportunity_link": format!("{app}/opportunities/{}?tab=Opportunity+details", id.as_str().unwrap()),
        "link": format!("{app}/contacts/detail/{contact}")
    });
    assert_eq!(noted(&made), expected);
    assert_eq!(deals(&bench, &contact).await[0]["id"], id);
}

#[tokio::test]
async fn a_new_deal_begins_in_the_first_stage_under_the_contacts_name() {
    let bench = Bench::new().await;
    newcomer(&bench).await;
    let made = upsert(&bench, json!({})).await["opportunity"].clone();
    assert_eq!((&made["stage"], &made["name"], &made["status"]), (&json!("New lead"), &json!("New"), &json!("open")));
}

#[tokio::test]
async fn the_second_time_updates_the_same_deal_and_only_what_differs() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    let arguments = json!({"name": "Implant", "value": 3800});
    let first = upsert(&bench, arguments.clone()).await;
    let same = upsert(&bench, arguments).await;
    assert_eq!((&same["created"], same.get("changed")), (&json!(false), None));
    assert_eq!(writes(&bench.requests().await), 1, "what is so already is not written");
    let other = upsert(&bench, json!({"value": 4000, "stage": "Consult booked"})).await;
    assert_eq!((&other["created"], &other["changed"]), (&json!(false), &json!(["stage", "value"])));
    assert_eq!(other["opportunity"]["id"], first["opportunity"]["id"]);
    assert_eq!(
        (&other["opportunity"]["name"], &other["opportunity"]["stage"]),
        (&json!("Implant"), &json!("Consult booked"))
    );
    assert_eq!(deals(&bench, &contact).await.len(), 1);
}

#[tokio::test]
async fn each_pipeline_has_its_own_deal() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    upsert(&bench, json!({})).await;
    let other = upsert(&bench, json!({"pipeline": "Recall"})).await;
    assert_eq!((&other["created"], &other["opportunity"]["stage"]), (&json!(true), &json!("Overdue")));
    assert_eq!(deals(&bench, &contact).await.len(), 2);
}

#[tokio::test]
async fn a_won_deal_stays_as_it_is_where_the_location_allows_one_only() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    let won = upsert(&bench, json!({"name": "Implant", "value": 3800, "status": "won"})).await;
    let again = upsert(&bench, json!({"name": "Implant", "value": 3800, "status": "won"})).await;
    assert_eq!((&again["created"], &again["opportunity"]["id"]), (&json!(false), &won["opportunity"]["id"]));
    let arguments = json!({"contact": contact, "pipeline": "New patients", "value": 99});
    let refused = bench.refused("upsert_opportunity", arguments.clone()).await;
    assert_eq!((refused.code(), refused.candidates()), ("conflict", vec!["Implant (won)"]));
    assert_eq!(deals(&bench, &contact).await[0]["value"], 3800.0);
    let mut named = arguments;
    named["opportunity"] = won["opportunity"]["id"].clone();
    let reopened = bench.call("upsert_opportunity", named).await;
    assert_eq!((&reopened["changed"], &reopened["opportunity"]["value"]), (&json!(["value"]), &json!(99.0)));
}

#[tokio::test]
async fn where_duplicates_are_allowed_a_new_deal_stands_beside_the_won_one_and_two_open_ones_are_told_apart() {
    let bench = Bench::new().await;
    let lead = json!({"location": GYM, "email": "new@example.com", "first_name": "New"});
    bench.call("upsert_contact", lead).await;
    let gym = |arguments: Value| {
        let mut all = json!({"location": GYM, "pipeline": "Corporate wellness"});
        all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
        upsert(&bench, all)
    };
    let first = gym(json!({"name": "Spring", "status": "won"})).await;
    let second = gym(json!({"name": "Autumn"})).await;
    assert_eq!(second["created"], true);
    assert_ne!(second["opportunity"]["id"], first["opportunity"]["id"]);
    // Somebody opens the first again.
    let reopen = json!({"location": GYM, "opportunity": first["opportunity"]["id"], "status": "open"});
    bench.call("move_opportunity", reopen).await;
    let arguments = json!({"location": GYM, "contact": "new@example.com", "pipeline": "Corporate", "value": 5});
    let refused = bench.refused("upsert_opportunity", arguments).await;
    let mut candidates = refused.candidates();
    candidates.sort_unstable();
    assert_eq!((refused.code(), candidates), ("conflict", vec!["Autumn (open)", "Spring (open)"]));
    let chosen = gym(json!({"opportunity": second["opportunity"]["id"], "value": 5})).await;
    assert_eq!(chosen["changed"], json!(["value"]));
}

#[tokio::test]
async fn another_contacts_deal_and_another_pipeline_are_refused() {
    let bench = Bench::new().await;
    newcomer(&bench).await;
    let base = json!({"contact": "new@example.com", "opportunity": "Yuki Young", "value": 1});
    assert_eq!(bench.refused("upsert_opportunity", base.clone()).await.faulty_fields(), ["/opportunity"]);
    let yuki = bench.call("search_opportunities", json!({"query": "Yuki Young"})).await["items"][0].clone();
    let mut other = base;
    other["contact"] = yuki["contact"]["id"].clone();
    other["pipeline"] = json!("New patients");
    assert_eq!(bench.refused("upsert_opportunity", other).await.faulty_fields(), ["/pipeline"]);
    assert_eq!(writes(&bench.requests().await), 0);
}

#[tokio::test]
async fn a_deal_that_was_created_although_the_vendor_refused_is_reported_as_created() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    bench.order_fault(json!({"kind": "done_but_unprocessable", "path_prefix": "/opportunities/upsert"})).await;
    let made = upsert(&bench, json!({"name": "Implant"})).await;
    assert_eq!((&made["created"], &made["opportunity"]["name"]), (&json!(true), &json!("Implant")));
    assert_eq!((writes(&bench.requests().await), deals(&bench, &contact).await.len()), (1, 1));
}

#[tokio::test]
async fn a_refusal_that_did_nothing_stays_a_refusal_and_an_update_is_repeated() {
    let bench = Bench::new().await;
    newcomer(&bench).await;
    bench.order_fault(json!({"kind": "server_error", "path_prefix": "/opportunities/upsert"})).await;
    let arguments = json!({"contact": "new@example.com", "pipeline": "New patients"});
    assert_eq!(bench.refused("upsert_opportunity", arguments).await.code(), "upstream_unavailable");
    upsert(&bench, json!({})).await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT"})).await;
    assert_eq!(upsert(&bench, json!({"value": 7})).await["changed"], json!(["value"]));
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused =
        bench.refused("upsert_opportunity", json!({"value": -1, "status": "closed", "name": "", "source": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/contact", "/name", "/source", "/status", "/value"]);
}

#[tokio::test]
async fn ambiguity_and_the_unknown_are_answered_and_nothing_is_written() {
    let bench = Bench::new().await;
    newcomer(&bench).await;
    let contact = json!("new@example.com");
    let refused = bench.refused("upsert_opportunity", json!({"contact": contact})).await;
    assert_eq!(refused.candidates(), ["New patients", "Recall and reactivation"]);
    let stage = json!({"contact": contact, "pipeline": "New", "stage": "acepted"});
    let refused = bench.refused("upsert_opportunity", stage).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Accepted"));
    let weber = bench.refused("upsert_opportunity", json!({"contact": "Weber", "pipeline": "New"})).await;
    assert!(weber.candidates().len() > 1, "{weber:?}");
    assert_eq!(writes(&bench.requests().await), 0);
}

#[tokio::test]
async fn another_tenants_contact_does_not_exist() {
    let bench = Bench::new().await;
    let contact = newcomer(&bench).await;
    let arguments = json!({"contact": contact, "pipeline": "Enrolment"});
    assert_eq!(bench.refused_as(RIVAL, "upsert_opportunity", arguments).await.code(), "not_found");
}

#[tokio::test]
async fn a_lost_deal_is_written_with_its_reason_whether_new_or_not() {
    let bench = Bench::new().await;
    let email = json!({"email": "lost@example.com", "first_name": "Lost"});
    bench.call("upsert_contact", email).await;
    let mut deal = json!({
        "contact": "lost@example.com", "pipeline": "New patients", "status": "lost", "lost_reason": "price", "value": 10
    });
    let reason = async |answer: &Value| {
        let arguments = json!({"opportunity": answer["opportunity"]["id"], "include": []});
        bench.call("get_opportunity", arguments).await["opportunity"]["lost_reason"].clone()
    };
    let created = bench.call("upsert_opportunity", deal.clone()).await;
    assert_eq!((&created["created"], reason(&created).await), (&json!(true), json!("Price")));
    let again = bench.call("upsert_opportunity", deal.clone()).await;
    assert_eq!((&again["created"], again.get("changed")), (&json!(false), None));
    deal["lost_reason"] = json!("No reply");
    deal["opportunity"] = created["opportunity"]["id"].clone();
    deal["value"] = json!(20);
    let changed = bench.call("upsert_opportunity", deal.clone()).await;
    assert_eq!((&changed["changed"], reason(&changed).await), (&json!(["value", "lost_reason"]), json!("No reply")));
    deal["status"] = json!("open");
    assert_eq!(bench.refused("upsert_opportunity", deal).await.faulty_fields(), ["/lost_reason"]);
}
