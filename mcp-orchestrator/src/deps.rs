//! What tools, resources and prompts are given.

use std::sync::Arc;

use common::clock::Clock;
use common::db::Db;
use common::peer::Peers;

use crate::engine::Engine;
use crate::follow_up::FollowUp;
use crate::inbox::Inbox;
use crate::library::Library;
use crate::news::RunNews;
use crate::reconciler::Reconciler;

/// The way to events, workflows and runs.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) inbox: Inbox,
    pub(crate) library: Library,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) news: RunNews,
    pub(crate) follow_up: FollowUp,
    pub(crate) reconciler: Reconciler,
    pub(crate) peers: Peers,
}
