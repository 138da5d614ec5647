use common::audit::Decision;
use common::clock::Clock;
use common::plan::PlanId;
use common::tool::Voice;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::bench::{ACME, Bench, CAREFUL, DENTAL, DENTAL_NAME, RIVAL, call};

const WRITE: &str = "call_write_operation";
const READ: &str = "call_read_operation";

/// Hugo Laurent of the dental group.
const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn contact(bench: &Bench, id: &str) -> Value {
    let answer = bench.call(READ, json!({"operation": "contacts.get-contact", "arguments": {"contactId": id}})).await;
    answer["answer"]["untrusted"]["contact"].clone()
}

/// The plan that a call was answered with, and its words.
fn plan(error: &Value) -> (PlanId, String) {
    assert_eq!(error["code"], "approval_required", "{error}");
    let plan = &error["details"]["plan"];
    let id = PlanId::parse(plan["plan_id"].as_str().expect("an id")).expect("a plan's id");
    (id, plan["plan"]["summary"].as_str().expect("words").to_owned())
}

/// Says yes to a plan, as a person at the machine.
async fn approve(bench: &Bench, tenant: &str, id: PlanId) {
    let decided =
        bench.foundation.approvals.decide(&call(tenant).caller, Voice::CommandLine, id, Decision::Approved).await;
    decided.expect("an administrator may");
}

#[tokio::test]
async fn a_write_is_made_and_its_answer_is_data() {
    let bench = Bench::new().await;
    let arguments = json!({"contactId": HUGO, "body": "Called back", "title": "Phone"});
    let answer = bench.call(WRITE, json!({"operation": "contacts.create-note", "arguments": arguments})).await;
    assert_eq!(answer["answer"]["untrusted"]["note"]["body"], "Called back");
    assert_eq!(answer["location"]["name"], DENTAL_NAME);
    let list = json!({"operation": "contacts.get-all-notes", "arguments": {"contactId": HUGO}});
    let notes = bench.call(READ, list).await;
    assert!(notes["answer"].to_string().contains("Called back"), "{notes}");
}

#[tokio::test]
async fn the_location_is_filled_into_the_body() {
    let bench = Bench::new().await;
    let arguments = json!({"firstName": "Ida", "email": "ida@example.com"});
    let mut call = json!({"operation": "contacts.create-contact", "arguments": arguments, "dry_run": true});
    let shown = bench.call(WRITE, call.clone()).await;
    assert_eq!(shown["request"]["body"]["locationId"], DENTAL);
    assert_eq!(shown["access"], "write");
    call["dry_run"] = json!(false);
    let made = bench.call(WRITE, call).await;
    assert_eq!(made["answer"]["untrusted"]["contact"]["locationId"], DENTAL);
}

/// `DELETE` with a body, and a list in it.
#[tokio::test]
async fn a_delete_may_have_a_body() {
    let bench = Bench::new().await;
    let tags = json!({"contactId": HUGO, "tags": ["src_paid"]});
    bench.call(WRITE, json!({"operation": "contacts.add-tags", "arguments": tags})).await;
    let removal = json!({"operation": "contacts.remove-tags", "arguments": tags});
    let has_tag = |contact: &Value| contact["tags"].as_array().expect("tags").contains(&json!("src_paid"));
    assert!(has_tag(&contact(&bench, HUGO).await));
    bench.call(WRITE, removal).await;
    assert!(!has_tag(&contact(&bench, HUGO).await));
}

