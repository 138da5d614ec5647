//! What is taken back leaves the vendor's record as it was: compared are the vendor's own answers, before and after.

mod content;
mod setup;

use common::auth::Role;
use http::Method;
use serde_json::{Value, json};

use crate::bench::{ACME, BOLD, Bench, DENTAL, GYM, RIVAL, call_of};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
/// Yuki Young's recall visit: open, in `Replied` of `Recall and reactivation`.
const DEAL: &str = "6jwUpEa0cPBrI3yiXUgq";

impl Bench {
    async fn bold(&self, tool: &str, arguments: Value) -> Value {
        self.call_as(BOLD, tool, arguments).await
    }

    /// Takes back what a call has changed.
    async fn undo(&self, done: &Value) -> Value {
        assert!(done["change_id"].is_string(), "the change was not noted: {done}");
        self.bold("undo_change", json!({"change": done["change_id"]})).await
    }

    /// What the vendor shows of a record, but for when it was last touched; the order of tags means nothing.
    async fn record(&self, path: &str) -> Value {
        let (status, mut answer) = self.at_vendor(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        number_alike(&mut answer);
        for record in answer.as_object_mut().unwrap().values_mut().filter_map(Value::as_object_mut) {
            for touched in ["dateUpdated", "updatedAt", "lastStageChangeAt", "lastStatusChangeAt"] {
                record.remove(touched);
            }
            if let Some(Value::Array(tags)) = record.get_mut("tags") {
                tags.sort_by_key(ToString::to_string);
            }
        }
        answer
    }

    async fn contact(&self) -> Value {
        self.record(&format!("/contacts/{HUGO}")).await
    }

    async fn is_gone(&self, path: &str) -> bool {
        let (status, _) = self.at_vendor(Method::GET, path, None).await;
        matches!(status, 400 | 404)
    }

    /// What somebody else does.
    async fn meanwhile(&self, path: &str, body: Value) {
        let (status, answer) = self.at_vendor(Method::PUT, path, Some(body)).await;
        assert_eq!(status, 200, "{answer}");
    }
}

/// 32 and 32.0 are one number in JSON, and two in Rust.
fn number_alike(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.as_f64()),
        Value::Array(items) => items.iter_mut().for_each(number_alike),
        Value::Object(fields) => fields.values_mut().for_each(number_alike),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// What the vendor shows under an address, but for when it was last touched, and what says nothing.
async fn shown(bench: &Bench, path: &str) -> Value {
    let (status, mut answer) = bench.at_vendor(Method::GET, path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    number_alike(&mut answer);
    keep_said(&mut answer);
    answer
}

fn keep_said(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    let is_draft = fields.get("status") == Some(&json!("draft"));
    fields.retain(|name, value| {
        let is_touch = ["updatedAt", "dateUpdated", "traceId"].contains(&name.as_str());
        // A draft's date is that of its last change.
        let is_touch = is_touch || is_draft && ["displayDate", "scheduleDate"].contains(&name.as_str());
        !is_touch && *value != Value::Null && *value != json!("") && *value != json!([])
    });
    fields.values_mut().for_each(keep_said);
}

async fn update_hugo(bench: &Bench) -> Value {
    let email = bench.contact().await["contact"]["email"].clone();
    let update = json!({
        "email": email, "first_name": "Hugh", "last_name": "Lawrence", "company": "Rosewater Bakery",
        "source": "undo", "owner": "Tom", "tags": ["undo_me", "src_paid"],
        "custom_fields": {"lead_score": "99", "company_size": "2-10", "last_visit": "2026-11-01"}
    });
    bench.bold("upsert_contact", update).await
}

#[tokio::test]
async fn an_updated_contact_is_as_before_and_can_be_updated_once_more() {
    let bench = Bench::new().await;
    let before = bench.contact().await;
    let updated = update_hugo(&bench).await;
    assert_eq!(updated["created"], false);
    let after = bench.contact().await;
    assert_ne!(after, before);

    let undone = bench.undo(&updated).await;
    assert_eq!((&undone["change"]["state"], undone.get("not_restored")), (&json!("undone"), None), "{undone:#}");
    assert_eq!(bench.contact().await, before);

    bench.undo(&undone).await;
    assert_eq!(bench.contact().await, after, "the taking back was taken back");
}

#[tokio::test]
async fn a_created_contact_is_deleted() {
    let bench = Bench::new().await;
    let lead = json!({"email": "undo@example.com", "first_name": "Un", "last_name": "Do", "tags": ["src_paid"]});
    let created = bench.bold("upsert_contact", lead).await;
    let path = format!("/contacts/{}", created["contact"]["id"].as_str().unwrap());
    assert!(!bench.is_gone(&path).await);
    let undone = bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
    assert_eq!(undone.get("change_id"), None, "what was deleted comes back as another record only");
}

#[tokio::test]
async fn tags_are_exactly_those_of_before_and_those_of_others_stay() {
    let bench = Bench::new().await;
    let before = bench.contact().await;
    let replaced = bench.bold("set_contact_tags", json!({"contact": HUGO, "replace_with": ["one", "two"]})).await;
    let undone = bench.undo(&replaced).await;
    assert_eq!(bench.contact().await, before);
    bench.undo(&undone).await;
    assert_eq!(bench.contact().await["contact"]["tags"], json!(["one", "two"]));

    let added = bench.bold("set_contact_tags", json!({"contact": HUGO, "add": ["three"]})).await;
    let path = format!("/contacts/{HUGO}/tags");
    bench.at_vendor(Method::POST, &path, Some(json!({"tags": ["theirs"]}))).await;
    bench.undo(&added).await;
    assert_eq!(bench.contact().await["contact"]["tags"], json!(["one", "theirs", "two"]));
}

#[tokio::test]
async fn a_note_is_deleted() {
    let bench = Bench::new().await;
    let path = format!("/contacts/{HUGO}/notes");
    let before = bench.at_vendor(Method::GET, &path, None).await;
    let note = bench.bold("add_note", json!({"contact": HUGO, "text": "Called", "title": "Call"})).await;
    bench.undo(&note).await;
    assert_eq!(bench.at_vendor(Method::GET, &path, None).await, before);
}

#[tokio::test]
async fn a_task_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let tasks = format!("/contacts/{HUGO}/tasks");
    let none = bench.at_vendor(Method::GET, &tasks, None).await;
    let task = json!({"contact": HUGO, "title": "Call back", "due": "2026-11-24T15:00"});
    let created = bench.bold("save_task", task).await;
    let path = format!("{tasks}/{}", created["task"]["id"].as_str().unwrap());

    let before = bench.record(&path).await;
    let change = json!({
        "contact": HUGO, "task": "Call back", "title": "Call", "text": "About it", "due": "2026-12-01", "owner": "Tom",
        "completed": true
    });
    let changed = bench.bold("save_task", change).await;
    let after = bench.record(&path).await;
    let undone = bench.undo(&changed).await;
    assert_eq!((bench.record(&path).await, undone.get("not_restored")), (before, None));
    let again = bench.undo(&undone).await;
    assert_eq!(bench.record(&path).await, after);
    bench.undo(&again).await;

    bench.undo(&created).await;
    assert_eq!(bench.at_vendor(Method::GET, &tasks, None).await, none);
}

#[tokio::test]
async fn a_deal_is_where_it_was() {
    let bench = Bench::new().await;
    let path = format!("/opportunities/{DEAL}");
    let before = bench.record(&path).await;
    let target = json!({"opportunity": DEAL, "pipeline": "New patients", "stage": "Accepted", "status": "won"});
    let moved = bench.bold("move_opportunity", target).await;
    let after = bench.record(&path).await;
    let undone = bench.undo(&moved).await;
    assert_eq!(bench.record(&path).await, before);
    bench.undo(&undone).await;
    assert_eq!(bench.record(&path).await, after);
}

#[tokio::test]
async fn a_deal_is_deleted_or_as_before() {
    let bench = Bench::new().await;
    let mut deal = json!({"contact": HUGO, "pipeline": "New patients", "name": "Implant", "value": 3800});
    let created = bench.bold("upsert_opportunity", deal.clone()).await;
    assert_eq!(created["created"], true);
    let path = format!("/opportunities/{}", created["opportunity"]["id"].as_str().unwrap());

    let before = bench.record(&path).await;
    deal["opportunity"] = created["opportunity"]["id"].clone();
    for (field, value) in [("name", json!("Two implants")), ("value", json!(7000.5)), ("stage", json!("Contacted"))] {
        deal[field] = value;
    }
    (deal["owner"], deal["status"]) = (json!("Tom"), json!("won"));
    let changed = bench.bold("upsert_opportunity", deal).await;
    let undone = bench.undo(&changed).await;
    assert_eq!((bench.record(&path).await, undone.get("not_restored")), (before, None));

    bench.undo(&created).await;
    assert!(bench.is_gone(&path).await);
}

#[tokio::test]
async fn a_booking_is_cancelled_and_its_slot_free_again() {
    let bench = Bench::new().await;
    let slots = json!({"calendar": "Consultation", "owner": "Tom", "limit": 5});
    let free = bench.bold("find_free_slots", slots.clone()).await;
    let day = &free["days"][0];
    let part = |name: &str| day[name].as_str().unwrap_or_default().to_owned();
    let start = format!("{}T{}{}", part("date"), day["times"][0].as_str().unwrap(), part("offset"));
    let visit = json!({"contact": HUGO, "calendar": "Consultation", "start": start, "owner": "Tom"});
    let booked = bench.bold("book_appointment", visit).await;
    assert_ne!(bench.bold("find_free_slots", slots.clone()).await["days"], free["days"]);
    bench.undo(&booked).await;
    assert_eq!(bench.bold("find_free_slots", slots).await["days"], free["days"]);
    let path = format!("/calendars/events/appointments/{}", booked["appointment_id"].as_str().unwrap());
    assert_eq!(bench.record(&path).await["event"]["appointmentStatus"], "cancelled");
}

#[tokio::test]
async fn what_a_location_keeps_for_itself_is_as_before() {
    let bench = Bench::new().await;
    for (tool, list, first, change) in [
        (
            "save_trigger_link",
            format!("/links/?locationId={DENTAL}"),
            json!({"name": "Undo", "url": "https://example.com/a"}),
            json!({"name": "Undo", "rename_to": "Undone", "url": "https://example.com/b"}),
        ),
        (
            "set_custom_value",
            format!("/locations/{DENTAL}/customValues"),
            json!({"name": "Undo", "value": "one"}),
            json!({"name": "Undo", "value": "two"}),
        ),
        (
            "save_tag",
            format!("/locations/{DENTAL}/tags"),
            json!({"name": "undo"}),
            json!({"name": "undo", "rename_to": "undone"}),
        ),
    ] {
        let before = bench.at_vendor(Method::GET, &list, None).await;
        let created = bench.bold(tool, first).await;
        let between = bench.at_vendor(Method::GET, &list, None).await;
        let changed = bench.bold(tool, change).await;
        let after = bench.at_vendor(Method::GET, &list, None).await;
        let undone = bench.undo(&changed).await;
        assert_eq!(bench.at_vendor(Method::GET, &list, None).await, between, "{tool}");
        let again = bench.undo(&undone).await;
        assert_eq!(bench.at_vendor(Method::GET, &list, None).await, after, "{tool}");
        bench.undo(&again).await;
        bench.undo(&created).await;
        assert_eq!(bench.at_vendor(Method::GET, &list, None).await, before, "{tool}");
    }
}

#[tokio::test]
async fn a_change_by_any_operation_is_the_last_one_too_and_cannot_be_taken_back() {
    let bench = Bench::new().await;
    bench.bold("set_contact_tags", json!({"contact": HUGO, "add": ["one"]})).await;
    let note = json!({"operation": "contacts.create-note", "arguments": {"contactId": HUGO, "body": "Called"}});
    bench.bold("call_write_operation", note).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({})).await;
    assert_eq!(refused.code(), "failed_precondition", "{refused:?}");
    assert!(refused.text.contains("call_write_operation"), "{refused:?}");
}

