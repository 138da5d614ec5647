//! Contacts and their tags.

use serde_json::{Map, Value, json};

use super::listed;
use crate::client::wire::contact::{ValueDated, ValueV3, Written};
use crate::client::{ContactWrite, TagEdit};
use crate::contact::{Contact, Email, Phone};
use crate::custom_field::FieldValue;
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};
use crate::tag::{Tag, TagChange};

fn path(id: &RecordId) -> String {
    format!("/contacts/{id}")
}

/// Deletes a contact that was created, if nobody has added to what is known of it.
pub(crate) fn contact_creation(contact: &Contact) -> Reversal {
    let mut check = Check::of(Request::get(path(&contact.id)));
    for (name, at, value) in texts(contact) {
        check = check.field(name, at, (), value);
    }
    check = check.field("company", "/contact/companyName", (), contact.company.as_deref()).field(
        "tags",
        "/contact/tags",
        (),
        contact.tags.clone(),
    );
    for held in &contact.custom_values {
        check = check.field("custom_fields", &at_field(&held.field_id), (), json!(Written::of(&held.value)));
    }
    Reversal::deleting("delete the contact, with all that hangs on it", path(&contact.id)).with_check(check)
}

/// Gives an updated contact back what it had in the fields that were written.
pub(crate) fn contact_update(
    location_id: &RecordId,
    write: &ContactWrite,
    before: &Contact,
    after: &Contact,
) -> Vec<Reversal> {
    company(location_id, write, before, after).into_iter().chain(fields(write, before, after)).collect()
}

/// The fields that every body takes.
fn texts(contact: &Contact) -> [(&'static str, &'static str, Option<&str>); 6] {
    [
        ("first_name", "/contact/firstName", contact.first_name.as_deref()),
        ("last_name", "/contact/lastName", contact.last_name.as_deref()),
        ("email", "/contact/email", contact.email.as_deref()),
        ("phone", "/contact/phone", contact.phone.as_deref()),
        ("source", "/contact/source", contact.source.as_deref()),
        ("owner", "/contact/assignedTo", contact.owner_id.as_deref()),
    ]
}

fn at_field(id: &str) -> String {
    format!("/contact/customFields/id={id}/value|fieldValue|field_value")
}

fn fields(write: &ContactWrite, before: &Contact, after: &Contact) -> Option<Reversal> {
    let was_given = |name: &str| match name {
        "first_name" => write.first_name.is_some(),
        "last_name" => write.last_name.is_some(),
        "email" => write.email.is_some(),
        "phone" => write.phone.is_some(),
        "source" => write.source.is_some(),
        "owner" => write.owner_id.is_some(),
        _ => false,
    };
    let mut check = Check::of(Request::get(path(&after.id)));
    let (mut back, mut again) = (Map::new(), Map::new());
    let mut names = Vec::new();
    for ((name, at, old), (_, _, new)) in texts(before).into_iter().zip(texts(after)) {
        if was_given(name) && old != new {
            check = check.field(name, at, old, new);
            let key = at.rsplit('/').next().unwrap_or_default();
            back.insert(key.to_owned(), json!(old));
            again.insert(key.to_owned(), json!(new));
            names.push(name.replace('_', " "));
        }
    }
    let (mut old_back, mut old_again) = (back.clone(), again.clone());
    let values = Values::of(write, before);
    if !values.changed.is_empty() {
        for (id, old, new) in &values.changed {
            check = check.field("custom_fields", &at_field(id), json!(Written::of(old)), json!(Written::of(new)));
        }
        for (v3, dated, (v3_values, dated_values)) in [
            (&mut back, &mut old_back, values.bodies(|(_, old, _)| old)),
            (&mut again, &mut old_again, values.bodies(|(_, _, new)| new)),
        ] {
            v3.insert("customFields".to_owned(), v3_values);
            dated.insert("customFields".to_owned(), dated_values);
        }
        names.push("custom fields".to_owned());
    }
    if names.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let says = |how: &str| format!("set {} {how}", listed(&names));
    let request = |body, older| Request::put(path(&after.id), Value::Object(body)).or_body(Value::Object(older));
    let reversal = Reversal::new(says("back to what was there"), request(back, old_back)).with_check(check);
    Some(reversal.with_again(says("once more"), Effect::Writes, request(again, old_again)))
}

/// The custom values that were written: id, value before, value written.
struct Values {
    changed: Vec<(String, FieldValue, FieldValue)>,
}

