//! Email templates, and drafts of email campaigns.

use serde_json::{Map, Value, json};

use super::listed;
use crate::email_campaign::EmailCampaign;
use crate::email_template::{EmailTemplate, TemplateWrite};
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

/// Why a change of what an email says lasts: the API shows the address of a rendering, and takes the source.
pub(crate) const FORMER_BODY: &str = "GoHighLevel does not show the source of what it said before";

fn template_path(location_id: &RecordId, id: &RecordId) -> String {
    format!("/emails/locations/{location_id}/templates/{id}")
}

fn campaign_path(location_id: &RecordId, id: &RecordId) -> String {
    format!("/emails/locations/{location_id}/campaigns/emails/{id}")
}

/// Notices whatever was done to the record since: what it says is not shown, but when it was last touched is.
fn untouched(check: Check, updated_at: Option<&str>) -> Check {
    match updated_at {
        Some(instant) => check.field("updated_at", "/updatedAt", (), instant),
        None => check,
    }
}

/// Deletes an email template that was made.
pub(crate) fn template_creation(location_id: &RecordId, template: &EmailTemplate) -> Reversal {
    let path = template_path(location_id, &template.id);
    let check = Check::of(Request::get(path.clone())).field("name", "/name", (), template.name.as_str());
    let check = untouched(check, template.updated_at.as_deref());
    Reversal::deleting("delete the email template", path).with_check(check)
}

/// Gives an email template back what stood around its body. `None` if nothing of it differs.
pub(crate) fn template_update(
    location_id: &RecordId,
    before: &EmailTemplate,
    change: &TemplateWrite,
) -> Option<Reversal> {
    let path = template_path(location_id, &before.id);
    let mut check = Check::of(Request::get(path.clone()));
    let (mut back, mut again, mut names) = (Map::new(), Map::new(), Vec::new());
    // The subject is written under another name than it is read.
    for (name, at, key, old, new) in [
        ("name", "/name", "name", Some(&before.name), change.name.as_ref()),
        ("subject", "/subject", "subjectLine", before.subject.as_ref(), change.subject.as_ref()),
        ("preview_text", "/previewText", "previewText", before.preview_text.as_ref(), change.preview_text.as_ref()),
        ("from_name", "/fromName", "fromName", before.from_name.as_ref(), change.from_name.as_ref()),
        ("from_email", "/fromEmail", "fromEmail", before.from_email.as_ref(), change.from_email.as_ref()),
    ] {
        let Some(new) = new.filter(|new| Some(*new) != old) else { continue };
        // No field of the vendor's update may be null.
        back.insert(key.to_owned(), json!(old.map_or("", String::as_str)));
        again.insert(key.to_owned(), json!(new));
        check = check.field(name, at, old.cloned(), new.as_str());
        names.push(name);
    }
    if names.is_empty() {
        return None;
    }
    let says = |how: &str| format!("set {} of the email template {how}", listed(&names));
    let written = |body: Map<String, Value>| Request::new("PATCH", path.clone()).with_body(json!(body));
    let reversal = Reversal::new(says("back to what was there"), written(back)).with_check(check);
    Some(reversal.with_again(says("once more"), Effect::Writes, written(again)))
}

/// Deletes the draft of an email campaign that was made.
pub(crate) fn campaign_creation(location_id: &RecordId, campaign: &EmailCampaign) -> Reversal {
    let path = campaign_path(location_id, &campaign.id);
    let check = Check::of(Request::get(path.clone())).field("name", "/name", (), campaign.name.as_str()).field(
        "status",
        "/status",
        (),
        campaign.status.as_deref(),
    );
    let check = untouched(check, campaign.updated_at.as_deref());
    Reversal::deleting("delete the draft", path).with_check(check)
}

/// Gives the draft of an email campaign its name back. `None` if it has it.
pub(crate) fn campaign_renaming(location_id: &RecordId, before: &EmailCampaign, name: &str) -> Option<Reversal> {
    if before.name == name {
        return None;
    }
    let path = campaign_path(location_id, &before.id);
    let check = Check::of(Request::get(path.clone())).field("name", "/name", before.name.as_str(), name);
    let written = |name: &str| Request::new("PATCH", path.clone()).with_body(json!({ "name": name }));
    let reversal = Reversal::new("give the draft its name back", written(&before.name)).with_check(check);
    Some(reversal.with_again("rename the draft once more", Effect::Writes, written(name)))
}