#[tokio::test]
async fn what_waits_for_its_time_is_called_off_and_what_was_sent_is_not() {
    let bench = Bench::in_one_time().await;
    for message in [
        json!({"contact": HUGO, "channel": "sms", "text": "See you", "send_at": "2026-12-24T10:00"}),
        json!({"contact": HUGO, "channel": "email", "subject": "Hi", "text": "See you", "send_at": "2026-12-24T10:00"}),
    ] {
        let scheduled = bench.bold("send_message", message).await;
        let path = format!("/conversations/messages/{}", scheduled["message_id"].as_str().unwrap());
        assert!(!bench.is_gone(&path).await);
        bench.undo(&scheduled).await;
        assert!(bench.is_gone(&path).await);
    }
    let sent = bench.bold("send_message", json!({"contact": HUGO, "channel": "sms", "text": "Now"})).await;
    for arguments in [json!({"change": sent["change_id"]}), json!({})] {
        let refused = bench.refused_as(BOLD, "undo_change", arguments).await;
        assert_eq!(refused.code(), "failed_precondition", "{refused:?}");
        assert!(refused.text.contains("gone out to a person"), "{refused:?}");
    }
}

#[tokio::test]
async fn what_others_changed_since_is_named_and_kept_unless_forced() {
    let bench = Bench::new().await;
    let before = bench.contact().await;
    let updated = update_hugo(&bench).await;
    bench.meanwhile(&format!("/contacts/{HUGO}"), json!({"lastName": "Laurence"})).await;
    let arguments = json!({"change": updated["change_id"]});
    let refused = bench.refused_as(BOLD, "undo_change", arguments).await;
    assert_eq!(refused.code(), "conflict");
    assert!(refused.text.contains("last_name") && !refused.text.contains("first_name"), "{refused:?}");
    assert_eq!(bench.contact().await["contact"]["firstName"], "Hugh", "nothing was changed");

    bench.bold("undo_change", json!({"change": updated["change_id"], "force": true})).await;
    assert_eq!(bench.contact().await, before);
}

