//! The service that makes the calls of runs: while one is under way, its run takes whatever else comes.

use std::time::Duration;

use restate_sdk::context::RequestTarget;
use restate_sdk::endpoint::ContextInternal;
use restate_sdk::errors::HandlerResult;
use restate_sdk::serde::Json;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::keeper::{Keeper, terminal};
use super::message::{Order, TELL, Told, What, run_of};
use crate::engine::calling::deadline;
use crate::executor::{Called, Errand};
use crate::store::runs::{self, RunKey};

/// How often a call looks whether anybody still needs it. Its run may have been cancelled in another process.
const LOOK: Duration = Duration::from_secs(2);

/// How a call ended, as the journal keeps it; none if nobody needs it any more.
#[derive(Debug, Serialize, Deserialize)]
struct Made(Option<Told>);

impl Keeper {
    /// Makes a call and tells its run. Made again, under the same key, if this process dies before Restate knows how it
    /// ended.
    pub(super) async fn make(&self, context: &ContextInternal, order: Order) -> HandlerResult<()> {
        let run = run_of(&order.run).map_err(|error| terminal(&error))?;
        let object = order.run.clone();
        let Json(Made(told)) = context.run(|| self.call(run, order)).await?;
        if let Some(told) = told {
            let target = RequestTarget::object(self.ingress.object(), object, TELL);
            drop(context.send(target, None, None, None, Vec::new(), Json(told), None));
        }
        Ok(())
    }

    async fn call(&self, run: RunKey, order: Order) -> HandlerResult<Json<Made>> {
        let Order { acting, call, plan, .. } = order;
        let unneeded = CancellationToken::new();
        let made = async {
            let _permit = self.calls.acquire().await;
            let deadline = deadline(&self.parts.settings, call.deadline_ms, self.now_ms());
            let approval = plan.as_deref().and_then(common::plan::PlanId::parse);
            let errand =
                Errand { tenant: &run.tenant, acting: &acting, call: &call, approval, deadline, cancel: &unneeded };
            self.parts.calls.call(errand).await
        };
        let called = tokio::select! {
            biased;
            // Another process makes it.
            () = self.parts.tasks.stopping().cancelled() => return Err(Stopping.into()),
            () = self.until_unneeded(&run, (&call.step, call.attempt)) => {
                unneeded.cancel();
                return Ok(Json(Made(None)));
            }
            called = made => called,
        };
        let (step, attempt) = (call.step, call.attempt);
        let what = match called {
            Called::Answered(value) => What::Called { step, attempt, outcome: Ok(value) },
            Called::Failed(failure) => What::Called { step, attempt, outcome: Err(*failure) },
            Called::NeedsYes(plan) => What::NeedsYes { step, attempt, plan: plan.plan_id.to_string() },
        };
        Ok(Json(Made(Some(Told { at_ms: self.now_ms(), what }))))
    }

    /// Returns when the run does not have the call open any more.
    async fn until_unneeded(&self, run: &RunKey, (step, attempt): (&crate::run::StepId, u32)) {
        loop {
            self.parts.clock.sleep(LOOK).await;
            match runs::calls_of(&self.parts.db, run).await {
                Ok(open) if open.iter().any(|open| open.call.step == *step && open.call.attempt == attempt) => {}
                Ok(_) => return,
                Err(error) => tracing::debug!("whether a call is needed cannot be looked up: {error}"),
            }
        }
    }
}

/// Why a call is not made here.
#[derive(Debug)]
struct Stopping;

impl std::fmt::Display for Stopping {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("this process stops")
    }
}

impl std::error::Error for Stopping {}
