//! What a location keeps for itself: trigger links, custom values, tags; and who is in its automations.

use serde_json::json;

use crate::automation::{Automation, AutomationKind};
use crate::location_value::LocationValue;
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};
use crate::tag::KnownTag;
use crate::trigger_link::TriggerLink;

fn link_check(location_id: &RecordId, before: Option<&TriggerLink>, after: &TriggerLink) -> Check {
    let read = Request::get("/links/".to_owned()).with_query("locationId", location_id.as_str());
    let at = |key: &str| format!("/links/id={}/{key}", after.id);
    let address = |link: &TriggerLink| link.address.clone();
    Check::of(read).field("name", &at("name"), before.map(|link| link.name.clone()), after.name.as_str()).field(
        "url",
        &at("redirectTo"),
        before.and_then(address),
        address(after),
    )
}

/// Deletes a trigger link that was made.
pub(crate) fn link_creation(location_id: &RecordId, link: &TriggerLink) -> Reversal {
    let deletion = Reversal::deleting("delete the trigger link", format!("/links/{}", link.id));
    deletion.with_check(link_check(location_id, None, link))
}

/// Gives a trigger link its name and address back. `None` if neither differs.
pub(crate) fn link_update(location_id: &RecordId, before: &TriggerLink, after: &TriggerLink) -> Option<Reversal> {
    if before.name == after.name && before.address == after.address {
        return None;
    }
    let put = |link: &TriggerLink| {
        Request::put(format!("/links/{}", after.id), json!({ "name": link.name, "redirectTo": link.address }))
    };
    let reversal = Reversal::new("set the trigger link back to what it was", put(before));
    let reversal = reversal.with_check(link_check(location_id, Some(before), after));
    Some(reversal.with_again("set the trigger link once more", Effect::Writes, put(after)))
}

fn value_path(location_id: &RecordId, id: &RecordId) -> String {
    format!("/locations/{location_id}/customValues/{id}")
}

/// Deletes a custom value that was made.
pub(crate) fn value_creation(location_id: &RecordId, value: &LocationValue) -> Reversal {
    let path = value_path(location_id, &value.id);
    let check = Check::of(Request::get(path.clone())).field("value", "/customValue/value", (), value.value.as_str());
    Reversal::deleting("delete the custom value", path).with_check(check)
}

/// Gives a custom value its text back.
pub(crate) fn value_update(location_id: &RecordId, before: &LocationValue, after: &LocationValue) -> Reversal {
    let path = value_path(location_id, &after.id);
    let put = |text: &str| Request::put(path.clone(), json!({ "name": after.name, "value": text }));
    let check = Check::of(Request::get(path.clone())).field(
        "value",
        "/customValue/value",
        before.value.as_str(),
        after.value.as_str(),
    );
    Reversal::new("set the custom value back to what it was", put(&before.value)).with_check(check).with_again(
        "set the custom value once more",
        Effect::Writes,
        put(&after.value),
    )
}

fn tag_path(location_id: &RecordId, id: &RecordId) -> String {
    format!("/locations/{location_id}/tags/{id}")
}

/// Deletes a tag that was made, and takes it off whoever has got it since.
pub(crate) fn tag_creation(location_id: &RecordId, tag: &KnownTag) -> Reversal {
    let path = tag_path(location_id, &tag.id);
    let check = Check::of(Request::get(path.clone())).field("name", "/tag/name", (), tag.name.as_str());
    Reversal::deleting("delete the tag, and take it off whoever has it", path).with_check(check)
}

/// Gives a tag its name back.
pub(crate) fn tag_renaming(location_id: &RecordId, before: &KnownTag, after: &KnownTag) -> Reversal {
    let path = tag_path(location_id, &after.id);
    let put = |tag: &KnownTag| Request::put(path.clone(), json!({ "name": tag.name }));
    let check =
        Check::of(Request::get(path.clone())).field("name", "/tag/name", before.name.as_str(), after.name.as_str());
    let reversal = Reversal::new(format!("rename the tag to {} again", before.name), put(before)).with_check(check);
    reversal.with_again(format!("rename the tag to {} once more", after.name), Effect::Writes, put(after))
}

/// Takes a contact out of an automation again. What has been sent until then stays sent.
pub(crate) fn enrolment(contact_id: &RecordId, automation: &Automation) -> Reversal {
    let kind = match automation.kind {
        AutomationKind::Workflow => "workflow",
        AutomationKind::Campaign => "campaigns",
    };
    let request = Request::delete(format!("/contacts/{contact_id}/{kind}/{}", automation.id));
    Reversal::new(
        "take them out of it again; what has been sent stays sent",
        match automation.kind {
            // The specification requires a body that holds nothing.
            AutomationKind::Workflow => request.with_body(json!({})),
            AutomationKind::Campaign => request,
        },
    )
}
