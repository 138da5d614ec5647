//! What a location is set up with: businesses and who works there, custom fields, records of custom objects.

use serde_json::{Map, Value, json};

use super::listed;
use crate::business::{Business, Detail};
use crate::custom_field::FieldValue;
use crate::custom_field::definition::{Definition, OptionsForm};
use crate::object::{CustomObject, Property, Record};
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

fn business_path(business: &Business) -> String {
    format!("/businesses/{}", business.id)
}

/// What is known of a business: our word, the vendor's, and the text.
fn known_of(business: &Business) -> impl Iterator<Item = (&'static str, &'static str, Option<&String>)> {
    let detail = |detail: Detail| {
        let key = if detail == Detail::PostalCode { "postalCode" } else { detail.as_str() };
        (detail.as_str(), key, business.details.get(&detail))
    };
    std::iter::once(("name", "name", Some(&business.name))).chain(Detail::ALL.into_iter().map(detail))
}

/// Deletes a business that was made; contacts stay.
pub(crate) fn business_creation(business: &Business) -> Reversal {
    let mut check = Check::of(Request::get(business_path(business)));
    for (name, key, text) in known_of(business) {
        check = check.field(name, &format!("/business/{key}"), (), text.cloned());
    }
    Reversal::deleting("delete the business", business_path(business)).with_check(check)
}

/// Gives a business back what was known of it. `None` if nothing differs.
pub(crate) fn business_update(before: &Business, after: &Business) -> Option<Reversal> {
    let mut check = Check::of(Request::get(business_path(after)));
    let (mut back, mut again, mut names) = (Map::new(), Map::new(), Vec::new());
    for ((name, key, old), (_, _, new)) in
        known_of(before).zip(known_of(after)).filter(|((_, _, old), (_, _, new))| old != new)
    {
        // No field of the vendor's update may be null.
        back.insert(key.to_owned(), json!(old.map_or("", String::as_str)));
        again.insert(key.to_owned(), json!(new.map_or("", String::as_str)));
        check = check.field(name, &format!("/business/{key}"), old.cloned(), new.cloned());
        names.push(name);
    }
    if names.is_empty() {
        return None;
    }
    let says = |how: &str| format!("set {} of the business {how}", listed(&names));
    let put = |body: Map<String, Value>| Request::put(business_path(after), json!(body));
    let reversal = Reversal::new(says("back to what was there"), put(back)).with_check(check);
    Some(reversal.with_again(says("once more"), Effect::Writes, put(again)))
}

/// Puts a contact back into the business that it was in, or into none. `None` if it is the same one.
pub(crate) fn membership(
    location_id: &RecordId,
    (contact_id, name): (&RecordId, &str),
    before: Option<&RecordId>,
    after: &RecordId,
) -> Option<Reversal> {
    if before == Some(after) {
        return None;
    }
    let put = |business: Option<&RecordId>| {
        let body = json!({ "locationId": location_id, "ids": [contact_id], "businessId": business });
        Request::post("/contacts/bulk/business".to_owned(), body)
    };
    let check = Check::of(Request::get(format!("/contacts/{contact_id}"))).field(
        "business",
        "/contact/businessId",
        before.map(RecordId::as_str),
        after.as_str(),
    );
    let says = match before {
        Some(_) => format!("put {name} back into their former business"),
        None => format!("take {name} out of the business"),
    };
    let reversal = Reversal::new(says, put(before)).with_check(check);
    Some(reversal.with_again(format!("put {name} into the business once more"), Effect::Writes, put(Some(after))))
}

fn field_path(location_id: &RecordId, field: &Definition) -> String {
    format!("/locations/{location_id}/customFields/{}", field.id)
}

/// Deletes a custom field that was defined, with whatever was written into it since.
pub(crate) fn field_creation(location_id: &RecordId, field: &Definition) -> Reversal {
    let path = field_path(location_id, field);
    let check = Check::of(Request::get(path.clone()))
        .field("name", "/customField/name", (), field.name.as_str())
        .field("options", "/customField/picklistOptions", (), field.options.clone());
    Reversal::deleting("delete the custom field, and what was written into it", path).with_check(check)
}

