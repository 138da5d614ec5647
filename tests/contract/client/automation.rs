//! Workflows, campaigns, forms, surveys and trigger links.

use serde_json::json;
use tests::time::in_days;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "workflows.get-workflow"),
    ("v3", "campaigns.get-campaigns"),
    ("v3", "contacts.add-contact-to-workflow"),
    ("v3", "contacts.add-contact-to-campaign"),
    ("v3", "contacts.delete-contact-from-workflow"),
    ("v3", "contacts.remove-contact-from-campaign"),
    ("v3", "contacts.remove-contact-from-every-campaign"),
    ("v3", "forms.get-forms"),
    ("v3", "forms.get-forms-submissions"),
    ("v3", "surveys.get-surveys"),
    ("v3", "surveys.get-surveys-submissions"),
    ("v3", "links.get-links"),
    ("v3", "links.search-trigger-links"),
    ("v3", "links.create-link"),
    ("v3", "links.update-link"),
];

pub(super) async fn drive(session: &Session) {
    session.call("list_automations", json!({"location": "brightside", "status": "draft", "query": "h"})).await;
    let contact = "contract+lead@example.com";
    for arguments in [
        json!({"contact": contact, "workflow": "Recall", "start_at": format!("{}T09:00", in_days(60))}),
        json!({"contact": contact, "workflow": "Review request"}),
        json!({"contact": contact, "campaign": "New patient"}),
    ] {
        session.call("enroll_contact", arguments).await;
    }
    for arguments in [
        json!({"contact": contact, "workflow": "Recall"}),
        json!({"contact": contact, "campaign": "New patient"}),
        json!({"contact": contact, "all_campaigns": true}),
    ] {
        session.call("unenroll_contact", arguments).await;
    }
    let mut answers =
        json!({"form": "New patient", "contact": "a", "from": "2020-01-01", "to": "2100-01-01", "limit": 1});
    answers["cursor"] = session.call("list_submissions", answers.clone()).await["next_cursor"].clone();
    session.call("list_submissions", answers).await;
    session.call("list_submissions", json!({"kind": "survey", "form": "visit"})).await;
    session.call("list_submissions", json!({})).await;
    let mut links = json!({"query": "e", "limit": 1});
    links["cursor"] = session.call("list_trigger_links", links.clone()).await["next_cursor"].clone();
    session.call("list_trigger_links", links).await;
    session.call("save_trigger_link", json!({"name": "Contract", "url": "https://example.com/a"})).await;
    session.call("save_trigger_link", json!({"name": "contract", "rename_to": "Contract 2"})).await;
}
