//! What the engine works with.

use std::sync::Arc;

use common::clock::Clock;
use common::db::Db;
use common::tasks::Tasks;
use common::tool::Approvals;

use super::EngineSettings;
use super::definitions::Definitions;
use super::hooks::EndedHooks;
use crate::executor::Calls;
use crate::inbox::Inbox;

/// What the engine works with.
#[derive(Debug)]
pub struct Parts {
    /// With the migrations of this server and of `common`.
    pub db: Db,
    pub clock: Clock,
    pub tasks: Tasks,
    pub approvals: Approvals,
    /// Where events of runs' own making go.
    pub inbox: Inbox,
    pub definitions: Arc<dyn Definitions>,
    pub calls: Arc<dyn Calls>,
    pub hooks: EndedHooks,
    pub settings: EngineSettings,
}
