//! Waiting for the end of a run, and telling how far it has come meanwhile.

use std::time::Duration;

use common::clock::after;
use common::error::{Error, Result};
use common::tenant::TenantId;
use common::tool::Call;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::deps::Deps;
use crate::run::RunId;
use crate::store::traces::{self, RunLine};

/// How often is looked, for runs that end in other processes and for progress.
const LOOK: Duration = Duration::from_millis(500);

/// The run as it is when it has ended, or the time is up, or nobody listens any more.
pub(super) async fn until_it_ends(
    deps: &Deps,
    call: &Call,
    (run_id, mut ends): (&RunId, Receiver<(TenantId, RunId)>),
    span: Duration,
) -> Result<RunLine> {
    let until_ms = after(deps.clock.now_ms(), span);
    let mut told = 0;
    loop {
        let line = look(deps, call, run_id).await?;
        let left_ms = until_ms.saturating_sub(deps.clock.now_ms());
        if line.ended_ms.is_some() || left_ms <= 0 || call.cancel.is_cancelled() {
            return Ok(line);
        }
        report(deps, call, run_id, &mut told).await?;
        let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
        tokio::select! {
            () = it_ends(&mut ends, call.tenant(), run_id) => {}
            () = deps.clock.sleep(left.min(LOOK)) => {}
            () = call.cancel.cancelled() => {}
        }
    }
}

async fn look(deps: &Deps, call: &Call, run_id: &RunId) -> Result<RunLine> {
    let view = traces::find(&deps.db, call.tenant(), run_id).await?;
    view.map(|view| view.line).ok_or_else(|| Error::internal("a run was started and is not there", run_id.0.clone()))
}

async fn it_ends(ends: &mut Receiver<(TenantId, RunId)>, tenant: &TenantId, run_id: &RunId) {
    loop {
        match ends.recv().await {
            Ok((of, ended)) if of == *tenant && ended == *run_id => return,
            Ok(_) => {}
            // It may have been among those that were missed.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Tells of the last step, where there are more than were told.
async fn report(deps: &Deps, call: &Call, run_id: &RunId, told: &mut usize) -> Result<()> {
    if !call.progress.is_followed() && !call.is_task() {
        return Ok(());
    }
    let steps = traces::steps(&deps.db, call.tenant(), run_id).await?;
    if steps.len() > *told
        && let Some(last) = steps.last()
    {
        *told = steps.len();
        // What happened in a step is outsiders' text; its name is its author's.
        let message = format!("{} {}", last.name, last.status.as_str());
        call.progress.report(u32::try_from(steps.len()).unwrap_or(u32::MAX), None, message);
    }
    Ok(())
}
