//! What tools, resources and prompts are given.

use common::clock::Clock;

use crate::inbox::Inbox;

/// The way to events, workflows and runs.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
    pub(crate) inbox: Inbox,
}
