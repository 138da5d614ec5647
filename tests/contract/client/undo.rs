//! Every kind of change, taken back.

use serde_json::{Value, json};
use tests::time::in_days;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "contacts.update-contact"),
    ("v3", "contacts.delete-contact"),
    ("v3", "contacts.get-note"),
    ("v3", "contacts.delete-note"),
    ("v3", "contacts.get-task"),
    ("v3", "contacts.delete-task"),
    ("v3", "contacts.delete-contact-from-workflow"),
    ("v3", "contacts.remove-contact-from-campaign"),
    ("v3", "opportunities.delete-opportunity"),
    ("v3", "calendars.get-appointment"),
    ("v3", "calendars.edit-appointment"),
    ("v3", "calendars.get-calendar-events"),
    ("v3", "calendars.get-blocked-slots"),
    ("v3", "calendars.create-block-slot"),
    ("v3", "calendars.delete-event"),
    ("v3", "conversations.get-message"),
    ("v3", "conversations.cancel-scheduled-message"),
    ("v3", "conversations.cancel-scheduled-email-message"),
    ("v3", "links.delete-link"),
    ("v3", "locations.get-custom-value"),
    ("v3", "locations.delete-custom-value"),
    ("v3", "locations.get-tag-by-id"),
    ("v3", "locations.delete-tag"),
    ("v3", "locations.get-custom-field"),
    ("v3", "locations.delete-custom-field"),
    ("v3", "emails.delete-email-template"),
    ("v3", "emails.delete-campaign"),
    ("v3", "social-planner.delete-post"),
    ("v3", "businesses.get-business"),
    ("v3", "businesses.delete-Business"),
    ("v3", "objects.delete-object-record"),
];

const CONTACT: &str = "contract+undo@example.com";

pub(super) async fn drive(session: &Session) {
    let lead = json!({"email": CONTACT, "phone": "+15035550790", "first_name": "Un"});
    let created = session.call("upsert_contact", lead).await;
    drive_contact(session).await;
    drive_deals(session).await;
    drive_calendar(session).await;
    drive_location(session).await;
    drive_content(session).await;
    drive_setup(session).await;
    let forced = json!({"change": created["change_id"], "force": true});
    session.call("undo_change", forced).await;
    session.call("list_changes", json!({"location": "Brightside", "tool": "undo_change", "limit": 3})).await;
}

/// Makes a change and takes it back; where that is simple, makes it again and takes that back.
async fn undone(session: &Session, tool: &str, arguments: Value) {
    let done = session.call(tool, arguments).await;
    assert!(done["change_id"].is_string(), "{tool} noted nothing: {done:#}");
    let mut answer = session.call("undo_change", json!({"change": done["change_id"]})).await;
    assert_eq!(
        (&answer["change"]["state"], answer.get("not_restored")),
        (&json!("undone"), None),
        "{tool}: {answer:#}"
    );
    for _ in ["again", "and back"] {
        if answer["change_id"].is_string() {
            answer = session.call("undo_change", json!({"change": answer["change_id"]})).await;
        }
    }
}

async fn drive_contact(session: &Session) {
    let update = json!({
        "email": CONTACT, "phone": "+15035550790", "first_name": "Con", "last_name": "Tract",
        "company": "Rosewater Bakery", "source": "contract", "owner": "Tom", "tags": ["src_paid", "contract"],
        "custom_fields": {"lead_score": "7", "company_size": "2-10", "last_visit": "2026-11-01"}
    });
    undone(session, "upsert_contact", update).await;
    undone(session, "set_contact_tags", json!({"contact": CONTACT, "replace_with": ["one", "two"]})).await;
    let note = json!({"contact": CONTACT, "text": "Called", "title": "Call"});
    let send_at = session.call("add_note", note.clone()).await["written_at"].clone();
    session.call("undo_change", json!({})).await;
    undone(session, "add_note", note).await;
    let task = json!({"contact": CONTACT, "title": "Call", "due": "2038-01-04T15:00"});
    undone(session, "save_task", task.clone()).await;
    session.call("save_task", task).await;
    let change = json!({"contact": CONTACT, "task": "Call", "text": "About it", "due": "2038-01-05", "owner": "Tom", "completed": true});
    undone(session, "save_task", change).await;
    undone(session, "enroll_contact", json!({"contact": CONTACT, "workflow": "Review request"})).await;
    undone(session, "enroll_contact", json!({"contact": CONTACT, "campaign": "New patient"})).await;
    // The present, read as the time of a place twelve hours behind: half a day to come.
    let send_at = send_at.as_str().unwrap().trim_end_matches('Z');
    for message in [
        json!({"channel": "sms", "text": "See you"}),
        json!({"channel": "email", "subject": "Your visit", "text": "See you"}),
    ] {
        let mut message = message;
        (message["contact"], message["send_at"]) = (json!(CONTACT), json!(send_at));
        message["timezone"] = json!("Etc/GMT+12");
        undone(session, "send_message", message).await;
    }
}

