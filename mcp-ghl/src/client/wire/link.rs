//! Trigger links on the wire.

use serde::{Deserialize, Serialize};

use super::said;
use crate::record_id::RecordId;
use crate::trigger_link::TriggerLink;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) link: Option<Read>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) links: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    redirect_to: Option<String>,
    field_key: Option<String>,
}

impl Read {
    /// Our link; `None` without an id.
    pub(in crate::client) fn into_link(self) -> Option<TriggerLink> {
        Some(TriggerLink {
            id: self.id?,
            name: said(self.name).unwrap_or_default(),
            address: said(self.redirect_to),
            merge_field: said(self.field_key),
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) location_id: Option<&'a RecordId>,
    pub(in crate::client) name: &'a str,
    pub(in crate::client) redirect_to: &'a str,
}