#[tokio::test]
async fn what_cannot_be_taken_back_needs_a_yes_to_exactly_this_request() {
    let bench = Bench::new().await;
    let deletion = json!({"operation": "contacts.delete-contact", "arguments": {"contactId": HUGO}});
    let refused = bench.refused(WRITE, deletion.clone()).await;
    let (id, words) = plan(&refused.error);
    assert!(words.contains(DENTAL_NAME) && words.contains(&format!("DELETE /contacts/{HUGO}")), "{words}");
    assert_eq!(contact(&bench, HUGO).await["firstName"], "Hugo", "nothing has happened yet");
    let dry = json!({"operation": "contacts.delete-contact", "arguments": {"contactId": HUGO}, "dry_run": true});
    let shown = bench.call(WRITE, dry).await;
    assert_eq!((&shown["access"], &shown["request"]["method"]), (&json!("destroy"), &json!("DELETE")));
    approve(&bench, ACME, id).await;
    let mut other = deletion.clone();
    other["arguments"]["contactId"] = json!("aaaaaaaaaaaaaaaaaaaa");
    other["approval_plan_id"] = json!(id.to_string());
    assert_eq!(bench.refused(WRITE, other).await.code(), "conflict", "another contact, another yes");
    let mut approved = deletion;
    approved["approval_plan_id"] = json!(id.to_string());
    bench.call(WRITE, approved).await;
    let gone = json!({"operation": "contacts.get-contact", "arguments": {"contactId": HUGO}});
    assert_eq!(bench.refused(READ, gone).await.code(), "not_found");
}

/// Sending follows the tenant's own rule: `acme` lets it through, `careful` is asked.
#[tokio::test]
async fn what_reaches_a_person_is_approved_as_sending() {
    let bench = Bench::new().await;
    let message = json!({"type": "SMS", "contactId": HUGO, "message": "See you at 3", "status": "pending"});
    let sending = json!({"operation": "conversations.send-a-new-message", "arguments": message});
    let refused = bench.refused_as(CAREFUL, WRITE, sending.clone()).await;
    let (_, words) = plan(&refused.error);
    assert!(words.contains("See you at 3"), "{words}");
    assert!(bench.requests().await.iter().all(|request| !request.starts_with("POST /conversations")));
    let sent = bench.call(WRITE, sending).await;
    assert!(sent["answer"]["untrusted"]["messageId"].is_string(), "{sent}");
}

