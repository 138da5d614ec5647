//! Associations and relations on the wire.

use serde::{Deserialize, Serialize};

use super::said;
use crate::association::{Association, Relation, Side};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) associations: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    key: Option<String>,
    first_object_key: Option<String>,
    first_object_label: Option<String>,
    second_object_key: Option<String>,
    second_object_label: Option<String>,
}

impl Read {
    pub(in crate::client) fn into_association(self) -> Option<Association> {
        let side = |object_key: Option<String>, label: Option<String>| {
            let object_key = said(object_key)?;
            Some(Side { label: said(label).unwrap_or_else(|| object_key.clone()), object_key })
        };
        let first = side(self.first_object_key, self.first_object_label)?;
        let second = side(self.second_object_key, self.second_object_label)?;
        let label = format!("{} - {}", first.label, second.label);
        Some(Association { id: self.id?, key: said(self.key).unwrap_or_default(), label, first, second })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Relations {
    #[serde(default)]
    pub(in crate::client) relations: Vec<ReadRelation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadRelation {
    id: Option<RecordId>,
    association_id: Option<String>,
    first_record_id: Option<String>,
    second_record_id: Option<String>,
}

impl ReadRelation {
    pub(in crate::client) fn into_relation(self) -> Option<Relation> {
        Some(Relation {
            id: self.id?,
            association_id: self.association_id?,
            first_id: self.first_record_id?,
            second_id: self.second_record_id?,
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's names: a relation is made of ids only")]
pub(in crate::client) struct Write<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    pub(in crate::client) association_id: &'a RecordId,
    pub(in crate::client) first_record_id: &'a RecordId,
    pub(in crate::client) second_record_id: &'a RecordId,
}
