//! The interpreter: from a definition, where a run stands and what has happened, to where it stands now and what is to
//! be done. Pure: no clock, no chance, no world. The same on every engine.
//!
//! A run's [`State`] and the [`Command`]s of a step are kept together in one commit, so that a run goes on from there
//! whatever happens to the process. Feeding the same inputs in the same order gives the same states and commands.

pub mod command;
pub mod input;
pub mod listening;
pub mod simulation;
pub mod state;
pub mod trace;

mod again;
mod begin;
mod calls;
mod containers;
mod doing;
mod fail;
mod failure;
mod finish;
mod form;
mod inputs;
mod key;
mod limits;
mod machine;
mod place;
mod resume;
mod retry;
mod scope;
mod span;
mod trying;
mod waits;

use common::clock::UnixMillis;
use common::error::Result;

use crate::workflow::Workflow;
use machine::Machine;

pub use command::{Ask, Command, Ending, Note, StepCall};
pub use input::{Failure, Input, Started};
pub use state::State;

/// What an input has led to.
#[derive(Debug, Clone)]
pub struct Advance {
    pub state: State,
    /// In the order in which they are to be done.
    pub commands: Vec<Command>,
}

/// Takes a run as far as it goes without anything from outside. An input that the run does not wait for changes
/// nothing.
///
/// # Errors
/// `internal` if the state does not belong to the definition; `failed_precondition` if a failed run cannot be taken up
/// again in the way that is asked for. What goes wrong *in* a run is no error here: it is a failed run.
pub fn advance(workflow: &Workflow, state: State, input: Input, now_ms: UnixMillis) -> Result<Advance> {
    let mut machine = Machine::new(workflow, state, now_ms);
    machine.take(input)?;
    machine.run()?;
    machine.done()
}

#[cfg(test)]
mod tests;
