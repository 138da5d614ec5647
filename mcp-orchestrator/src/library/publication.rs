//! Who is told of workflows as they are saved, paused, or removed.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use common::auth::Acting;
use common::db::Tx;
use common::error::Result;
use common::tenant::TenantId;

use crate::workflow::Trigger;
use crate::workflow::state::WorkflowState;

/// A workflow as it is being saved, paused, or removed.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    pub workflow: &'a str,
    pub revision: i64,
    pub state: WorkflowState,
    pub triggers: &'a [Trigger],
    pub acting: &'a Acting,
}

/// Work of a hook.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Is told what counts from now on: whoever keeps the schedules.
pub trait OnPublish: fmt::Debug + Send + Sync {
    /// Writes rows in the commit with which it counts.
    fn keep<'a>(&'a self, tx: &'a mut Tx, tenant: &'a TenantId, publication: Publication<'a>) -> Keeping<'a>;

    /// The commit has happened.
    fn committed(&self);
}
