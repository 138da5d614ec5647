//! Definitions of custom fields on the wire.

use serde::{Deserialize, Serialize};

use super::said;
use crate::custom_field::Model;
use crate::custom_field::definition::{Definition, FieldType};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct One {
    pub(in crate::client) custom_field: Option<Read>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) custom_fields: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    field_key: Option<String>,
    data_type: Option<String>,
    model: Option<String>,
    picklist_options: Option<Vec<String>>,
}

impl Read {
    /// Our definition; `None` without an id or name.
    pub(in crate::client) fn into_definition(self) -> Option<Definition> {
        let (id, name) = (self.id?, said(self.name)?);
        let key = said(self.field_key).unwrap_or_else(|| name.clone());
        let (prefix, short) = key.split_once('.').unwrap_or(("", &key));
        let is_opportunity = self.model.as_deref().unwrap_or(prefix) == "opportunity";
        Some(Definition {
            key: short.to_owned(),
            model: if is_opportunity { Model::Opportunity } else { Model::Contact },
            field_type: self.data_type.as_deref().and_then(field_type),
            options: self.picklist_options.unwrap_or_default(),
            id,
            name,
        })
    }
}

/// The vendor's words (highlevel-api-docs, custom fields, 2026-06-19), its spelling of money included.
const TYPES: &[(FieldType, &str)] = &[
    (FieldType::Text, "TEXT"),
    (FieldType::LongText, "LARGE_TEXT"),
    (FieldType::Number, "NUMERICAL"),
    (FieldType::Money, "MONETORY"),
    (FieldType::Phone, "PHONE"),
    (FieldType::Date, "DATE"),
    (FieldType::Choice, "SINGLE_OPTIONS"),
    (FieldType::Choices, "MULTIPLE_OPTIONS"),
    (FieldType::Radio, "RADIO"),
    (FieldType::Checkboxes, "CHECKBOX"),
    (FieldType::Lines, "TEXTBOX_LIST"),
    (FieldType::File, "FILE_UPLOAD"),
];

/// The vendor's word for a type.
pub(in crate::client) fn vendor_type(field_type: FieldType) -> &'static str {
    TYPES.iter().find(|(ours, _)| *ours == field_type).map_or("TEXT", |(_, theirs)| theirs)
}

pub(in crate::client) fn field_type(vendor_type: &str) -> Option<FieldType> {
    TYPES.iter().find(|(_, theirs)| *theirs == vendor_type).map(|(ours, _)| *ours)
}

/// A field as it is written. The specification takes the options of every type as `textBoxListOptions`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    pub(in crate::client) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) data_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) text_box_list_options: Option<Vec<Labelled<'a>>>,
    /// What the vendor has been seen to ask for instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) options: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) model: Option<Model>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Labelled<'a> {
    pub(in crate::client) label: &'a str,
    pub(in crate::client) prefill_value: &'static str,
}

/// Options in the documented form.
pub(in crate::client) fn labelled(options: &[String]) -> Vec<Labelled<'_>> {
    options.iter().map(|label| Labelled { label, prefill_value: "" }).collect()
}
