//! From the text of a definition to a [`Workflow`], or to everything that is wrong with it.

mod block;
mod call;
mod control;
mod document;
mod emit;
mod event;
mod expression;
mod failure;
mod place;
mod retry;
mod reusable;
mod schedule;
mod span;
mod task;

use super::Workflow;
use super::flaw::{FLAWS_MAX, Flaw};
use super::source;

use reusable::Reusable;

/// Tasks of one definition, those within others included.
pub const TASKS_MAX: usize = 500;

/// Reads a definition, YAML or JSON.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text, [`FLAWS_MAX`] at most.
pub(super) fn read(text: &str) -> Result<Workflow, Vec<Flaw>> {
    let tree = source::parse(text)?;
    let mut reader = Reader::default();
    let workflow = document::workflow(&mut reader, &tree);
    let mut flaws = reader.flaws;
    match workflow {
        Some(workflow) if flaws.is_empty() => Ok(workflow),
        _ => {
            flaws.sort_by_key(|flaw| flaw.mark);
            flaws.dedup();
            flaws.truncate(FLAWS_MAX);
            Err(flaws)
        }
    }
}

/// What is known while a definition is read, and what has been found wrong.
///
/// Functions that read answer `None` where they have told of a flaw; reading goes on beside it.
#[derive(Default)]
struct Reader {
    flaws: Vec<Flaw>,
    /// `use`
    reusable: Reusable,
    /// What `for` and `catch` around the present place bind.
    locals: Vec<String>,
    /// Tasks so far.
    tasks: usize,
}

#[cfg(test)]
mod tests;
