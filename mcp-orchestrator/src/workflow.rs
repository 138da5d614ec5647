//! A workflow: what is done, in which order, as its author wrote it. The CNCF Serverless Workflow DSL 1.0, as far as
//! `docs/workflows.md` says.
//!
//! A [`Workflow`] is what has been read and found good; nothing of it changes while runs go through it.

pub mod cron;
pub mod difference;
pub mod expression;
pub mod flaw;
pub mod lookup;
pub(crate) mod nearest;
pub mod presets;
mod read;
pub mod ready;
mod source;
pub mod state;
pub mod survey;
pub mod task;

use std::collections::BTreeMap;

use common::error::{Fault, Result};
use serde_json::Value;

use crate::workflow::expression::Template;
use crate::workflow::flaw::{Flaw, Mark};
use crate::workflow::task::{Block, CallRetry, Named, RetryPolicy, Span};

pub use read::TASKS_MAX;
pub use source::{DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX};

/// A definition that can be run.
#[derive(Debug, PartialEq)]
pub struct Workflow {
    /// `document.name`: lower case, digits and dashes, at most 63 characters.
    pub name: String,
    /// `document.version`, as its author counts.
    pub version: String,
    /// `document.title`, else the name.
    pub title: String,
    /// `document.summary`: one line for whoever chooses among workflows.
    pub summary: Option<String>,
    /// `input.schema`: what the input must be.
    pub input_schema: Option<Value>,
    /// `input.from`.
    pub input: Option<Template>,
    /// `output.as`.
    pub output: Option<Template>,
    /// What starts it besides being asked.
    pub triggers: Vec<Trigger>,
    /// `timeout.after`, from its start.
    pub timeout: Option<Span>,
    /// `document.metadata.retry`: what is done about failed calls that no `try` surrounds.
    pub call_retry: CallRetry,
    /// `use.retries`, by name.
    pub retries: BTreeMap<String, RetryPolicy>,
    /// `do`.
    pub tasks: Block,
    /// Whether it is offered as a tool of its own (`document.metadata.tool`).
    pub is_tool: bool,
}

impl Workflow {
    /// Reads a definition, YAML or JSON.
    ///
    /// # Errors
    /// `invalid_argument` with everything that is wrong, each with its line and column.
    pub fn read(text: &str) -> Result<Self> {
        Self::check(text).map_err(|flaws| flaw::error_of(&flaws))
    }

    /// Reads a definition, YAML or JSON.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text, [`flaw::FLAWS_MAX`] at most.
    pub fn check(text: &str) -> Result<Self, Vec<Flaw>> {
        read::read(text)
    }
}

/// A definition as JSON, as its author wrote it: reads as the same workflow.
///
/// # Errors
/// `invalid_argument` where it is no YAML.
pub fn as_json(text: &str) -> Result<Value> {
    source::parse(text).map(|tree| tree.to_value()).map_err(|flaws| flaw::error_of(&flaws))
}

/// What is wrong at places of a definition, each with its line and column, in the order of the text. Places that are not
/// there are those of what they would be in.
#[must_use]
pub fn flaws_at(text: &str, faults: Vec<(Pointer, Fault)>) -> Vec<Flaw> {
    let tree = source::parse(text).ok();
    let flaw = |(pointer, fault): (Pointer, Fault)| {
        let mark = tree.as_ref().map_or(Mark::BEGIN, |tree| tree.mark_of(&pointer.0));
        let Fault { problem, expected, example, .. } = fault;
        Flaw { mark, pointer: pointer.0, problem, expected, example }
    };
    let mut flaws: Vec<Flaw> = faults.into_iter().map(flaw).collect();
    flaws.sort_by_key(|flaw| flaw.mark);
    flaws
}

/// What starts a workflow.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// `schedule.on`: an event that fits.
    Event(EventFilter),
    /// `schedule.cron`: five fields, in UTC unless the expression names a zone (`document.metadata.timezone`).
    Cron { expression: String, zone: Option<String> },
    /// `schedule.every`.
    Every(Span),
}

/// Which events are meant (`with` of an event filter). All that is given must fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventFilter {
    /// `type`: the event's kind, such as `ContactCreate`; `*` at its end fits any rest.
    pub kind: Option<String>,
    /// `source`: the name of the source, such as `ghl`.
    pub source: Option<String>,
    /// `data`: a jq condition on the whole event.
    pub condition: Option<Template>,
    /// `correlate`: what must be the same in the event and in the run. The first one is looked up by index.
    pub correlate: Vec<Named<Correlation>>,
}

/// One value that says to which run an event belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// `from`: taken from the event.
    pub from: Template,
    /// `expect`: what it has to be, evaluated in the run when it begins to listen.
    pub expect: Template,
}

/// One place in a definition, as a JSON Pointer (RFC 6901): `/do/2/book/try/0/charge`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Pointer(pub String);
