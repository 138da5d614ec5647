//! Email templates, and emails to many.

use serde_json::json;
use tests::time::in_days;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "emails.list-email-templates"),
    ("v3", "emails.get-email-template"),
    ("v3", "emails.create-email-template"),
    ("v3", "emails.update-email-template"),
    ("v3", "emails.list-email-campaigns"),
    ("v3", "emails.list-workflow-campaigns"),
    ("v3", "emails.list-bulk-action-campaigns"),
    ("v3", "emails.get-email-campaign"),
    ("v3", "emails.get-workflow-campaign"),
    ("v3", "emails.get-bulk-action-campaign"),
    ("v3", "emails.create-email-campaign"),
    ("v3", "emails.update-email-campaign"),
    ("v3", "emails.schedule-campaign"),
    ("v3", "emails.get-campaign-stats"),
];

pub(super) async fn drive(session: &Session) {
    let mut templates = json!({"query": "e", "limit": 1});
    templates["cursor"] = session.call("list_email_templates", templates.clone()).await["next_cursor"].clone();
    session.call("list_email_templates", templates).await;
    let template = json!({
        "name": "Contract", "html": "<p>Hi</p>", "subject": "Hi", "preview_text": "Soon", "from_name": "Ada",
        "from_email": "ada@example.com",
    });
    let made = session.call("save_email_template", template).await;
    let change = json!({"name": made["template"]["id"], "text": "Hi", "rename_to": "Contract 2"});
    session.call("save_email_template", change).await;
    for kind in ["email", "workflow", "bulk"] {
        session.call("list_email_campaigns", json!({"kind": kind, "query": "e", "limit": 1})).await;
    }
    let mut sent = json!({"status": "sent", "limit": 1});
    sent["cursor"] = session.call("list_email_campaigns", sent.clone()).await["next_cursor"].clone();
    session.call("list_email_campaigns", sent).await;
    for campaign in [
        json!({"campaign": "October newsletter"}),
        json!({"campaign": "Recall", "kind": "workflow", "step": "First"}),
        json!({"campaign": "Raman", "kind": "bulk"}),
    ] {
        session.call("get_campaign_stats", campaign).await;
    }
    drive_drafts(session).await;
}

async fn drive_drafts(session: &Session) {
    session
        .call("save_email_campaign", json!({"name": "From a template", "template": "Contract 2", "user": "Tom"}))
        .await;
    session.call("save_email_campaign", json!({"name": "Contract", "html": "<p>Hi</p>", "user": "Tom"})).await;
    session
        .call("save_email_campaign", json!({"name": "contract", "text": "Hi", "rename_to": "C3", "user": "Tom"}))
        .await;
    session.call("save_email_campaign", json!({"name": "C4", "text": "Hi", "user": "Tom"})).await;
    let letter = json!({
        "campaign": "C3", "tags": ["src_paid", "src_organic"], "subject": "Hi", "from_name": "Ada",
        "from_email": "ada@example.com", "preview_text": "Soon", "send_at": format!("{}T09:00", in_days(60)), "user": "Tom",
    });
    session.call("schedule_email_campaign", letter).await;
    let letter = json!({
        "campaign": "C4", "contacts": ["contract+lead@example.com"], "subject": "Hi", "from_name": "Ada",
        "from_email": "ada@example.com", "user": "Tom",
    });
    session.call("schedule_email_campaign", letter).await;
    let letter = json!({"campaign": "Whitening spring", "segment": "engaged_last_5_campaigns", "user": "Tom"});
    session.call("schedule_email_campaign", letter).await;
}