impl Values {
    fn of(write: &ContactWrite, before: &Contact) -> Self {
        let held = |id: &RecordId| before.custom_values.iter().find(|held| held.field_id == id.as_str());
        let changed = write.custom_values.iter().filter_map(|(id, new)| {
            let old = held(id).map_or_else(|| FieldValue::Text(String::new()), |held| held.value.clone());
            (old != *new && old != FieldValue::Opaque).then(|| (id.to_string(), old, new.clone()))
        });
        Self { changed: changed.collect() }
    }

    /// As v3 and as older versions spell them.
    fn bodies(&self, value: impl Fn(&(String, FieldValue, FieldValue)) -> &FieldValue) -> (Value, Value) {
        let (mut v3, mut dated) = (Vec::new(), Vec::new());
        for each in &self.changed {
            v3.push(ValueV3 { id: &each.0, field_value: Written::of(value(each)) });
            dated.push(ValueDated { id: &each.0, field_value: Written::of(value(each)) });
        }
        (json!(v3), json!(dated))
    }
}

/// The vendor's update takes no firm, its upsert does (specification of 2026-06-19). That finds the contact by what the
/// change itself was found by, which therefore must be there still.
fn company(location_id: &RecordId, write: &ContactWrite, before: &Contact, after: &Contact) -> Option<Reversal> {
    if write.company.is_none() || before.company == after.company {
        return None;
    }
    let mut check = Check::of(Request::get(path(&after.id)));
    let (email, phone) = (write.email.as_ref().map(Email::as_str), write.phone.as_ref().map(Phone::as_str));
    if email.is_some() {
        check = check.bound("email", "/contact/email", after.email.as_deref());
    }
    if phone.is_some() {
        check = check.bound("phone", "/contact/phone", after.phone.as_deref());
    }
    let check = check.field("company", "/contact/companyName", before.company.as_deref(), after.company.as_deref());
    let request = |company: &Option<String>| {
        let mut body = Map::from_iter([
            ("locationId".to_owned(), json!(location_id.as_str())),
            ("companyName".to_owned(), json!(company)),
        ]);
        for (key, value) in [("email", email), ("phone", phone)] {
            if let Some(value) = value {
                body.insert(key.to_owned(), json!(value));
            }
        }
        Request::post("/contacts/upsert".to_owned(), Value::Object(body))
    };
    let reversal = Reversal::new("set company back to what was there", request(&before.company)).with_check(check);
    Some(reversal.with_again("set company once more", Effect::Writes, request(&after.company)))
}

/// Takes off what was added and adds what was taken off. What others have added or taken off meanwhile stays: a tag is
/// there or not, whoever said so last.
pub(crate) fn tags(contact_id: &RecordId, change: &TagChange) -> Vec<Reversal> {
    let path = format!("/contacts/{contact_id}/tags");
    let texts = |tags: &[Tag]| tags.iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
    let body = |tags: &[String]| json!({ "tags": tags });
    let add = |tags: &[String]| (format!("add {}", tags.join(", ")), Request::post(path.clone(), body(tags)));
    let remove = |tags: &[String]| {
        (format!("take off {}", tags.join(", ")), Request::delete(path.clone()).with_body(body(tags)))
    };
    let mut reversals = Vec::new();
    let (added, removed) = (texts(&change.add), texts(&change.remove));
    for (tags, is_added) in [(added, true), (removed, false)] {
        if tags.is_empty() {
            continue;
        }
        let ((says, request), (again_says, again)) =
            if is_added { (remove(&tags), add(&tags)) } else { (add(&tags), remove(&tags)) };
        reversals.push(Reversal::new(says, request).with_again(again_says, Effect::Writes, again));
    }
    reversals
}

/// Takes off what was added to many contacts at once, or adds what was taken off.
pub(crate) fn bulk_tags(location_id: &RecordId, edit: TagEdit, ids: &[RecordId], tags: &[Tag]) -> Reversal {
    let texts: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    let body = json!({ "contacts": ids, "tags": texts, "locationId": location_id });
    let request = |edit: TagEdit| {
        let word = match edit {
            TagEdit::Add => "add",
            TagEdit::Remove => "remove",
        };
        Request::post(format!("/contacts/bulk/tags/update/{word}"), body.clone())
    };
    let list = format!("{} of {} contacts", texts.join(", "), ids.len());
    let (taken, added) = (format!("take off {list}"), format!("add {list}"));
    match edit {
        TagEdit::Add => {
            Reversal::new(taken, request(TagEdit::Remove)).with_again(added, Effect::Writes, request(TagEdit::Add))
        }
        TagEdit::Remove => {
            Reversal::new(added, request(TagEdit::Add)).with_again(taken, Effect::Writes, request(TagEdit::Remove))
        }
    }
}
