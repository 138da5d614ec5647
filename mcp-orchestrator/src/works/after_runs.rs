//! What is written in the commit with which runs end: callbacks, failures, tags.

use common::db::{Dialect, Tx};
use common::error::Result;

use crate::answer::instant;
use crate::callbacks::{Callbacks, Message, RunEnded};
use crate::engine::hooks::{EndedRun, Keeping, OnEnd};
use crate::follow_up::FollowUp;
use crate::interpreter::Ending;

#[derive(Debug)]
pub(super) struct AfterRuns {
    pub(super) callbacks: Callbacks,
    pub(super) follow_up: FollowUp,
}

impl AfterRuns {
    async fn write(&self, (dialect, tx): (Dialect, &mut Tx), ended: &[EndedRun]) -> Result<()> {
        for run in ended {
            let Some(url) = &run.callback else { continue };
            let (kind, outcome) = told(&run.ending)?;
            let data = RunEnded { run_id: &run.run_id.0, workflow: &run.workflow, outcome: &outcome };
            let message = Message { kind, timestamp: instant(run.ended_ms), data };
            self.callbacks.keep(tx, &run.tenant, url, &message).await?;
        }
        self.follow_up.keep((dialect, tx), ended).await
    }
}

impl OnEnd for AfterRuns {
    fn keep<'a>(&'a self, at: (Dialect, &'a mut Tx), ended: &'a [EndedRun]) -> Keeping<'a> {
        Box::pin(self.write(at, ended))
    }

    fn committed(&self, ended: &EndedRun) {
        if ended.callback.is_some() {
            self.callbacks.wake();
        }
        self.follow_up.committed(&ended.ending);
    }
}

/// The kind of message, and the outcome in it.
fn told(ending: &Ending) -> Result<(&'static str, serde_json::Value)> {
    Ok(match ending {
        Ending::Completed { output } => ("run.completed", output.clone()),
        Ending::Failed { failure } => {
            let outcome = serde_json::to_value(failure)
                .map_err(|source| common::error::Error::internal("a failure could not be encoded", source))?;
            ("run.failed", outcome)
        }
        Ending::Cancelled { reason } => ("run.cancelled", serde_json::json!({ "reason": reason })),
    })
}
