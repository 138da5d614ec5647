//! What is wrong with a definition, and where.

use common::error::{Error, Fault};
use serde::Serialize;

/// Flaws that are told of one definition; the rest is counted.
pub const FLAWS_MAX: usize = 50;

/// A line and a column, from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    pub line: usize,
    pub column: usize,
}

impl Mark {
    /// Where a text begins.
    pub const BEGIN: Self = Self { line: 1, column: 1 };
}

/// One thing that is wrong with a definition: where, what, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    #[serde(flatten)]
    pub mark: Mark,
    /// JSON Pointer (RFC 6901) into the definition; empty for the whole.
    pub pointer: String,
    pub problem: String,
    pub expected: String,
    /// What would be accepted, as YAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// All flaws as the one error of the workspace.
#[must_use]
pub fn error_of(flaws: &[Flaw]) -> Error {
    let faults = flaws.iter().map(|flaw| Fault {
        field: flaw.pointer.clone(),
        problem: format!("line {}, column {}: {}", flaw.mark.line, flaw.mark.column, flaw.problem),
        expected: flaw.expected.clone(),
        example: flaw.example.clone(),
    });
    Error::invalid_arguments(faults.collect())
}
