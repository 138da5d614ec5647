use serde_json::json;

use crate::bench::{Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

/// A Monday on which nothing is booked.
const START: &str = "2027-01-04T09:00:00-08:00";

async fn booked(bench: &Bench) -> String {
    let arguments = json!({
        "contact": HUGO, "calendar": "Consultation", "start": START, "owner": "Tom", "title": "First visit"
    });
    bench.call("book_appointment", arguments).await["appointment_id"].as_str().unwrap().to_owned()
}

async fn changes(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("PUT /calendars/events/appointments/")).count()
}

#[tokio::test]
async fn a_cancelled_appointment_stays_as_such_and_its_slot_is_free() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let cancelled = noted(&bench.call("cancel_appointment", json!({"appointment": id})).await);
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "appointment": {
            "id": id, "starts_at": START, "ends_at": "2027-01-04T09:30:00-08:00", "title": "First visit",
            "status": "cancelled", "calendar": "Consultation", "owner": "Tom Okafor"
        },
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "changed": true,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(cancelled, expected);
    let day = json!({"calendar": "Consultation", "from": "2027-01-04", "owner": "Tom", "limit": 1});
    assert_eq!(bench.call("find_free_slots", day).await["days"][0]["times"], json!(["09:00"]));
    let again = bench.call("cancel_appointment", json!({"appointment": id})).await;
    assert_eq!((&again["changed"], changes(&bench).await), (&json!(false), 1));
}

#[tokio::test]
async fn nothing_is_cancelled_without_a_yes_and_the_plan_says_who_and_when() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let refused = bench.refused_as(CAREFUL, "cancel_appointment", json!({"appointment": id})).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let summary = "cancel “First visit” of Hugo Laurent on Mon 4 Jan 2027, 09:00 (America/Los_Angeles, UTC-08:00) \
        with Tom Okafor; GoHighLevel may notify them";
    assert_eq!((&plan["summary"], &plan["targets"]), (&json!(summary), &json!(["Hugo Laurent"])));
    assert_eq!(changes(&bench).await, 0);
}

#[tokio::test]
async fn the_contact_names_the_one_appointment_to_come() {
    let bench = Bench::in_one_time().await;
    let slots = bench.call("find_free_slots", json!({"calendar": "Consultation", "limit": 1})).await;
    let part = |name: &str| slots["days"][0][name].as_str().unwrap().to_owned();
    let start = format!("{}T{}{}", part("date"), slots["days"][0]["times"][0].as_str().unwrap(), part("offset"));
    bench.call("upsert_contact", json!({"email": "new@example.com", "first_name": "New"})).await;
    let visit = json!({"contact": "new@example.com", "calendar": "Consultation", "start": start});
    bench.call("book_appointment", visit).await;
    let arguments = json!({"appointment": "new@example.com"});
    assert_eq!(bench.call("cancel_appointment", arguments.clone()).await["changed"], true);
    assert_eq!(bench.call("cancel_appointment", arguments).await["changed"], false);
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "PUT"})).await;
    let cancelled = bench.call("cancel_appointment", json!({"appointment": id})).await;
    assert_eq!((&cancelled["appointment"]["status"], changes(&bench).await), (&json!("cancelled"), 1));
}

#[tokio::test]
async fn a_server_error_is_told_and_nothing_is_repeated() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT"})).await;
    let refused = bench.refused("cancel_appointment", json!({"appointment": id})).await;
    assert_eq!((refused.code(), changes(&bench).await), ("upstream_unavailable", 1));
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_appointments_cancel_nothing() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let mut fields = bench.refused("cancel_appointment", json!({"id": id})).await;
    fields.error["details"]["faults"].as_array_mut().unwrap().sort_by_key(|fault| fault["field"].to_string());
    assert_eq!(fields.faulty_fields(), ["/appointment", "/id"]);
    let weber = bench.refused("cancel_appointment", json!({"appointment": "Weber"})).await;
    assert!(weber.candidates().len() > 1, "{weber:?}");
    let strange = bench.refused_as(RIVAL, "cancel_appointment", json!({"appointment": id})).await;
    assert_eq!((strange.code(), changes(&bench).await), ("not_found", 0));
}

#[tokio::test]
async fn a_cancellation_can_be_taken_back() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let cancelled = bench.call("cancel_appointment", json!({"appointment": id})).await;
    bench.call("undo_change", json!({"change": cancelled["change_id"]})).await;
    let list = bench.call("list_appointments", json!({"from": "2027-01-04", "to": "2027-01-04"})).await;
    assert_eq!(list["items"][0]["status"], "confirmed");
}