#[tokio::test]
async fn a_record_that_somebody_has_worked_on_is_not_deleted_and_one_that_is_gone_is_done() {
    let bench = Bench::new().await;
    let note = bench.bold("add_note", json!({"contact": HUGO, "text": "Called"})).await;
    let path = format!("/contacts/{HUGO}/notes/{}", note["note_id"].as_str().unwrap());
    bench.meanwhile(&path, json!({"body": "Called twice"})).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": note["change_id"]})).await;
    assert_eq!(refused.code(), "conflict");
    bench.at_vendor(Method::DELETE, &path, None).await;
    assert_eq!(bench.undo(&note).await["steps"], json!([]));

    let lead = json!({"email": "undo@example.com", "first_name": "Un"});
    let created = bench.bold("upsert_contact", lead.clone()).await;
    let changed = bench.bold("upsert_contact", json!({"email": "undo@example.com", "first_name": "Re"})).await;
    let path = format!("/contacts/{}", created["contact"]["id"].as_str().unwrap());
    bench.at_vendor(Method::DELETE, &path, None).await;
    let forced = json!({"change": changed["change_id"], "force": true});
    let refused = bench.refused_as(BOLD, "undo_change", forced).await;
    assert!(refused.text.contains("no longer there"), "{refused:?}");
}

