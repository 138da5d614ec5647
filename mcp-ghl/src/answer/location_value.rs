//! What is shown of a custom value.

use common::tool::Untrusted;
use schemars::JsonSchema;
use serde::Serialize;

use super::{excerpt, line};
use crate::location_value::LocationValue;

/// Longest value shown, in characters.
const SHOWN_MAX: usize = 1_000;

/// A custom value in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ValueRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// What stands for it in messages and pages.
    pub(crate) merge_tag: String,
    /// What it puts there.
    pub(crate) value: Untrusted,
}

impl ValueRow {
    pub(crate) fn of(value: &LocationValue) -> Self {
        Self {
            id: value.id.to_string(),
            name: line(&value.name),
            merge_tag: line(&value.merge_tag()),
            value: shown(&value.value),
        }
    }
}

/// The beginning of a value, as somebody wrote it.
pub(crate) fn shown(value: &str) -> Untrusted {
    Untrusted::new(excerpt(value, SHOWN_MAX), "custom value")
}
