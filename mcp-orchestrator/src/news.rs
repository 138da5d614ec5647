//! News of runs, for those who wait for one to end and those who follow it by its address.

pub(crate) mod elsewhere;

use common::db::{Dialect, Tx};
use common::resource::Changes;
use common::tenant::TenantId;
use tokio::sync::broadcast;

use crate::engine::hooks::{EndedRun, Keeping, OnEnd};
use crate::run::RunId;

/// How many ends somebody who waits may be behind; whoever misses some looks for themselves.
const BACKLOG: usize = 256;

/// Tells what becomes of runs, in this process. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub(crate) struct RunNews {
    changes: Changes,
    ended: broadcast::Sender<(TenantId, RunId)>,
}

impl RunNews {
    pub(crate) fn new(changes: Changes) -> Self {
        Self { changes, ended: broadcast::Sender::new(BACKLOG) }
    }

    /// Ends from here on, of all tenants.
    pub(crate) fn ends(&self) -> broadcast::Receiver<(TenantId, RunId)> {
        self.ended.subscribe()
    }

    /// A run was changed from outside.
    pub(crate) fn touched(&self, tenant: &TenantId, run_id: &RunId) {
        if self.changes.are_followed() {
            self.changes.announce(tenant, run_uri(run_id));
        }
    }
}

impl OnEnd for RunNews {
    fn keep<'a>(&'a self, _at: (Dialect, &'a mut Tx), _ended: &'a [EndedRun]) -> Keeping<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn committed(&self, ended: &EndedRun) {
        // Nobody waiting is fine.
        drop(self.ended.send((ended.tenant.clone(), ended.run_id.clone())));
    }

    fn moved(&self, tenant: &TenantId, run: &RunId) {
        self.touched(tenant, run);
    }
}

/// What the addresses of runs begin with.
const RUNS: &str = "orchestrator://runs/";

/// Where a run can be read.
pub(crate) fn run_uri(run_id: &RunId) -> String {
    format!("{RUNS}{run_id}")
}
