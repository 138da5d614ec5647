//! What goes over the wire, one file per noun, both generations side by side.

pub(crate) mod appointment;
pub(crate) mod calendar;
pub(crate) mod contact;
pub(crate) mod contact_body;
pub(crate) mod conversation;
pub(crate) mod location;
pub(crate) mod message;
pub(crate) mod note;
pub(crate) mod oauth;
pub(crate) mod opportunity;
pub(crate) mod opportunity_body;
pub(crate) mod search_body;
pub(crate) mod task;
pub(crate) mod user;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::custom_fields::CustomField;
use crate::sandbox::version::Generation;

/// One value of a custom field as a body sets it: by id, by key, or both.
#[derive(Debug)]
pub(crate) struct CustomValue {
    id: Option<String>,
    key: Option<String>,
    value: Value,
}

/// Reads `customFields: [{id, key, field_value}]`; v3 spells the value `fieldValue` and still takes the old name.
pub(crate) fn custom_values(body: &mut Body, generation: Generation) -> Vec<CustomValue> {
    let read = |item: &mut Body| {
        let old = item.raw("field_value");
        let new = match generation {
            Generation::V2 => None,
            Generation::V3 => item.raw("fieldValue"),
        };
        CustomValue { id: item.text("id"), key: item.text("key"), value: new.or(old).unwrap_or(Value::Null) }
    };
    body.objects("customFields", read).unwrap_or_default()
}

/// Sets the given values and leaves the others; null removes one, and so does an empty text or list, as of other fields.
///
/// # Errors
/// 400 for a field the location does not have. What the vendor does with one is not documented; a mistake should show.
pub(crate) fn set_custom_values(
    held: &mut BTreeMap<String, Value>,
    given: Vec<CustomValue>,
    fields: &[CustomField],
    model: &str,
) -> Result<(), Refusal> {
    for CustomValue { id, key, value } in given {
        let field = fields.iter().filter(|field| field.model == model).find(|field| match (&id, &key) {
            (Some(id), _) => field.id == *id,
            (None, Some(key)) => has_key(field, key),
            (None, None) => false,
        });
        let Some(field) = field else {
            return Err(Refusal::no_such("Custom field", id.or(key).as_deref().unwrap_or("undefined")));
        };
        if value.is_null() || value == "" || value == Value::Array(Vec::new()) {
            held.remove(&field.id);
        } else {
            held.insert(field.id.clone(), value);
        }
    }
    Ok(())
}

/// `contact.lead_score` and `lead_score` name the same field.
fn has_key(field: &CustomField, key: &str) -> bool {
    field.field_key == key || field.field_key.split_once('.').is_some_and(|(_, short)| short == key)
}
