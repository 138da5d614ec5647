//! What a task that has begun is at.

use std::collections::{BTreeMap, VecDeque};

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::form::is_zero;
use crate::run::WaitId;

/// What a task that has begun is at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Doing {
    /// Its work takes no time; it is over within the same advance.
    #[serde(rename = "now")]
    Now,
    #[serde(rename = "do")]
    Block,
    #[serde(rename = "for")]
    Loop(Box<Looping>),
    /// What the branches gave that have ended, by their place.
    #[serde(rename = "fork")]
    Fork(BTreeMap<usize, Value>),
    #[serde(rename = "try")]
    Try(Box<Trying>),
    /// Which attempt.
    #[serde(rename = "call")]
    Call(u32),
    /// A call that no `try` surrounds, until it is made anew.
    #[serde(rename = "rest")]
    Rest(WaitId),
    #[serde(rename = "ask")]
    Approval(WaitId),
    #[serde(rename = "listen")]
    Listen(Box<Hearing>),
    #[serde(rename = "wait")]
    Wait(WaitId),
    #[serde(rename = "run")]
    Child(WaitId),
}

/// A `for` under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Looping {
    /// `each` and `at`.
    #[serde(rename = "e")]
    pub(super) item: Value,
    #[serde(rename = "n")]
    pub(super) index: u64,
    /// The items that are still to come.
    #[serde(rename = "r", default, skip_serializing_if = "VecDeque::is_empty")]
    pub(super) rest: VecDeque<Value>,
}

/// A `try` under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Trying {
    /// From 1.
    #[serde(rename = "n")]
    pub(super) attempt: u32,
    #[serde(rename = "f")]
    pub(super) first_ms: UnixMillis,
    /// How many attempts were begun anew within an outermost `try`, by itself and those within it.
    #[serde(rename = "a", default, skip_serializing_if = "is_zero")]
    pub(super) anew: u32,
    /// The end of the attempt under way.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<Timer>,
    #[serde(rename = "p")]
    pub(super) stage: Stage,
}

/// Which part of a `try` is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Stage {
    #[serde(rename = "t")]
    Trying,
    /// Until the next attempt.
    #[serde(rename = "r")]
    Resting(WaitId),
    /// With the error, as expressions see it.
    #[serde(rename = "c")]
    Catching(Value),
}

/// A `listen` under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Hearing {
    /// One for each filter that still counts.
    #[serde(rename = "w")]
    pub(super) waits: Vec<WaitId>,
    /// What has been heard, in the order of its coming.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) heard: Vec<Value>,
}

/// A wait for an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Timer {
    #[serde(rename = "w")]
    pub(super) wait: WaitId,
    #[serde(rename = "d")]
    pub(super) due_ms: UnixMillis,
}
