use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

fn texts<'a>(page: &'a [Value], key: &str) -> Vec<&'a str> {
    page.iter().map(|row| row[key].as_str().unwrap_or_default()).collect()
}

/// Gives a contact something of every kind.
async fn lived(bench: &Bench) {
    bench.call("add_note", json!({"contact": HUGO, "text": "Prefers mornings", "title": "Call"})).await;
    bench.call("save_task", json!({"contact": HUGO, "title": "Call back", "due": "2026-11-24T15:00"})).await;
    bench.call("send_message", json!({"contact": HUGO, "channel": "sms", "text": "See you"})).await;
    let email = json!({"contact": HUGO, "channel": "email", "subject": "Visit", "text": "As agreed"});
    bench.call("send_message", email).await;
    let visit = json!({
        "contact": HUGO, "calendar": "Consultation", "start": "2027-01-04T09:00:00-08:00", "owner": "Tom",
        "title": "First visit"
    });
    bench.call("book_appointment", visit).await;
    let deal = json!({"contact": HUGO, "pipeline": "New patients", "stage": "Contacted", "name": "Implant"});
    bench.call("upsert_opportunity", deal).await;
}

#[tokio::test]
async fn everything_stands_in_one_list_newest_first() {
    let bench = Bench::new().await;
    lived(&bench).await;
    let read = bench.call("get_contact_timeline", json!({"contact": "Hugo Laurent", "limit": 100})).await;
    assert_eq!(read["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!(read["contact"], json!({"id": HUGO, "name": "Hugo Laurent"}));
    let items = read["items"].as_array().unwrap();
    let instants = texts(items, "at");
    assert!(instants.is_sorted_by(|one, other| one >= other), "{instants:?}");
    let find = |kind: &str, what: &str| {
        let is_it = |row: &&Value| row["kind"] == kind && row["what"].as_str().unwrap().contains(what);
        items.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} `{what}` in {items:#?}"))
    };
    let visit = find("appointment", "appointment in Consultation");
    assert_eq!((&visit["at"], &visit["by"]), (&json!("2027-01-04T09:00:00-08:00"), &json!("Tom Okafor")));
    assert_eq!(find("task", "task due: Call back")["status"], "open");
    assert_eq!(find("note", "note: Call")["text"]["untrusted"], "Prefers mornings");
    assert_eq!(find("message", "SMS to the contact")["text"]["untrusted"], "See you");
    assert_eq!(find("email", "email to the contact")["text"]["untrusted"], "Visit\nAs agreed");
    find("opportunity", "deal “Implant” created in New patients");
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    lived(&bench).await;
    for number in 0..7 {
        bench.call("send_message", json!({"contact": HUGO, "channel": "sms", "text": format!("{number}")})).await;
    }
    let whole = bench.call("get_contact_timeline", json!({"contact": HUGO, "limit": 100})).await;
    assert_eq!(whole.get("next_cursor"), None);
    let whole = whole["items"].as_array().unwrap().clone();
    for limit in [1, 3] {
        let pieces = bench.all_pages("get_contact_timeline", json!({"contact": HUGO, "limit": limit})).await;
        assert_eq!(texts(&pieces, "id"), texts(&whole, "id"), "{limit}");
    }
    let page = bench.call("get_contact_timeline", json!({"contact": HUGO, "limit": 3})).await;
    let other = json!({"contact": HUGO, "limit": 3, "kinds": ["notes"], "cursor": page["next_cursor"]});
    assert_eq!(bench.refused("get_contact_timeline", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn kinds_and_since_narrow_it_and_what_is_not_wanted_is_not_asked_for() {
    let bench = Bench::new().await;
    lived(&bench).await;
    let arguments = json!({"contact": HUGO, "kinds": ["tasks", "appointments"], "since": "2026-12-01"});
    let read = bench.call("get_contact_timeline", arguments).await;
    let kinds: BTreeSet<&str> = texts(read["items"].as_array().unwrap(), "kind").into_iter().collect();
    assert_eq!(kinds, BTreeSet::from(["appointment"]));
    let before = bench.requests().await.len();
    bench.call("get_contact_timeline", json!({"contact": HUGO, "kinds": ["notes"]})).await;
    let requests = bench.requests().await.split_off(before);
    assert!(
        requests.iter().all(|request| !request.contains("/conversations/") && !request.contains("/tasks")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn what_people_filled_in_is_fenced() {
    let bench = Bench::new().await;
    let submissions = bench.call("list_submissions", json!({"from": "2025-01-01", "to": "2027-01-01"})).await;
    let with_contact = submissions["items"].as_array().unwrap().iter().find(|item| item["contact"].is_object());
    let contact = with_contact.expect("somebody has filled in a form")["contact"]["id"].clone();
    let read = bench.call("get_contact_timeline", json!({"contact": contact, "kinds": ["forms"]})).await;
    let row = &read["items"][0];
    assert_eq!((&row["kind"], &row["text"]["source"]), (&json!("form"), &json!("form answer")), "{read}");
}

#[tokio::test]
async fn faults_are_told_and_other_tenants_see_nothing() {
    let bench = Bench::new().await;
    let refused = bench.refused("get_contact_timeline", json!({"contact": HUGO, "since": "soon"})).await;
    assert_eq!(refused.faulty_fields(), ["/since"]);
    let refused = bench.refused("get_contact_timeline", json!({"kinds": ["dreams"], "limit": 0})).await;
    assert_eq!(refused.code(), "invalid_argument");
    assert_eq!(bench.refused_as(RIVAL, "get_contact_timeline", json!({"contact": HUGO})).await.code(), "not_found");
    let elsewhere = json!({"contact": HUGO, "location": COURSES});
    assert_eq!(bench.refused("get_contact_timeline", elsewhere).await.code(), "not_found");
    let (status, _) = bench.at_vendor(Method::DELETE, &format!("/contacts/{HUGO}"), None).await;
    assert_eq!(status, 200);
    assert_eq!(bench.refused("get_contact_timeline", json!({"contact": HUGO})).await.code(), "not_found");
}
