//! Calls of runs in memory: nothing is called before the commit that says so.

use std::sync::Arc;
use std::time::Duration;

use common::clock::UnixMillis;

use super::EngineSettings;
use super::mailbox::{Message, Posted};
use super::owned::Owned;
use super::worker::Worker;
use crate::executor::{Called, Errand};
use crate::run::StepId;

impl Worker {
    /// Makes a call that was committed, and feeds its outcome back.
    pub(super) fn make(self: &Arc<Self>, run: &Owned, step: &StepId) {
        let Some(open) = run.calls.get(step) else { return };
        let (worker, key, acting) = (Arc::clone(self), run.key.clone(), Arc::clone(&run.acting));
        let (call, approval, unneeded) = (open.open.call.clone(), open.open.plan_id(), open.stop.clone());
        self.spawn(Box::pin(async move {
            let ends = worker.parts.tasks.stopping().clone();
            let made = async {
                let _permit = worker.calls.acquire().await;
                worker.lease.held(|| worker.now_ms()).await;
                let now_ms = worker.now_ms();
                let deadline = deadline(&worker.parts.settings, call.deadline_ms, now_ms);
                let errand =
                    Errand { tenant: &key.tenant, acting: &acting, call: &call, approval, deadline, cancel: &unneeded };
                worker.parts.calls.call(errand).await
            };
            let called = tokio::select! {
                biased;
                () = unneeded.cancelled() => return,
                () = ends.cancelled() => return,
                called = made => called,
            };
            let (step, attempt) = (call.step, call.attempt);
            let message = match called {
                Called::Answered(value) => Message::Called { step, attempt, outcome: Ok(value) },
                Called::Failed(failure) => Message::Called { step, attempt, outcome: Err(*failure) },
                Called::NeedsYes(plan) => Message::NeedsYes { step, attempt, plan: plan.plan_id },
            };
            match worker.desk.post(&key, message) {
                Posted::Yours(mailbox, run) => worker.drive(mailbox, run).await,
                Posted::Taken | Posted::Nowhere => {}
            }
        }));
    }
}

/// How long a call may take.
pub(super) fn deadline(settings: &EngineSettings, ends_ms: Option<UnixMillis>, now_ms: UnixMillis) -> Duration {
    let left = |ends_ms: UnixMillis| Duration::from_millis(u64::try_from(ends_ms.saturating_sub(now_ms)).unwrap_or(0));
    ends_ms.map_or(Duration::from_millis(settings.call_deadline_ms), left)
}
