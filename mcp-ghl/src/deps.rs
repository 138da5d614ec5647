//! What tools, resources and prompts are given.

use std::sync::Arc;

use common::clock::Clock;
use common::resource::Changes;

use crate::client::Client;
use crate::directory::Directory;

/// The way to the account and what is known of it.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
    pub(crate) client: Arc<Client>,
    pub(crate) directory: Directory,
    pub(crate) changes: Changes,
}
