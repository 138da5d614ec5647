use serde_json::{Value, json};

use crate::bench::{Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

/// A Monday on which nothing is booked.
const START: &str = "2027-01-04T09:00:00-08:00";

async fn booked(bench: &Bench) -> String {
    let arguments = json!({"contact": HUGO, "calendar": "Consultation", "start": START, "owner": "Tom"});
    bench.call("book_appointment", arguments).await["appointment_id"].as_str().unwrap().to_owned()
}

async fn changes(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("PUT /calendars/events/appointments/")).count()
}

/// Toms free slots of the Monday.
async fn free(bench: &Bench) -> Value {
    let day = json!({"calendar": "Consultation", "from": "2027-01-04", "to": "2027-01-04", "owner": "Tom"});
    bench.call("find_free_slots", day).await["days"][0]["times"].clone()
}

#[tokio::test]
async fn an_appointment_is_moved_by_local_time_and_tells_where_it_was() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let arguments = json!({"appointment": id, "start": "2027-01-04T10:30"});
    let moved = noted(&bench.call("update_appointment", arguments).await);
    let row = |start: &str, end: &str| {
        json!({
            "id": id, "starts_at": start, "ends_at": end, "title": "Hugo Laurent", "status": "confirmed",
            "calendar": "Consultation", "owner": "Tom Okafor"
        })
    };
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "appointment": row("2027-01-04T10:30:00-08:00", "2027-01-04T11:00:00-08:00"),
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "changed": ["start"],
        "before": row(START, "2027-01-04T09:30:00-08:00"),
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(moved, expected);
    let times = free(&bench).await;
    assert_eq!((&times[0], &times[3]), (&json!("09:00"), &json!("11:00")));
}

#[tokio::test]
async fn nobody_is_told_of_a_change_without_a_yes_and_the_plan_says_it_in_words() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let arguments = json!({"appointment": id, "start": "2027-01-04T10:30", "owner": "Priya", "status": "confirmed"});
    let refused = bench.refused_as(CAREFUL, "update_appointment", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let summary = "change “Hugo Laurent” of Hugo Laurent on Mon 4 Jan 2027, 09:00 (America/Los_Angeles, UTC-08:00): \
        move it to Mon 4 Jan 2027, 10:30 (America/Los_Angeles, UTC-08:00), hand it over to Priya Raman; GoHighLevel \
        may notify them";
    assert_eq!(plan["summary"], summary);
    assert_eq!(plan["targets"], json!(["Hugo Laurent"]));
    assert_eq!(changes(&bench).await, 0);
}

#[tokio::test]
async fn a_time_or_person_that_is_not_free_is_answered_by_the_next_slots() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let other =
        json!({"contact": "Yuki Young", "calendar": "Consultation", "start": "2027-01-04T10:00", "owner": "Tom"});
    bench.call("book_appointment", other).await;
    let refused = bench.refused("update_appointment", json!({"appointment": id, "start": "2027-01-04T10:00"})).await;
    assert_eq!((refused.code(), refused.candidates().len()), ("conflict", 5));
    assert_eq!(refused.error["details"]["candidates"][0]["id"], "2027-01-04T10:30:00-08:00");
    let refused = bench.refused("update_appointment", json!({"appointment": id, "start": "2027-01-03T10:00"})).await;
    assert_eq!(refused.code(), "conflict");
    // Lena is not of this calendar's team.
    let refused = bench.refused("update_appointment", json!({"appointment": id, "owner": "Lena"})).await;
    assert_eq!((refused.code(), changes(&bench).await), ("conflict", 0));
    let forced = json!({"appointment": id, "start": "2027-01-04T10:00", "ignore_availability": true});
    let moved = bench.call("update_appointment", forced).await;
    assert_eq!(moved["appointment"]["starts_at"], "2027-01-04T10:00:00-08:00");
}

#[tokio::test]
async fn what_is_so_already_is_not_written() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let same = json!({"appointment": id, "start": START, "status": "confirmed", "owner": "Tom Okafor"});
    let answer = bench.call("update_appointment", same).await;
    assert_eq!((&answer["changed"], answer.get("before")), (&json!([]), None));
    assert_eq!(changes(&bench).await, 0);
}

#[tokio::test]
async fn an_outcome_is_noted_without_asking_for_a_slot() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    for status in ["showed", "noshow", "cancelled", "new"] {
        let answer = bench.call("update_appointment", json!({"appointment": id, "status": status})).await;
        assert_eq!((&answer["appointment"]["status"], &answer["changed"]), (&json!(status), &json!(["status"])));
    }
}