async fn drive_deals(session: &Session) {
    let deal = json!({"contact": CONTACT, "pipeline": "New patients", "name": "Implant", "value": 3800.5});
    undone(session, "upsert_opportunity", deal.clone()).await;
    let id = session.call("upsert_opportunity", deal).await["opportunity"]["id"].clone();
    let change = json!({
        "contact": CONTACT, "opportunity": id, "stage": "Contacted", "name": "Implants", "value": 4000,
        "status": "won", "owner": "Tom"
    });
    undone(session, "upsert_opportunity", change).await;
    undone(session, "move_opportunity", json!({"opportunity": id, "pipeline": "Recall", "status": "lost"})).await;
}

async fn drive_calendar(session: &Session) {
    let slots = json!({"calendar": "Consultation", "owner": "Tom", "from": super::day_ahead(1), "limit": 9});
    let slots = session.call("find_free_slots", slots).await;
    let day = &slots["days"][0];
    let part = |name: &str| day[name].as_str().unwrap_or_default().to_owned();
    let start = |index: usize| format!("{}T{}{}", part("date"), day["times"][index].as_str().unwrap(), part("offset"));
    let visit = json!({"contact": CONTACT, "calendar": "Consultation", "start": start(0), "owner": "Tom"});
    undone(session, "book_appointment", visit.clone()).await;
    let id = session.call("book_appointment", visit).await["appointment_id"].clone();
    undone(session, "update_appointment", json!({"appointment": id, "status": "showed"})).await;
    undone(session, "cancel_appointment", json!({"appointment": id})).await;
    let blocked = json!({"calendar": "Consultation", "from": "2038-01-04T08:00", "to": "2038-01-04T09:00"});
    undone(session, "block_time", blocked.clone()).await;
    session.call("block_time", blocked.clone()).await;
    let unblocked = json!({"calendar": "Consultation", "start": blocked["from"]});
    undone(session, "unblock_time", unblocked).await;
}

async fn drive_location(session: &Session) {
    let link = json!({"name": "Undo", "url": "https://example.com/a"});
    undone(session, "save_trigger_link", link.clone()).await;
    session.call("save_trigger_link", link).await;
    let change = json!({"name": "Undo", "rename_to": "Undo 2", "url": "https://example.com/b"});
    undone(session, "save_trigger_link", change).await;
    undone(session, "set_custom_value", json!({"name": "Undo", "value": "one"})).await;
    session.call("set_custom_value", json!({"name": "Undo", "value": "one"})).await;
    undone(session, "set_custom_value", json!({"name": "Undo", "value": "two"})).await;
    undone(session, "save_tag", json!({"name": "undo"})).await;
    session.call("save_tag", json!({"name": "undo"})).await;
    undone(session, "save_tag", json!({"name": "undo", "rename_to": "undone"})).await;
}

async fn drive_content(session: &Session) {
    let template = json!({"name": "Undo", "html": "<p>Hi</p>", "subject": "One"});
    undone(session, "save_email_template", template.clone()).await;
    session.call("save_email_template", template).await;
    let change = json!({
        "name": "Undo", "rename_to": "Undone", "subject": "Two", "preview_text": "Look", "from_name": "Anna",
        "from_email": "anna@example.com"
    });
    undone(session, "save_email_template", change).await;
    let draft = json!({"name": "Undo", "text": "Hi", "user": "Tom"});
    undone(session, "save_email_campaign", draft.clone()).await;
    session.call("save_email_campaign", draft).await;
    undone(session, "save_email_campaign", json!({"name": "Undo", "rename_to": "Undone"})).await;
    let media = ["https://example.com/team.jpg"];
    let mut post = json!({"status": "draft", "text": "We are hiring", "user": "Priya", "media_urls": media});
    undone(session, "save_social_post", post.clone()).await;
    post["post"] = session.call("save_social_post", post.clone()).await["post"]["id"].clone();
    post["accounts"] = json!(["facebook"]);
    for day in [in_days(30), in_days(31)] {
        (post["status"], post["send_at"]) = (json!("scheduled"), json!(format!("{day}T09:00")));
        undone(session, "save_social_post", post.clone()).await;
        session.call("save_social_post", post.clone()).await;
    }
}

async fn drive_setup(session: &Session) {
    let business = json!({"name": "Undo", "details": {"city": "Rome"}, "contacts": [CONTACT]});
    undone(session, "save_business", business.clone()).await;
    session.call("save_business", business).await;
    let details = json!({"city": "Milan", "postal_code": "20121", "email": "undo@example.com"});
    undone(session, "save_business", json!({"name": "Undo", "rename_to": "Undone", "details": details})).await;
    undone(session, "save_business", json!({"name": "Other", "contacts": [CONTACT]})).await;
    let field = json!({"name": "Undo", "type": "choice", "options": ["Small", "Large"]});
    undone(session, "save_custom_field", field.clone()).await;
    session.call("save_custom_field", field).await;
    let change = json!({"name": "Undo", "rename_to": "Undone", "options": ["Small", "Medium", "Large"]});
    undone(session, "save_custom_field", change).await;
    let fields = json!({"plan_name": "Undo", "network": "closed", "yearly_maximum": "1200.5"});
    let record = json!({"object": "Insurance plans", "fields": fields});
    undone(session, "save_record", record.clone()).await;
    let id = session.call("save_record", record).await["record"]["id"].clone();
    let fields = json!({"network": "preferred", "yearly_maximum": "900", "covers": "implants, Clear aligners"});
    undone(session, "save_record", json!({"record": id, "fields": fields})).await;
}
