//! What is shown of a custom object's record.

use std::collections::BTreeMap;

use common::tool::Untrusted;
use schemars::JsonSchema;
use serde::Serialize;

use super::contact::ValueAnswer;
use super::{excerpt, line};
use crate::custom_field::FieldValue;
use crate::object::{CustomObject, Property, Record};

/// Longest value shown, in characters.
const VALUE_LENGTH_MAX: usize = 500;

/// Which custom object it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ObjectRef {
    /// What other tools call it.
    pub(crate) key: String,
    /// What people call it.
    pub(crate) name: String,
}

impl ObjectRef {
    pub(crate) fn of(object: &CustomObject) -> Self {
        Self { key: line(object.key.as_str()), name: line(&object.singular) }
    }
}

/// A record in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RecordRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// By key; sums in the location's currency.
    pub(crate) fields: BTreeMap<String, ValueAnswer>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
}

impl RecordRow {
    pub(crate) fn of(record: &Record, object: &CustomObject, properties: &[Property]) -> Self {
        let shown = |(key, value): (&String, &FieldValue)| {
            let property = properties.iter().find(|property| property.key == *key);
            let value = property.map_or_else(|| value.clone(), |property| property.shown(value));
            Some((line(key), answer(&value)?))
        };
        Self {
            id: record.id.to_string(),
            name: line(record.name(object)),
            fields: record.values.iter().filter(|(_, value)| !value.is_empty()).filter_map(shown).collect(),
            updated_at: record.updated_at.clone(),
        }
    }
}

fn answer(value: &FieldValue) -> Option<ValueAnswer> {
    let text = |text: &str| ValueAnswer::Text(Untrusted::new(excerpt(text, VALUE_LENGTH_MAX), "record"));
    Some(match value {
        FieldValue::Number(number) => ValueAnswer::Number(*number),
        FieldValue::Flag(flag) => ValueAnswer::Flag(*flag),
        FieldValue::Text(held) => text(held),
        FieldValue::List(items) => text(&items.join(", ")),
        FieldValue::Opaque => return None,
    })
}
