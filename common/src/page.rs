//! One page of a list: the form in which every list tool answers.

use schemars::JsonSchema;
use serde::Serialize;

/// Some of the items, and how to get the next ones.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Page<T> {
    /// This page.
    pub items: Vec<T>,
    /// Pass it back as `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
