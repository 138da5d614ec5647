//! What happens when runs end, besides their ending: the failure log, callbacks, tags.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use common::clock::UnixMillis;
use common::db::{Dialect, Tx};
use common::error::Result;
use common::tenant::TenantId;

use crate::interpreter::Ending;
use crate::run::{RunId, WaitId};

/// A run that has just ended.
#[derive(Debug, Clone)]
pub struct EndedRun {
    pub tenant: TenantId,
    pub run_id: RunId,
    pub workflow: String,
    pub workflow_revision: i64,
    /// The event or other key that it was started by.
    pub started_by: Option<String>,
    /// What is called with the outcome.
    pub callback: Option<String>,
    pub parent: Option<(RunId, WaitId)>,
    pub ending: Ending,
    pub ended_ms: UnixMillis,
}

/// Work of a hook.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Is told of runs that end. A failed run that is taken up again ends again.
pub trait OnEnd: fmt::Debug + Send + Sync {
    /// Writes rows in the commit with which the runs end: whatever is to follow is as certain as the end itself. The
    /// same runs may be given twice; of two transactions one was then rolled back.
    fn keep<'a>(&'a self, at: (Dialect, &'a mut Tx), ended: &'a [EndedRun]) -> Keeping<'a>;

    /// The commit has happened, in this process: something can be done at once that would be found later otherwise.
    fn committed(&self, ended: &EndedRun);

    /// A run has gone on, or ended, in this process, and that is committed. Must cost nothing.
    fn moved(&self, _tenant: &TenantId, _run: &RunId) {}
}

/// Who is told of runs that end. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct EndedHooks {
    hooks: Arc<[Arc<dyn OnEnd>]>,
}

impl EndedHooks {
    #[must_use]
    pub fn new(hooks: Vec<Arc<dyn OnEnd>>) -> Self {
        Self { hooks: hooks.into() }
    }

    pub(crate) async fn keep(&self, (dialect, tx): (Dialect, &mut Tx), ended: &[EndedRun]) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        for hook in self.hooks.iter() {
            hook.keep((dialect, &mut *tx), ended).await?;
        }
        Ok(())
    }

    pub(crate) fn moved(&self, tenant: &TenantId, run: &RunId) {
        for hook in self.hooks.iter() {
            hook.moved(tenant, run);
        }
    }

    pub(crate) fn committed(&self, ended: &EndedRun) {
        for hook in self.hooks.iter() {
            hook.committed(ended);
        }
    }
}
