//! What tools, resources and prompts are given.

use common::clock::Clock;

/// The way to events, workflows and runs.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
}