#[tokio::test]
async fn a_firm_is_not_written_to_another_contact_even_when_forced() {
    let bench = Bench::new().await;
    let updated = update_hugo(&bench).await;
    bench.meanwhile(&format!("/contacts/{HUGO}"), json!({"email": "moved@example.com"})).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": updated["change_id"], "force": true})).await;
    assert!(refused.text.contains("another record could be hit"), "{refused:?}");
    assert_eq!(bench.contact().await["contact"]["firstName"], "Hugh");
}

#[tokio::test]
async fn a_failure_on_the_way_leaves_the_rest_for_a_later_call() {
    let bench = Bench::new().await;
    let before = bench.contact().await;
    let replaced = bench.bold("set_contact_tags", json!({"contact": HUGO, "replace_with": ["one", "two"]})).await;
    let path_prefix = format!("/contacts/{HUGO}/tags");
    let back = json!({"kind": "server_error", "count": 3, "method": "POST", "path_prefix": path_prefix});
    bench.order_fault(back).await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": replaced["change_id"]})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    assert_eq!(bench.contact().await["contact"]["tags"], json!([]), "the first of two steps is done");
    let listed = bench.bold("list_changes", json!({})).await;
    assert_eq!(listed["items"][0]["state"], "partly");

    let rest = bench.undo(&replaced).await;
    assert_eq!(rest["steps"].as_array().unwrap().len(), 1, "{rest:#}");
    assert_eq!(bench.contact().await, before);
}

