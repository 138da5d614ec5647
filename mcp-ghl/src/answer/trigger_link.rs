//! What is shown of a trigger link.

use common::tool::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::line;
use crate::trigger_link::TriggerLink;

/// Longest address shown, in characters.
const ADDRESS_LENGTH_MAX: usize = 500;

/// A trigger link.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TriggerLinkAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// What stands for it in messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merge_field: Option<String>,
}

impl TriggerLinkAnswer {
    pub(crate) fn of(link: &TriggerLink) -> Self {
        Self {
            id: link.id.to_string(),
            name: line(&link.name),
            url: link.address.as_deref().map(|address| one_line(address, ADDRESS_LENGTH_MAX)),
            merge_field: link.merge_field.as_deref().map(line),
        }
    }
}
