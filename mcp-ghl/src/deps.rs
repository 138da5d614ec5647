//! What tools, resources and prompts are given.

use std::sync::Arc;

use common::clock::Clock;
use common::resource::Changes;

use crate::catalogue::KnownOperations;
use crate::client::Client;
use crate::directory::Directory;
use crate::journal::Journal;
use crate::quiet_hours::QuietHours;

/// The way to the account and what is known of it.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
    pub(crate) client: Arc<Client>,
    pub(crate) directory: Directory,
    /// Where tools note what they have changed, so that it can be taken back.
    pub(crate) journal: Journal,
    pub(crate) changes: Changes,
    pub(crate) quiet_hours: QuietHours,
    /// Every operation of the API, for what no tool was made for.
    pub(crate) operations: KnownOperations,
}
