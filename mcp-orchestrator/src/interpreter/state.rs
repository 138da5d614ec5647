//! Where a run stands: everything that it needs to go on, and nothing else.
//!
//! A run is a tree of threads: one for the workflow's tasks, one more for each branch of a fork under way. A thread is a
//! stack of levels: each is a place in a block, with the data that the task there is given. What a level's block *is*
//! follows from the definition ([`super::place`]); the state says places only, and is small for it.

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::doing::{Doing, Timer};
use super::form::{Version, is_zero, present};
use super::input::Failure;
use crate::run::StepId;
use crate::workflow::Pointer;

/// Where a run stands. Engines keep it as JSON and do not look into it; keys are short, since it is written at each
/// step. The default is a run that has not begun.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(rename = "v")]
    pub(super) version: Version,
    #[serde(rename = "p")]
    pub(super) phase: Phase,
    #[serde(rename = "id", default)]
    pub(super) run_id: String,
    #[serde(rename = "key", default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(rename = "at", default)]
    pub(super) started_ms: UnixMillis,
    /// As the run was given it.
    #[serde(rename = "in", default)]
    pub(super) input: Value,
    /// None: still what it is at first, the run's input.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(super) context: Option<Value>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) threads: Vec<Thread>,
    /// The threads of a run that has failed, as they stood; none of them goes on by itself.
    #[serde(rename = "z", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) frozen: Vec<Thread>,
    /// The number of the thread that begins next.
    #[serde(rename = "tn", default)]
    pub(super) thread_next: u32,
    /// The number of the wait that begins next.
    #[serde(rename = "wn", default)]
    pub(super) wait_next: u32,
    /// The workflow's timeout.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<Timer>,
    /// Steps that can be undone, in the order in which they ended.
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) undoable: Vec<Undoable>,
    /// The highest number that an attempt at any step has had.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub(super) attempt_highest: u32,
    /// What that was when the run was last taken up again: attempts count on from there.
    #[serde(rename = "r", default, skip_serializing_if = "is_zero")]
    pub(super) attempts_before: u32,
    /// How often its steps have been undone: what is done again after that is a new call, under a new key.
    #[serde(rename = "g", default, skip_serializing_if = "is_zero")]
    pub(super) generation: u32,
}

/// Whether a run goes on, and why not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase {
    #[default]
    #[serde(rename = "new")]
    New,
    #[serde(rename = "on")]
    Going,
    /// Its steps are being undone; then it ends so.
    #[serde(rename = "undo")]
    Undoing(End),
    #[serde(rename = "end")]
    Ended(End),
}

/// How a run ends, or has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum End {
    #[serde(rename = "ok")]
    Completed,
    #[serde(rename = "bad")]
    Failed {
        #[serde(rename = "f")]
        failure: Box<Failure>,
        /// The thread whose task failed; none where no task did, as at the workflow's timeout.
        #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
        thread: Option<u32>,
        /// The steps that have been undone for it.
        #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
        undone: Vec<Pointer>,
    },
    #[serde(rename = "off")]
    Cancelled {
        #[serde(rename = "r")]
        reason: String,
    },
}

/// Tasks one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Thread {
    #[serde(rename = "n")]
    pub(super) number: u32,
    #[serde(rename = "o")]
    pub(super) origin: Origin,
    /// Outermost first; never empty but for a moment.
    #[serde(rename = "l")]
    pub(super) levels: Vec<Level>,
}

/// What a thread goes through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Origin {
    #[serde(rename = "m")]
    Main,
    /// A branch of the fork that is the innermost task of another thread.
    #[serde(rename = "b")]
    Branch(u32, usize),
    /// What undoes a step.
    #[serde(rename = "u")]
    Undo(Box<Undoable>),
}

/// A place in a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    /// The task's place, from 0; the block's length: its end has been reached.
    #[serde(rename = "i")]
    pub(super) at: usize,
    /// What the task is given; at the end, what the block gives.
    #[serde(rename = "d")]
    pub(super) data: Value,
    /// How often it has gone back in this block.
    #[serde(rename = "b", default, skip_serializing_if = "is_zero")]
    pub(super) backward: u32,
    /// What tasks before were given, where it is small, for a run that is to go on from there.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) before: Vec<(usize, Value)>,
    /// The task, once it has begun.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(super) task: Option<Box<Running>>,
}

/// A task that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    #[serde(rename = "b")]
    pub(super) began_ms: UnixMillis,
    /// What `input.from` made of the data; none: the data as they are.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(super) input: Option<Value>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<Timer>,
    #[serde(rename = "k")]
    pub(super) doing: Doing,
    /// How often a call that no `try` surrounds has been made anew.
    #[serde(rename = "a", default, skip_serializing_if = "is_zero")]
    pub(super) anew: u32,
}

/// A step that has ended and says how it is undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Undoable {
    #[serde(rename = "s")]
    pub(super) step: StepId,
    #[serde(rename = "p")]
    pub(super) pointer: Pointer,
    /// What it gave: what undoing is given.
    #[serde(rename = "o")]
    pub(super) output: Value,
    /// What `for` and `catch` had bound around it.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) bound: Vec<(String, Value)>,
}

impl Thread {
    pub(super) fn new(number: u32, origin: Origin, data: Value) -> Self {
        Self { number, origin, levels: vec![Level::new(data)] }
    }

    /// The innermost task that has begun, if the thread waits in it.
    pub(super) fn leaf(&self) -> Option<&Running> {
        self.levels.last()?.task.as_deref()
    }

    /// Whether it can go on without anything from outside.
    pub(super) fn is_ready(&self) -> bool {
        self.levels.last().is_some_and(|level| level.task.is_none())
    }
}

impl Level {
    pub(super) fn new(data: Value) -> Self {
        Self { at: 0, data, backward: 0, before: Vec::new(), task: None }
    }

    /// What its task sees as `$input`.
    pub(super) fn input(&self) -> &Value {
        self.task.as_deref().and_then(|task| task.input.as_ref()).unwrap_or(&self.data)
    }
}

impl State {
    /// What `$context` is.
    pub(super) fn context(&self) -> &Value {
        self.context.as_ref().unwrap_or(&self.input)
    }

    pub(super) fn thread(&self, number: u32) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.number == number)
    }

    pub(super) fn thread_mut(&mut self, number: u32) -> Option<&mut Thread> {
        self.threads.iter_mut().find(|thread| thread.number == number)
    }
}
