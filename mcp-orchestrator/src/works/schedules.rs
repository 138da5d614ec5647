//! The schedules of what counts, kept in the commit with which it counts.

use common::db::Tx;
use common::tenant::TenantId;

use crate::library::{Keeping, OnPublish, Publication};
use crate::scheduler::{Scheduled, Scheduler};
use crate::workflow::state::WorkflowState;

#[derive(Debug)]
pub(super) struct KeepsSchedules(pub(super) Scheduler);

impl OnPublish for KeepsSchedules {
    fn keep<'a>(&'a self, tx: &'a mut Tx, tenant: &'a TenantId, publication: Publication<'a>) -> Keeping<'a> {
        let Publication { workflow, revision, state, triggers, acting } = publication;
        let triggers = match state {
            WorkflowState::Published => triggers,
            WorkflowState::Paused | WorkflowState::Removed => &[],
        };
        Box::pin(async move { self.0.publish(tx, tenant, &Scheduled { workflow, revision, triggers, acting }).await })
    }

    fn committed(&self) {
        self.0.wake();
    }
}