#[tokio::test]
async fn every_fault_comes_at_once_before_anybody_is_asked() {
    let bench = Bench::new().await;
    let arguments = json!({"contactId": HUGO, "tags": "hot", "tag": "hot"});
    let refused = bench.refused(WRITE, json!({"operation": "contacts.add-tags", "arguments": arguments})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/arguments/tag", "/arguments/tags"]);
    assert!(refused.text.contains("`tags`, perhaps"), "{}", refused.text);
    let refused = bench.refused(WRITE, json!({"operation": "contacts.delete-contact"})).await;
    assert_eq!(refused.faulty_fields(), ["/arguments/contactId"]);
    assert!(bench.requests().await.iter().all(|request| request.starts_with("GET /locations/")));
}

#[tokio::test]
async fn what_reads_is_sent_to_the_other_tool() {
    let bench = Bench::new().await;
    let arguments = json!({"operation": "contacts.search-contacts-advanced", "arguments": {"pageLimit": 1}});
    let refused = bench.refused(WRITE, arguments).await;
    assert!(refused.code() == "invalid_argument" && refused.text.contains(READ), "{refused:?}");
}

#[tokio::test]
async fn another_tenants_record_is_not_written() {
    let bench = Bench::new().await;
    let arguments = json!({"contactId": HUGO, "body": "from next door"});
    let note = json!({"operation": "contacts.create-note", "arguments": arguments});
    assert_eq!(bench.refused_as(RIVAL, WRITE, note).await.code(), "not_found");
}

#[tokio::test]
async fn a_key_makes_repeating_safe_and_no_write_is_repeated_by_itself() {
    let bench = Bench::new().await;
    let arguments = json!({"contactId": HUGO, "body": "once"});
    let note = json!({"operation": "contacts.create-note", "arguments": arguments, "idempotency_key": "note-1"});
    let first = bench.call(WRITE, note.clone()).await;
    assert_eq!(bench.call(WRITE, note).await, first);
    let count =
        |requests: Vec<String>| requests.iter().filter(|it| it.contains("/notes") && it.starts_with("POST")).count();
    assert_eq!(count(bench.requests().await), 1);
    bench.order_fault(json!({"kind": "server_error", "method": "POST"})).await;
    let arguments = json!({"contactId": HUGO, "body": "lost"});
    let refused = bench.refused(WRITE, json!({"operation": "contacts.create-note", "arguments": arguments})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    assert_eq!(refused.error["details"]["lost_change"], "outcome_unknown");
    assert_eq!(count(bench.requests().await), 2);
}

/// Takes whatever comes.
fn vendor(arrival: &Arrival) -> Fault {
    let id = arrival.target.rsplit('/').next().unwrap_or_default();
    let body = if arrival.target.starts_with("/locations/") {
        json!({"location": {"id": id, "name": "Odd"}})
    } else {
        json!({})
    };
    Fault::Answer(Answer::new(200).header("content-type", "application/json").body(body.to_string()))
}

async fn sent(operation: &str, arguments: Value) -> Arrival {
    let server = FaultyServer::start(&Clock::system(), vendor).await.unwrap();
    let base_url = format!("http://{}", server.authority());
    let bench = Bench::before(|_| base_url).await;
    bench.call_as(RIVAL, WRITE, json!({"operation": operation, "arguments": arguments})).await;
    server.arrivals().last().expect("a request").clone()
}

#[tokio::test]
async fn files_are_sent_as_parts_of_a_form() {
    let file = json!({"name": "logo.png", "type": "image/png", "base64": "iVBORw=="});
    let arrival = sent("medias.upload-media-content", json!({"file": file, "hosted": false, "name": "Logo"})).await;
    let content_type = arrival.headers["content-type"].to_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    let body = String::from_utf8_lossy(&arrival.body).into_owned();
    assert_eq!(body.matches(boundary).count(), 4, "three parts and the end: {body}");
    let part =
        "Content-Disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n";
    assert!(body.contains(part), "{body}");
    assert!(arrival.body.windows(4).any(|bytes| bytes == [0x89, b'P', b'N', b'G']), "the bytes themselves");
    assert!(body.contains("name=\"hosted\"\r\n\r\nfalse\r\n"), "{body}");
}

#[tokio::test]
async fn a_body_that_is_a_list_is_given_as_body() {
    let notification = json!({"receiverType": "contact", "channel": "email", "notificationType": "booked"});
    let arrival =
        sent("calendars.create-event-notification", json!({"calendarId": "c1", "body": [notification]})).await;
    let body: Value = serde_json::from_slice(&arrival.body).unwrap();
    assert_eq!((arrival.target.as_str(), &body[0]["channel"]), ("/calendars/c1/notifications", &json!("email")));
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    for file in [json!("logo.png"), json!({"name": "logo.png"}), json!({"name": "logo.png", "base64": "%%%"})] {
        let arguments = json!({"operation": "medias.upload-media-content", "arguments": {"file": file}});
        assert_eq!(bench.refused(WRITE, arguments).await.faulty_fields(), ["/arguments/file"], "{file}");
    }
}

/// At the top a null is a framework's way to leave out; among an operation's arguments it empties a field.
#[tokio::test]
async fn a_null_empties_a_field_where_the_operation_takes_one() {
    let bench = Bench::new().await;
    let city = |city: Value| {
        let arguments = json!({"contactId": HUGO, "city": city});
        json!({"operation": "contacts.update-contact", "arguments": arguments, "location": null, "dry_run": null})
    };
    bench.call(WRITE, city(json!("Lyon"))).await;
    assert_eq!(contact(&bench, HUGO).await["city"], "Lyon");
    bench.call(WRITE, city(Value::Null)).await;
    assert_eq!(contact(&bench, HUGO).await["city"], Value::Null);
}

#[tokio::test]
async fn a_null_that_the_operation_cannot_take_is_refused() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"contactId": HUGO, "tags": null}), "/arguments/tags"),
        (json!({"contactId": HUGO, "customFields": [{"id": null}]}), "/arguments/customFields/0"),
        (json!({"contactId": null, "city": "Lyon"}), "/arguments/contactId"),
    ] {
        let refused =
            bench.refused(WRITE, json!({"operation": "contacts.update-contact", "arguments": arguments})).await;
        let fields = refused.faulty_fields();
        assert!(fields.iter().all(|it| it.starts_with(field)) && !fields.is_empty(), "{fields:?}");
    }
    let form = json!({"name": null, "file": {"name": "logo.png", "base64": "iVBORw=="}});
    let refused = bench.refused(WRITE, json!({"operation": "medias.upload-media-content", "arguments": form})).await;
    assert!(refused.text.contains("/arguments/name cannot be emptied by a null"), "{}", refused.text);
}