/// Gives a custom field its name and options back, in the form in which the vendor took the others. `None` if nothing
/// differs.
pub(crate) fn field_update(
    location_id: &RecordId,
    before: &Definition,
    after: &Definition,
    form: OptionsForm,
) -> Option<Reversal> {
    let path = field_path(location_id, after);
    let (has_options, has_name) = (before.options != after.options, before.name != after.name);
    if !has_options && !has_name {
        return None;
    }
    let mut check = Check::of(Request::get(path.clone()));
    if has_name {
        check = check.field("name", "/customField/name", before.name.as_str(), after.name.as_str());
    }
    // Lists are compared whatever their order: where it alone has changed, nothing can be compared.
    let in_order = |field: &Definition| {
        let mut options = field.options.clone();
        options.sort();
        options
    };
    if in_order(before) != in_order(after) {
        let at = "/customField/picklistOptions";
        check = check.field("options", at, before.options.clone(), after.options.clone());
    }
    let put = |field: &Definition| {
        let mut body = Map::new();
        body.insert("name".to_owned(), json!(field.name));
        body.insert("model".to_owned(), json!(field.model));
        if has_options {
            let (key, options) = options_in(form, &field.options);
            body.insert(key.to_owned(), options);
        }
        Request::put(path.clone(), Value::Object(body))
    };
    let reversal = Reversal::new("set the custom field back to what it was", put(before)).with_check(check);
    Some(reversal.with_again("set the custom field once more", Effect::Writes, put(after)))
}

/// What options are called in a body, and how they are written.
fn options_in(form: OptionsForm, options: &[String]) -> (&'static str, Value) {
    match form {
        OptionsForm::Labelled => {
            let labelled = |option: &String| json!({ "label": option, "prefillValue": "" });
            ("textBoxListOptions", options.iter().map(labelled).collect())
        }
        OptionsForm::Listed => ("options", json!(options)),
    }
}

fn record_path(object: &CustomObject, record: &Record) -> String {
    format!("/objects/{}/records/{}", object.key, record.id)
}

/// Where a value of a record is: a sum comes with its currency.
fn value_at(property: &Property) -> String {
    let inside = if property.is_money { "/value" } else { "" };
    format!("/record/properties/{}{inside}", property.key)
}

/// Deletes a record that was made.
pub(crate) fn record_creation(object: &CustomObject, record: &Record, values: &[(&Property, FieldValue)]) -> Reversal {
    let path = record_path(object, record);
    let mut check = Check::of(Request::get(path.clone()));
    for (property, value) in values {
        check = check.field(&property.key, &value_at(property), (), plain(value).unwrap_or_default());
    }
    Reversal::deleting(format!("delete the {}", object.singular), path).with_check(check)
}

/// Gives a record its values back. `None` if one of them was of a form that cannot be written.
pub(crate) fn record_update(
    location_id: &RecordId,
    object: &CustomObject,
    before: &Record,
    values: &[(&Property, FieldValue)],
) -> Option<Reversal> {
    let path = record_path(object, before);
    let mut check = Check::of(Request::get(path.clone()));
    let (mut back, mut again, mut names) = (Map::new(), Map::new(), Vec::new());
    for (property, value) in values {
        let (key, new) = (property.key.as_str(), plain(value)?);
        let old = before.values.get(key).map_or(Some(Value::Null), plain)?;
        back.insert(key.to_owned(), written(property, &old));
        again.insert(key.to_owned(), written(property, &new));
        check = check.field(key, &value_at(property), old, new);
        names.push(key);
    }
    let says = |how: &str| format!("set {} of the {} {how}", listed(&names), object.singular);
    let put = |properties: Map<String, Value>| {
        Request::put(path.clone(), json!({ "properties": properties })).with_query("locationId", location_id.as_str())
    };
    let reversal = Reversal::new(says("back to what was there"), put(back)).with_check(check);
    Some(reversal.with_again(says("once more"), Effect::Writes, put(again)))
}

/// A value as it is compared; `None` for one that is not known whole.
fn plain(value: &FieldValue) -> Option<Value> {
    match value {
        FieldValue::Text(text) => Some(json!(text)),
        FieldValue::Number(number) => Some(json!(number)),
        FieldValue::Flag(flag) => Some(json!(flag)),
        FieldValue::List(items) => Some(json!(items)),
        FieldValue::Opaque => None,
    }
}

/// A value as it is written: the vendor takes no other currency than the location's.
fn written(property: &Property, value: &Value) -> Value {
    if property.is_money && !value.is_null() { json!({ "currency": "default", "value": value }) } else { value.clone() }
}
