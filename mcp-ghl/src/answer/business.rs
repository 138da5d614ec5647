//! What is shown of a business.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::line;
use crate::business::Business;

/// A business in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BusinessRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// What else is known: email, phone, website, city and the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) details: BTreeMap<&'static str, String>,
}

impl BusinessRow {
    pub(crate) fn of(business: &Business) -> Self {
        let details = business.details.iter().map(|(detail, text)| (detail.as_str(), line(text)));
        Self { id: business.id.to_string(), name: line(&business.name), details: details.collect() }
    }
}
