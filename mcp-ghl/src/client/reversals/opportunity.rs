//! Deals.

use serde_json::{Map, json};

use super::listed;
use crate::opportunity::{Opportunity, Status};
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

/// A field of a deal: the argument, the vendor's name of it.
const FIELDS: [(&str, &str); 6] = [
    ("pipeline", "pipelineId"),
    ("stage", "pipelineStageId"),
    ("status", "status"),
    ("name", "name"),
    ("value", "monetaryValue"),
    ("owner", "assignedTo"),
];

fn path(deal: &Opportunity) -> String {
    format!("/opportunities/{}", deal.id)
}

/// Deletes a deal that was created.
pub(crate) fn opportunity_creation(deal: &Opportunity) -> Reversal {
    let mut check = Check::of(Request::get(path(deal)));
    for (name, key) in FIELDS {
        check = check.field(name, &format!("/opportunity/{key}"), (), value(deal, name));
    }
    Reversal::deleting("delete the deal", path(deal)).with_check(check)
}

/// Gives a deal back what it had in what differs. `None` if nothing does.
pub(crate) fn opportunity_update(before: &Opportunity, after: &Opportunity) -> Option<Reversal> {
    let mut check = Check::of(Request::get(path(after)));
    let (mut back, mut again, mut names) = (Map::new(), Map::new(), Vec::new());
    let is_moved = before.pipeline_id != after.pipeline_id || before.stage_id != after.stage_id;
    for (name, key) in FIELDS {
        let (old, new) = (value(before, name), value(after, name));
        // A stage belongs to one pipeline: they go together.
        let goes_along = is_moved && name == "pipeline";
        if old == new && !goes_along {
            continue;
        }
        // No field of the vendor's update may be null: an empty text empties what can be emptied.
        back.insert(key.to_owned(), if old.is_null() { json!("") } else { old.clone() });
        again.insert(key.to_owned(), if new.is_null() { json!("") } else { new.clone() });
        if old != new {
            check = check.field(name, &format!("/opportunity/{key}"), old, new);
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let says = |how: &str| format!("set {} of the deal {how}", listed(&names));
    let reversal =
        Reversal::new(says("back to what was there"), Request::put(path(after), json!(back))).with_check(check);
    Some(reversal.with_again(says("once more"), Effect::Writes, Request::put(path(after), json!(again))))
}

/// Gives a lost deal back the reason that it had. `None` if it had none, or has it.
pub(crate) fn lost_reason(before: &Opportunity, after: &Opportunity) -> Option<Reversal> {
    let old = before.lost_reason_id.as_deref().filter(|_| before.status == Some(Status::Lost))?;
    let new = after.lost_reason_id.as_deref();
    if new == Some(old) {
        return None;
    }
    let check = Check::of(Request::get(path(after))).field("lost_reason", "/opportunity/lostReasonId", old, new);
    let body = |reason: &str| json!({"status": Status::Lost, "lostReasonId": reason});
    let request = |body| Request::put(format!("{}/status", path(after)), body);
    let reversal = Reversal::new("set the reason for losing the deal back to what was there", request(body(old)));
    let reversal = reversal.with_check(check);
    Some(match new {
        Some(new) => {
            reversal.with_again("set the reason for losing the deal once more", Effect::Writes, request(body(new)))
        }
        None => reversal,
    })
}

/// Creates a deal anew that was deleted: under another id and without its history, and without its custom fields.
pub(crate) fn opportunity_deletion(location_id: &RecordId, deal: &Opportunity) -> Option<Reversal> {
    let mut body = Map::new();
    body.insert("locationId".to_owned(), json!(location_id));
    body.insert("contactId".to_owned(), json!(deal.contact_id.as_deref()?));
    for (name, key) in FIELDS {
        let value = value(deal, name);
        if !value.is_null() {
            body.insert(key.to_owned(), value);
        }
    }
    let request = Request::post("/opportunities/".to_owned(), json!(body));
    Some(Reversal::new("create the deal anew, under another id and without its history", request))
}

fn value(deal: &Opportunity, name: &str) -> serde_json::Value {
    match name {
        "pipeline" => json!(deal.pipeline_id),
        "stage" => json!(deal.stage_id),
        "status" => json!(deal.status),
        "name" => json!(deal.name),
        "value" => json!(deal.value.unwrap_or_default()),
        _ => json!(deal.owner_id),
    }
}
