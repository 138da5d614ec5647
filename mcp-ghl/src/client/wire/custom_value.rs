//! Custom values on the wire.

use serde::{Deserialize, Serialize};

use super::said;
use crate::location_value::{LocationValue, key_of};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct One {
    pub(in crate::client) custom_value: Option<Read>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) custom_values: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    field_key: Option<String>,
    value: Option<String>,
}

impl Read {
    /// Our value; `None` without an id or name.
    pub(in crate::client) fn into_value(self) -> Option<LocationValue> {
        let name = said(self.name)?;
        let key = said(self.field_key).map_or_else(|| name.clone(), |text| key_of(&text).to_owned());
        Some(LocationValue { id: self.id?, name, key, value: self.value.unwrap_or_default() })
    }
}

#[derive(Debug, Serialize)]
pub(in crate::client) struct Write<'a> {
    pub(in crate::client) name: &'a str,
    pub(in crate::client) value: &'a str,
}
