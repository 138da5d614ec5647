use serde_json::{Value, json};

use crate::bench::{Bench, CAREFUL, COURSES, DENTAL, DENTAL_NAME, GYM, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
const YUKI: &str = "Yuki Young";

/// A Monday on which nothing is booked.
const START: &str = "2027-01-04T09:00:00-08:00";

async fn book(bench: &Bench, arguments: Value) -> Value {
    bench.call("book_appointment", with_defaults(arguments)).await
}

fn with_defaults(arguments: Value) -> Value {
    let mut all = json!({"contact": HUGO, "calendar": "Consultation", "start": START});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    all
}

async fn bookings(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| *request == "POST /calendars/events/appointments").count()
}

async fn free(bench: &Bench) -> Value {
    let day = json!({"calendar": "Consultation", "from": "2027-01-04", "to": "2027-01-04"});
    bench.call("find_free_slots", day).await["days"][0]["times"].clone()
}

#[tokio::test]
async fn nobody_is_booked_without_a_yes_and_the_plan_says_it_in_words() {
    let bench = Bench::new().await;
    let email = json!({"location": GYM, "email": "new@example.com", "first_name": "New", "last_name": "Person"});
    bench.call_as(CAREFUL, "upsert_contact", email).await;
    let arguments = json!({
        "location": GYM, "contact": "new@example.com", "start": "2027-01-04T07:00", "owner": "Dana", "title": "First  class"
    });
    let refused = bench.refused_as(CAREFUL, "book_appointment", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let summary = "book New Person into “Free trial class” on Mon 4 Jan 2027, 07:00 (America/New_York, UTC-05:00) with \
        Dana Whitlock as “First class”; GoHighLevel may notify them";
    assert_eq!(plan["summary"], summary);
    assert_eq!((&plan["targets"], &plan["count"]), (&json!(["New Person"]), &json!(1)));
    assert_eq!(plan["is_reversible"], json!(false));
    assert_eq!(bookings(&bench).await, 0);
}

#[tokio::test]
async fn a_free_slot_is_booked_and_no_longer_free_for_its_owner() {
    let bench = Bench::new().await;
    let arguments = json!({
        "contact": "Hugo Laurent", "calendar": "consult", "start": "2027-01-04T09:00", "owner": "Tom",
        "title": "First visit", "note": "Bring X-rays"
    });
    let mut booked = bench.call("book_appointment", arguments).await;
    assert!(booked["appointment_id"].take().is_string());
    assert!(booked["calendar"]["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "appointment_id": null,
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "calendar": {"id": null, "name": "Consultation"},
        "starts_at": START,
        "ends_at": "2027-01-04T09:30:00-08:00",
        "status": "confirmed",
        "title": "First visit",
        "owner": "Tom Okafor",
        "note_written": true,
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(noted(&booked), expected);
    assert_eq!(free(&bench).await[0], "09:00", "Priya is free");
    let toms = json!({"calendar": "Consultation", "from": "2027-01-04", "owner": "Tom", "limit": 1});
    assert_eq!(bench.call("find_free_slots", toms).await["days"][0]["times"], json!(["09:30"]));
}

#[tokio::test]
async fn a_slot_that_is_taken_is_answered_by_the_next_free_ones() {
    let bench = Bench::new().await;
    book(&bench, json!({"owner": "Tom"})).await;
    let refused = bench.refused("book_appointment", with_defaults(json!({"contact": YUKI, "owner": "Tom"}))).await;
    assert_eq!(refused.code(), "conflict");
    assert_eq!(refused.candidates()[0], "Mon 4 Jan 2027, 09:30 (America/Los_Angeles, UTC-08:00)");
    assert_eq!(refused.candidates().len(), 5);
    assert_eq!(bookings(&bench).await, 1);
    let next = refused.error["details"]["candidates"][0]["id"].clone();
    assert_eq!(next, "2027-01-04T09:30:00-08:00");
    let booked = book(&bench, json!({"contact": YUKI, "owner": "Tom", "start": next})).await;
    assert_eq!(booked["starts_at"], next);
}

#[tokio::test]
async fn what_is_no_slot_of_the_calendar_cannot_be_booked() {
    let bench = Bench::new().await;
    for (start, next) in [
        ("2027-01-04T09:10:00-08:00", "2027-01-04T09:30:00-08:00"),
        ("2027-01-02T09:00", "2027-01-04T09:00:00-08:00"),
        ("2027-01-04T03:00", "2027-01-04T09:00:00-08:00"),
    ] {
        let refused = bench.refused("book_appointment", with_defaults(json!({"start": start}))).await;
        assert_eq!((refused.code(), &refused.error["details"]["candidates"][0]["id"]), ("conflict", &json!(next)));
    }
    let late = bench.refused("book_appointment", with_defaults(json!({"start": "2029-01-01T09:00"}))).await;
    assert_eq!((late.code(), late.candidates().len()), ("conflict", 0));
    assert_eq!(bookings(&bench).await, 0);
}

#[tokio::test]
async fn the_same_contact_is_not_booked_twice() {
    let bench = Bench::new().await;
    let first = book(&bench, json!({"owner": "Tom"})).await;
    let refused = bench.refused("book_appointment", with_defaults(json!({"owner": "Tom"}))).await;
    assert_eq!(refused.code(), "conflict");
    assert_eq!(refused.error["details"]["candidates"][0]["id"], first["appointment_id"]);
    // Priya would be free: that the contact is there already counts too.
    let again = bench.refused("book_appointment", with_defaults(json!({}))).await;
    assert_eq!(again.error["details"]["candidates"][0]["id"], first["appointment_id"]);
    assert_eq!(bookings(&bench).await, 1);
}

#[tokio::test]
async fn an_appointment_whose_answer_was_lost_is_found_and_not_booked_again() {
    for kind in ["done_but_unprocessable", "done_but_server_error"] {
        let bench = Bench::new().await;
        bench.order_fault(json!({"kind": kind, "path_prefix": "/calendars/events/"})).await;
        let booked = book(&bench, json!({})).await;
        assert_eq!((&booked["starts_at"], bookings(&bench).await), (&json!(START), 1), "{kind}");
    }
}

#[tokio::test]
async fn an_appointment_that_was_not_booked_is_said_not_to_be() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "path_prefix": "/calendars/events/"})).await;
    let refused = bench.refused("book_appointment", with_defaults(json!({}))).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
    assert_eq!(bookings(&bench).await, 1);
    assert_eq!(free(&bench).await[0], "09:00");
}