#[tokio::test]
async fn the_last_change_is_meant_then_the_one_before_and_none_twice() {
    let bench = Bench::new().await;
    let before = bench.contact().await;
    let first = bench.bold("set_contact_tags", json!({"contact": HUGO, "add": ["one"]})).await;
    bench.bold("set_contact_tags", json!({"contact": HUGO, "add": ["two"]})).await;
    let elsewhere = json!({"location": GYM, "email": "gym@example.com", "first_name": "Gym"});
    let gym = bench.bold("upsert_contact", elsewhere).await;

    let undone = bench.bold("undo_change", json!({"location": "Brightside"})).await;
    assert!(undone["change"]["summary"].as_str().unwrap().contains("added two"), "{undone:#}");
    assert_eq!(bench.bold("undo_change", json!({})).await["change"]["id"], gym["change_id"]);
    assert_eq!(bench.bold("undo_change", json!({})).await["change"]["id"], first["change_id"]);
    assert_eq!(bench.contact().await, before);
    assert_eq!(bench.refused_as(BOLD, "undo_change", json!({})).await.code(), "not_found");

    let writes = bench.requests().await.len();
    let again = bench.undo(&first).await;
    assert_eq!((&again["already"], &again["steps"]), (&json!(true), &json!([])));
    assert_eq!(bench.requests().await.len(), writes, "nothing was asked");
}

#[tokio::test]
async fn others_see_of_a_change_what_their_tenant_and_role_allow() {
    let bench = Bench::new().await;
    let added = bench.bold("set_contact_tags", json!({"contact": HUGO, "add": ["one"]})).await;
    let arguments = json!({"change": added["change_id"]});
    assert_eq!(bench.refused_as(RIVAL, "undo_change", arguments.clone()).await.code(), "not_found");
    assert_eq!(bench.refused_as(ACME, "undo_change", arguments.clone()).await.code(), "not_found");
    assert_eq!(bench.call_as(RIVAL, "list_changes", json!({})).await["items"], json!([]));

    let member = || call_of("member", BOLD, Role::Member);
    let (is_error, answer, _) = bench.run_of(member(), "undo_change", arguments.clone()).await;
    assert_eq!((is_error, &answer["error"]["code"]), (true, &json!("permission_denied")));
    let (_, own, _) = bench.run_of(member(), "set_contact_tags", json!({"contact": HUGO, "add": ["mine"]})).await;
    let (is_error, answer, _) = bench.run_of(member(), "undo_change", json!({})).await;
    assert_eq!((is_error, &answer["change"]["id"]), (false, &own["change_id"]), "{answer:#}");
    // What deletes takes an administrator, whoever made it.
    let (_, note, _) = bench.run_of(member(), "add_note", json!({"contact": HUGO, "text": "Called"})).await;
    let (is_error, answer, _) = bench.run_of(member(), "undo_change", json!({"change": note["change_id"]})).await;
    assert_eq!((is_error, &answer["error"]["code"]), (true, &json!("permission_denied")));
    bench.undo(&note).await;
}

#[tokio::test]
async fn a_deletion_waits_for_a_yes_to_a_plan_in_words() {
    let bench = Bench::new().await;
    let note = bench.call("add_note", json!({"contact": HUGO, "text": "Called"})).await;
    let refused = bench.refused("undo_change", json!({"change": note["change_id"]})).await;
    assert_eq!(refused.code(), "approval_required");
    let plan = &refused.error["details"]["plan"]["plan"];
    let summary = plan["summary"].as_str().unwrap();
    assert!(summary.starts_with("take back “added a note to Hugo Laurent” of "), "{summary}");
    assert!(summary.ends_with("in Brightside Dental Group: delete the note"), "{summary}");
    assert_eq!((&plan["count"], &plan["is_reversible"]), (&json!(1), &json!(false)));

    let path = format!("/contacts/{HUGO}/notes/{}", note["note_id"].as_str().unwrap());
    assert!(!bench.is_gone(&path).await, "nothing has happened");
    let tags = bench.call("set_contact_tags", json!({"contact": HUGO, "add": ["one"]})).await;
    bench.call("undo_change", json!({"change": tags["change_id"]})).await;
}

#[tokio::test]
async fn what_is_no_change_is_said_to_be_none() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(BOLD, "undo_change", json!({"change": "the last"})).await;
    assert_eq!(refused.faulty_fields(), ["/change"]);
    let unknown = json!({"change": "chg_01999999-9999-7999-8999-999999999999"});
    assert_eq!(bench.refused_as(BOLD, "undo_change", unknown).await.code(), "not_found");
    let tags = bench.contact().await["contact"]["tags"].clone();
    let same = bench.bold("set_contact_tags", json!({"contact": HUGO, "replace_with": tags})).await;
    assert_eq!(same.get("change_id"), None, "what changes nothing is no change");
}