#[tokio::test]
async fn the_contact_names_the_one_appointment_to_come() {
    let bench = Bench::in_one_time().await;
    let slots = json!({"calendar": "Consultation", "owner": "Tom", "limit": 3});
    let slots = bench.call("find_free_slots", slots).await;
    let slot = |day: usize, time: usize| {
        let day = &slots["days"][day];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{}T{}{}", text(&day["date"]), text(&day["times"][time]), text(&day["offset"]))
    };
    let email = json!({"email": "new@example.com", "first_name": "New", "last_name": "Person"});
    bench.call("upsert_contact", email).await;
    let contact = "new@example.com";
    let none = bench.refused("update_appointment", json!({"appointment": contact, "status": "confirmed"})).await;
    assert_eq!(none.code(), "not_found");
    let book = |start: String| json!({"contact": contact, "calendar": "Consultation", "start": start, "owner": "Tom"});
    bench.call("book_appointment", book(slot(0, 0))).await;
    let changed = bench.call("update_appointment", json!({"appointment": contact, "owner": "Priya"})).await;
    assert_eq!(changed["appointment"]["owner"], "Priya Raman");
    let last = slots["days"].as_array().unwrap().len() - 1;
    let time = slots["days"][last]["times"].as_array().unwrap().len() - 1;
    bench.call("book_appointment", book(slot(last, time))).await;
    let several = bench.refused("update_appointment", json!({"appointment": contact, "status": "new"})).await;
    assert_eq!((several.code(), several.candidates().len()), ("invalid_argument", 2));
    // What has not begun yet cannot have been missed.
    let missed = bench.refused("update_appointment", json!({"appointment": contact, "status": "noshow"})).await;
    assert_eq!(missed.code(), "not_found");
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_and_one_that_was_not_made_is_said_so() {
    for kind in ["done_but_unprocessable", "done_but_server_error"] {
        let bench = Bench::new().await;
        let id = booked(&bench).await;
        bench.order_fault(json!({"kind": kind, "method": "PUT"})).await;
        let changed = bench.call("update_appointment", json!({"appointment": id, "status": "showed"})).await;
        assert_eq!((&changed["appointment"]["status"], changes(&bench).await), (&json!("showed"), 1), "{kind}");
    }
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    bench.order_fault(json!({"kind": "server_error", "method": "PUT"})).await;
    let refused = bench.refused("update_appointment", json!({"appointment": id, "status": "showed"})).await;
    assert_eq!((refused.code(), changes(&bench).await), ("upstream_unavailable", 1));
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_appointments_change_nothing() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let refused = bench.refused("update_appointment", json!({"appointment": id})).await;
    assert_eq!(refused.faulty_fields(), ["/start", "/status", "/owner"]);
    for start in ["2027-01-04", "monday at nine"] {
        let refused = bench.refused("update_appointment", json!({"appointment": id, "start": start})).await;
        assert_eq!(refused.faulty_fields(), ["/start"], "{start}");
    }
    let refused = bench.refused("update_appointment", json!({"appointment": id, "status": "lost"})).await;
    assert_eq!(refused.faulty_fields(), ["/status"]);
    let strange = bench.refused_as(RIVAL, "update_appointment", json!({"appointment": id, "status": "showed"})).await;
    assert_eq!(strange.code(), "not_found");
    assert_eq!(changes(&bench).await, 0);
}

#[tokio::test]
async fn a_move_can_be_taken_back_and_the_plan_says_that_people_may_be_told() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    let arguments = json!({"appointment": id, "start": "2027-01-04T10:30", "owner": "Priya"});
    let moved = bench.call("update_appointment", arguments).await;
    let undone = bench.call("undo_change", json!({"change": moved["change_id"]})).await;
    let step = "set start and owner of the appointment back to what was there; GoHighLevel may notify them";
    assert_eq!((&undone["steps"], undone.get("not_restored")), (&json!([step]), None));
    let list = bench.call("list_appointments", json!({"from": "2027-01-04", "to": "2027-01-04"})).await;
    let row = &list["items"][0];
    assert_eq!((&row["starts_at"], &row["ends_at"]), (&json!(START), &json!("2027-01-04T09:30:00-08:00")));
    assert_eq!(row["owner"], "Tom Okafor");
}
