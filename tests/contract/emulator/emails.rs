//! Email templates, and emails to many: v3 only.

use serde_json::{Value, json};

use super::{LOCATION, expect, text, user_id};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &[
    "emails.list-email-templates",
    "emails.get-email-template",
    "emails.create-email-template",
    "emails.update-email-template",
    "emails.delete-email-template",
    "emails.list-email-campaigns",
    "emails.list-workflow-campaigns",
    "emails.list-bulk-action-campaigns",
    "emails.get-email-campaign",
    "emails.get-workflow-campaign",
    "emails.get-bulk-action-campaign",
    "emails.create-email-campaign",
    "emails.update-email-campaign",
    "emails.delete-campaign",
    "emails.schedule-campaign",
    "emails.get-campaign-stats",
];

pub(super) async fn drive(client: &Client) {
    let root = format!("/emails/locations/{}", LOCATION.id);
    let template_id = drive_templates(client, &format!("{root}/templates")).await;
    let user_id = user_id(client).await;
    drive_campaigns(client, &format!("{root}/campaigns"), (&template_id, &user_id)).await;
    for (list, source) in
        [("emails", "email-campaigns"), ("workflows", "workflow-campaigns"), ("bulk-actions", "bulk-actions")]
    {
        let campaigns = format!("{root}/campaigns/{list}");
        let found = expect(client, 200, "GET", &format!("{campaigns}?limit=20&offset=0&search=e"), Value::Null).await;
        let campaigns_found = found["campaigns"].as_array().unwrap();
        let sent = campaigns_found.iter().find(|one| one.get("sourceId").is_some()).unwrap();
        expect(client, 200, "GET", &format!("{campaigns}/{}", text(sent, "/id")), Value::Null).await;
        let stats = format!("{root}/campaigns/stats/{source}/{}", text(sent, "/sourceId"));
        expect(client, 200, "GET", &stats, Value::Null).await;
    }
}

async fn drive_templates(client: &Client, templates: &str) -> String {
    let body = json!({
        "name": "Contract", "editorType": "html", "editorContent": "<p>Hi</p>", "subjectLine": "Hi",
        "fromName": "Ada", "fromEmail": "ada@example.com", "previewText": "Soon",
    });
    let made = expect(client, 201, "POST", templates, body).await;
    let list = format!("{templates}?limit=2&offset=0&search=e&sortBy=updatedAt&sortOrder=desc&include=templates");
    expect(client, 200, "GET", &list, Value::Null).await;
    let bare = expect(client, 201, "POST", templates, json!({"name": "Bare", "editorType": "text"})).await;
    let template = format!("{templates}/{}", text(&bare, "/id"));
    expect(client, 200, "PATCH", &template, json!({"subjectLine": "Hello"})).await;
    expect(client, 200, "GET", &template, Value::Null).await;
    expect(client, 200, "DELETE", &template, Value::Null).await;
    expect(client, 400, "GET", &template, Value::Null).await;
    text(&made, "/id").to_owned()
}

async fn drive_campaigns(client: &Client, campaigns: &str, (template_id, user_id): (&str, &str)) {
    let emails = format!("{campaigns}/emails");
    let body = json!({
        "name": "Contract", "editorType": "html", "templateId": template_id, "timeZone": "America/Los_Angeles",
        "userId": user_id,
    });
    let made = expect(client, 201, "POST", &emails, body.clone()).await;
    let campaign = format!("{emails}/{}", text(&made, "/id"));
    expect(client, 200, "PATCH", &campaign, json!({"name": "Contract 2", "editorContent": "<p>Hello</p>"})).await;
    let mut letter = json!({
        "scheduleType": "scheduled", "timeZone": "America/Los_Angeles", "userId": user_id,
        "emailMeta": {"subject": "Hi", "fromName": "Ada", "fromEmail": "ada@example.com"},
        "recipients": {"type": "segment", "segment": "engaged_last_7_days"},
        "scheduleConfig": {"sendAt": "2030-04-01 09:00 AM"},
    });
    let schedule = format!("{campaign}/schedule");
    expect(client, 201, "POST", &schedule, letter.clone()).await;
    expect(client, 409, "POST", &schedule, letter.clone()).await;
    letter["scheduleConfig"]["sendAt"] = json!("tomorrow");
    expect(client, 422, "POST", &schedule, letter).await;
    expect(client, 400, "PATCH", &campaign, json!({"name": "Contract 3"})).await;
    let draft = expect(client, 201, "POST", &emails, body).await;
    expect(client, 200, "DELETE", &format!("{emails}/{}", text(&draft, "/id")), Value::Null).await;
}
