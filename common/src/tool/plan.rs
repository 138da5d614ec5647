//! What a call would do, in words that the person who has to say yes can judge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What would change, for whom, how many, and whether it can be taken back.
///
/// A plan is the same whenever the same call would do the same: no clock, no counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// One sentence, with names instead of ids: "send an SMS to Anna Weber: “See you at 3”".
    pub summary: String,
    /// Whom or what it touches, as people call them; the first ones, where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// How many records or people it touches.
    pub count: u32,
    /// Whether it can be taken back afterwards.
    pub is_reversible: bool,
    /// What it costs, where it costs money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Minor units, such as cents.
    pub amount_minor: i64,
    /// ISO 4217, such as `USD`.
    pub currency: String,
}

impl Plan {
    /// A plan that touches one thing for good.
    #[must_use]
    pub fn of_one(summary: impl Into<String>, target: impl Into<String>) -> Self {
        Self { summary: summary.into(), targets: vec![target.into()], count: 1, is_reversible: false, cost: None }
    }
}

/// What became of a call whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadBack<T> {
    /// It was done; this is what the answer would have been.
    Done(T),
    /// It was not done: the call can be made again.
    NotDone,
    /// Nobody can tell.
    Unknown,
}
