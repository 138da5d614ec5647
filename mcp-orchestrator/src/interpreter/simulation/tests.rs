//! The design's own journey, rehearsed.

use serde_json::json;

use super::*;
use crate::workflow::ready::READY;

const BEGIN_MS: UnixMillis = 1_800_000_000_000;
const HOUR_MS: u64 = 3_600_000;

fn ready(name: &str) -> Workflow {
    let ready = READY.iter().find(|ready| ready.name == name).unwrap();
    Workflow::read(ready.text).unwrap()
}

fn lead(events: Vec<Coming>, answers: Vec<Recorded>) -> Simulated {
    let input = json!({ "type": "ContactCreate", "data": { "id": "c7", "locationId": "l1", "name": "Ada Byron" } });
    let recording = Recording { input, key: None, at_ms: BEGIN_MS, answers, events };
    simulate(&ready("booking-flow"), &recording).unwrap()
}

fn gives(of: &str, output: Value) -> Recorded {
    Recorded { of: of.to_owned(), outcome: Ok(output) }
}

fn called(simulated: &Simulated) -> Vec<String> {
    let calls = simulated.commands.iter().filter_map(|command| match command {
        Command::Call(call) => Some(call.target.name()),
        _ => None,
    });
    calls.collect()
}

fn booked(contact: &str) -> Coming {
    let event = json!({
        "id": "evt_2", "source": "ghl", "type": "AppointmentCreate",
        "data": { "appointment": { "contactId": contact }, "contactId": contact },
    });
    Coming { after_ms: 5 * HOUR_MS, event }
}

#[test]
fn a_lead_that_books_is_left_alone() {
    let simulated = lead(vec![booked("c8"), booked("c7")], Vec::new());
    assert!(matches!(simulated.ending, Some(Ending::Completed { .. })), "{:?}", simulated.ending);
    assert_eq!(simulated.took, Duration::from_hours(5));
    let calls = called(&simulated);
    assert!(!calls.contains(&"ghl.set_contact_tags".to_owned()), "{calls:?}");
}

#[test]
fn a_lead_that_does_not_book_is_approached_after_three_days() {
    let simulated = lead(vec![booked("c8")], vec![gives("ghl.list_payments", json!({ "totals": [] }))]);
    assert!(matches!(simulated.ending, Some(Ending::Completed { .. })), "{:?}", simulated.ending);
    assert_eq!(simulated.took, Duration::from_hours(72));
    let calls = called(&simulated);
    assert!(calls.contains(&"ghl.set_contact_tags".to_owned()), "{calls:?}");
    assert!(!simulated.unrecorded.iter().any(|step| step.contains("list_payments")), "{:?}", simulated.unrecorded);
    assert!(simulated.unrecorded.iter().any(|step| step.contains("slack_post_message")), "{:?}", simulated.unrecorded);
}

#[test]
fn a_vendor_that_answers_later_is_tried_again() {
    let busy = Failure {
        kind: "https://serverlessworkflow.io/spec/1.0.0/errors/communication".to_owned(),
        is_transient: true,
        ..Failure::timeout("the vendor did not answer".to_owned())
    };
    let fails = Recorded { of: "listPayments".to_owned(), outcome: Err(busy) };
    let simulated = lead(vec![booked("c7")], vec![fails, gives("listPayments", json!({ "totals": [1] }))]);
    let attempts: Vec<_> = simulated.trace.iter().filter(|note| note.name == "listPayments").collect();
    assert_eq!(attempts.iter().map(|note| note.attempt).collect::<Vec<_>>(), [1, 2]);
    let text = serde_json::to_string(&called(&simulated)).unwrap();
    assert_eq!(text.matches("list_payments").count(), 2, "{text}");
}

#[test]
fn what_is_still_waited_for_is_said() {
    let definition = "
document: {dsl: '1.0.0', namespace: luminar, name: patient, version: '1.0.0'}
do:
- hear: {listen: {to: {one: {with: {type: Never}}}}}";
    let recording = Recording { at_ms: BEGIN_MS, ..Recording::default() };
    let simulated = simulate(&Workflow::read(definition).unwrap(), &recording).unwrap();
    assert_eq!(simulated.ending, None);
    assert_eq!(simulated.waits_for, ["Never (/do/0/hear/listen/to/one)"]);
}