#[tokio::test]
async fn the_appointment_stands_though_its_note_could_not_be_written() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "path_prefix": "/calendars/appointments/"})).await;
    let booked = book(&bench, json!({"note": "Bring X-rays"})).await;
    assert_eq!((&booked["note_written"], &booked["status"]), (&json!(false), &json!("confirmed")));
}

#[tokio::test]
async fn the_same_key_books_one_appointment() {
    let bench = Bench::new().await;
    let arguments = with_defaults(json!({"idempotency_key": "lead-7"}));
    let first = bench.call("book_appointment", arguments.clone()).await;
    assert_eq!(bench.call("book_appointment", arguments).await, first);
    assert_eq!(bookings(&bench).await, 1);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("book_appointment", json!({"start": 5, "title": "", "force": true})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/contact", "/force", "/start", "/title"]);
    for start in ["2027-01-04", "monday at nine", "2027-03-14T02:30"] {
        let refused = bench.refused("book_appointment", with_defaults(json!({"start": start}))).await;
        assert_eq!(refused.faulty_fields(), ["/start"], "{start}");
    }
}

#[tokio::test]
async fn ambiguity_and_other_tenants_records_book_nothing() {
    let bench = Bench::new().await;
    let weber = bench.refused("book_appointment", with_defaults(json!({"contact": "Weber"}))).await;
    assert!(weber.candidates().len() > 1, "{weber:?}");
    let calendar = bench.refused("book_appointment", json!({"contact": HUGO, "start": START})).await;
    assert_eq!(calendar.candidates(), ["Consultation", "Recall visit"]);
    let unknown = bench.refused("book_appointment", with_defaults(json!({"owner": "Nobody Else"}))).await;
    assert_eq!(unknown.code(), "not_found");
    for arguments in [json!({"location": COURSES}), json!({"calendar": "Strategy call"})] {
        let refused = bench.refused("book_appointment", with_defaults(arguments)).await;
        assert_eq!(refused.code(), "not_found");
    }
    let rival = json!({"contact": HUGO, "calendar": "Strategy call", "start": "2027-01-04T10:00"});
    assert_eq!(bench.refused_as(RIVAL, "book_appointment", rival).await.code(), "not_found");
    assert_eq!(bookings(&bench).await, 0);
}
