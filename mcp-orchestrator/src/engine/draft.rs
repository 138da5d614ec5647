//! What has happened to a run since the last commit.

use std::collections::HashMap;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::interpreter::{Ending, Note};
use crate::run::{StepId, WaitId};
use crate::store::runs::Effects;

/// What has happened since the last commit.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) effects: Effects,
    pub(super) notes: Vec<Note>,
    /// Calls to be made once this is committed.
    pub(super) calls: Vec<StepId>,
    /// Calls to be ended once this is committed.
    pub(super) stops: Vec<CancellationToken>,
    pub(super) children: Vec<Child>,
    /// The trace of calls that have ended: an ending does not repeat what was given.
    pub(super) closed: HashMap<(StepId, u32), Note>,
    pub(super) ended: Option<Ending>,
    /// The state cannot be trusted: the one of the row stays.
    pub(super) keeps_state: bool,
    pub(super) is_touched: bool,
}

/// Another workflow that a run starts.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) wait: WaitId,
    pub(super) workflow: String,
    pub(super) version: Option<String>,
    pub(super) input: Value,
    pub(super) awaits: bool,
}

impl Draft {
    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        let Effects { consumed, released, over, .. } = &self.effects;
        !self.is_touched && consumed.is_empty() && released.is_empty() && over.is_empty()
    }

    /// A wait is over; if it began since the last commit, nobody ever hears of it.
    pub(super) fn forget(&mut self, wait: &WaitId) {
        let before = self.effects.begun.len();
        self.effects.begun.retain(|begun| begun.wait_id != *wait);
        if self.effects.begun.len() == before {
            self.effects.over.push(wait.clone());
        }
    }
}
