//! Custom objects and their records on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AnyValue, Instant, rfc3339, said};
use crate::custom_field::{FieldValue, Kind};
use crate::object::{CustomObject, Property, PropertyOption, Record};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ManyObjects {
    #[serde(default)]
    pub(in crate::client) objects: Vec<ReadObject>,
}

/// An object with its properties.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct OneObject {
    #[serde(default)]
    pub(in crate::client) fields: Vec<ReadProperty>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadObject {
    key: Option<RecordId>,
    labels: Option<Labels>,
    primary_display_property: Option<String>,
    standard: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Labels {
    singular: Option<String>,
    plural: Option<String>,
}

/// `name` of `custom_objects.pets.name`.
fn short(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

impl ReadObject {
    pub(in crate::client) fn into_object(self) -> Option<CustomObject> {
        let key = self.key?;
        let labels = self.labels.unwrap_or_default();
        let singular = said(labels.singular).unwrap_or_else(|| short(key.as_str()).to_owned());
        Some(CustomObject {
            plural: said(labels.plural).unwrap_or_else(|| singular.clone()),
            singular,
            display_key: short(self.primary_display_property.as_deref().unwrap_or_default()).to_owned(),
            is_standard: self.standard.unwrap_or_default(),
            key,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadProperty {
    id: Option<RecordId>,
    name: Option<String>,
    field_key: Option<String>,
    data_type: Option<String>,
    options: Option<Vec<ReadOption>>,
}

#[derive(Debug, Deserialize)]
struct ReadOption {
    key: String,
    label: Option<String>,
}

impl ReadProperty {
    pub(in crate::client) fn into_property(self) -> Option<Property> {
        let key = short(&said(self.field_key)?).to_owned();
        let option = |option: ReadOption| PropertyOption {
            label: said(option.label).unwrap_or_else(|| option.key.clone()),
            key: option.key,
        };
        let options: Vec<PropertyOption> = self.options.unwrap_or_default().into_iter().map(option).collect();
        let labels = options.iter().map(|option| option.label.clone()).collect();
        let data_type = self.data_type.unwrap_or_default();
        let kind = match data_type.as_str() {
            "NUMERICAL" | "MONETORY" => Kind::Number,
            "SINGLE_OPTIONS" | "RADIO" => Kind::Choice(labels),
            "MULTIPLE_OPTIONS" | "CHECKBOX" => Kind::Choices(labels),
            "DATE" => Kind::Date,
            // Lists of texts are written under one key for each line, which is not offered.
            "FILE_UPLOAD" | "TEXTBOX_LIST" => Kind::File,
            _ => Kind::Text,
        };
        let name = said(self.name).unwrap_or_else(|| key.clone());
        Some(Property { id: self.id?, name, key, kind, is_money: data_type == "MONETORY", options })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct OneRecord {
    pub(in crate::client) record: Option<ReadRecord>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ManyRecords {
    #[serde(default)]
    pub(in crate::client) records: Vec<ReadRecord>,
    pub(in crate::client) total: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadRecord {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    properties: BTreeMap<String, ReadValue>,
    created_at: Option<Instant>,
    date_added: Option<Instant>,
    updated_at: Option<Instant>,
    date_updated: Option<Instant>,
}

/// A sum comes with its currency, of which there is one: the location's.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ReadValue {
    Money { value: f64 },
    Any(AnyValue),
}

impl ReadRecord {
    pub(in crate::client) fn into_record(self) -> Option<Record> {
        let value = |value: ReadValue| match value {
            ReadValue::Money { value } => FieldValue::Number(value),
            ReadValue::Any(any) => any.into(),
        };
        Some(Record {
            id: self.id?,
            location_id: self.location_id,
            values: self.properties.into_iter().map(|(key, read)| (key, value(read))).collect(),
            created_at: rfc3339(self.created_at.or(self.date_added)),
            updated_at: rfc3339(self.updated_at.or(self.date_updated)),
        })
    }
}

/// The specification wants all five.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Question<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    pub(in crate::client) page: u32,
    pub(in crate::client) page_limit: u32,
    pub(in crate::client) query: &'a str,
    pub(in crate::client) search_after: [&'a str; 0],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    /// For new records only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) location_id: Option<&'a RecordId>,
    pub(in crate::client) properties: BTreeMap<&'a str, WriteValue<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::client) enum WriteValue<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
    List(&'a [String]),
    /// The vendor takes no other currency than the location's.
    Money {
        currency: &'static str,
        value: f64,
    },
    Nothing,
}

impl<'a> WriteValue<'a> {
    pub(in crate::client) fn of(value: &'a FieldValue, is_money: bool) -> Self {
        match value {
            FieldValue::Number(value) if is_money => Self::Money { currency: "default", value: *value },
            FieldValue::Number(number) => Self::Number(*number),
            FieldValue::Text(text) => Self::Text(text),
            FieldValue::Flag(flag) => Self::Flag(*flag),
            FieldValue::List(items) => Self::List(items),
            FieldValue::Opaque => Self::Nothing,
        }
    }
}
