//! The object that each run is: takes one thing after the other, writes the rows, and says what is to be done.
//!
//! Restate repeats a step that a dying process has left: what it had journalled comes back as it was, and everything
//! else is worked out again from the same state and message. Only the rows may then be there already, which their
//! revision tells.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use common::clock::UnixMillis;
use common::db::GroupWriter;
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use restate_sdk::context::RequestTarget;
use restate_sdk::endpoint::ContextInternal;
use restate_sdk::errors::{HandlerError, HandlerResult, TerminalError};
use restate_sdk::serde::Json;
use tokio::sync::Semaphore;

use super::ingress::Ingress;
use super::message::{MAKE, Reply, TELL, Told, What, object_key, run_of};
use super::record::{Given, Stands};
use super::step::{Step, Stepped, refusal};
use crate::engine::Parts;
use crate::engine::alarm::Alarm;
use crate::engine::definitions::Cached;
use crate::engine::draft::Child;
use crate::engine::hooks::EndedRun;
use crate::executor::failure_of;
use crate::interpreter::{Failure, Input};
use crate::run::RunId;
use crate::store::inputs::Kept;
use crate::store::runs::{self, Change, Effects, Receipt, RunKey};
use crate::store::waits::Filter;

/// The keys under which Restate has a run: what it was started with, and where it stands.
const GIVEN: &str = "given";
const STANDS: &str = "stands";

/// This process as one that does what Restate says.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) parts: Parts,
    pub(super) ingress: Ingress,
    pub(super) writer: GroupWriter<Change, Receipt>,
    pub(super) definitions: Cached,
    pub(super) alarm: Alarm,
    pub(super) calls: Semaphore,
    /// Filters that are in the table already.
    pub(super) filters: Mutex<HashSet<(TenantId, Filter)>>,
}

/// What is done in this process once the rows are there.
#[derive(Debug)]
struct After {
    tenant: TenantId,
    run: RunId,
    /// The revision that the row then has, and when the run was created: whose rows they are.
    written: (i64, UnixMillis),
    ended: Option<EndedRun>,
    filters: Vec<Filter>,
    has_emitted: bool,
    due_ms: UnixMillis,
}

impl Keeper {
    pub(super) fn now_ms(&self) -> UnixMillis {
        self.parts.clock.now_ms()
    }

    /// One message for a run.
    pub(super) async fn tell(&self, context: &ContextInternal, key: &str, told: Told) -> HandlerResult<Json<Reply>> {
        let run = run_of(key).map_err(|error| terminal(&error))?;
        let given: Option<Json<Given>> = context.get(GIVEN).await?;
        let stands: Option<Json<Stands>> = context.get(STANDS).await?;
        let Told { at_ms, what } = told;
        let reply = match (given, stands, what) {
            (_, _, What::Forget) => {
                context.clear_all();
                Reply::Taken
            }
            (Some(Json(given)), Some(Json(stands)), what) => match refusal(stands.status, &what) {
                Some(reply) => reply,
                None => self.go_on(context, (run, given, stands), what, at_ms).await?,
            },
            (_, _, What::Start(given)) => self.begin(context, run, *given, at_ms).await?,
            (_, _, What::Input { .. }) => self.missed(context, run).await?,
            // It has ended: nobody needs this any more.
            (_, _, What::Due { .. } | What::Called { .. } | What::NeedsYes { .. }) => Reply::Taken,
        };
        Ok(Json(reply))
    }

    async fn begin(
        &self,
        context: &ContextInternal,
        run: RunKey,
        given: Given,
        at_ms: UnixMillis,
    ) -> HandlerResult<Reply> {
        let workflow = self.definitions.get(&run.tenant, &given.workflow, given.workflow_revision).await?;
        let step = Step::begin(&given, run, workflow, at_ms);
        if !self.commit(context, step, at_ms, Some(given)).await? {
            return Ok(Reply::Known);
        }
        Ok(Reply::Started)
    }

    async fn go_on(
        &self,
        context: &ContextInternal,
        (run, given, stands): (RunKey, Given, Stands),
        what: What,
        at_ms: UnixMillis,
    ) -> HandlerResult<Reply> {
        if let What::Input { input_id, .. } = &what
            && stands.heard.contains(input_id)
        {
            return Ok(Reply::Known);
        }
        let workflow = self.definitions.get(&run.tenant, &given.workflow, given.workflow_revision).await?;
        let mut step = Step::of((&given, stands.clone()), run, workflow, at_ms);
        step.take(what);
        if step.is_empty() {
            context.set(STANDS, Json(step.stands_again(stands)));
        } else {
            self.commit(context, step, at_ms, None).await?;
        }
        Ok(Reply::Taken)
    }

    /// Something for a run that Restate does not have.
    async fn missed(&self, context: &ContextInternal, run: RunKey) -> HandlerResult<Reply> {
        let look = || async move {
            let standing = runs::standing(&self.parts.db, &run).await?;
            Ok(Json(standing.map_or(Reply::NoSuchRun, |standing| Reply::Unfit(standing.status))))
        };
        Ok(context.run(look).await?.into_inner())
    }

    /// Writes the rows, says what is to be done, and keeps where the run stands. False if the run was there before.
    async fn commit(
        &self,
        context: &ContextInternal,
        mut step: Step,
        at_ms: UnixMillis,
        given: Option<Given>,
    ) -> HandlerResult<bool> {
        let key = step.run.key.clone();
        let mut sends = Vec::new();
        for child in std::mem::take(&mut step.draft.children) {
            sends.extend(self.child(context, &step, child, at_ms).await?);
        }
        let created_ms = step.run.created_ms;
        let Stepped { mut change, orders, told, stands } = step.settle()?;
        let after = self.after(&key, &mut change, created_ms);
        if !context.run(|| self.write(change, after)).await?.into_inner() {
            return Ok(false);
        }
        for order in orders {
            let caller = RequestTarget::service(self.ingress.caller(), MAKE);
            drop(context.send(caller, None, None, None, Vec::new(), Json(order), None));
        }
        sends.extend(told);
        for (run, what) in sends {
            let object = RequestTarget::object(self.ingress.object(), object_key(&run), TELL);
            drop(context.send(object, None, None, None, Vec::new(), Json(Told { at_ms, what }), None));
        }
        match stands {
            Some(stands) => {
                if let Some(given) = given {
                    context.set(GIVEN, Json(given));
                }
                context.set(STANDS, Json(stands));
            }
            None => context.clear_all(),
        }
        Ok(true)
    }

    /// Another run that a run starts, or the news that it cannot be. Its id follows from the wait's.
    async fn child(
        &self,
        context: &ContextInternal,
        step: &Step,
        child: Child,
        at_ms: UnixMillis,
    ) -> HandlerResult<Option<(RunKey, What)>> {
        let parent = &step.run.key;
        let look = || async {
            match self.definitions.source().current(&parent.tenant, &child.workflow, child.version.as_deref()).await {
                Ok(revision) => Ok(Json(Ok(revision))),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(Json(Err(failure_of(&error)))),
                Err(error) => Err(HandlerError::from(error)),
            }
        };
        // Kept in the journal: another revision may be current when this is repeated.
        let current: Json<std::result::Result<i64, Failure>> = context.run(look).await?;
        let key = format!("{}/{}", parent.run_id, child.wait.0);
        match current.into_inner() {
            Ok(workflow_revision) => {
                let run_id = RunId::of_key(&child.workflow, &key);
                let given = Given {
                    workflow: child.workflow,
                    workflow_revision,
                    started_by: Some(key),
                    input: child.input,
                    acting: (*step.run.acting).clone(),
                    callback: None,
                    parent: child.awaits.then(|| (parent.run_id.clone(), child.wait)),
                    created_ms: at_ms,
                };
                let run = RunKey { tenant: parent.tenant.clone(), run_id };
                Ok(Some((run, What::Start(Box::new(given)))))
            }
            Err(failure) if child.awaits => {
                let input_id = format!("child.{}", child.wait.0);
                let kept = Kept::Input(Input::ChildEnded { wait: child.wait, outcome: Err(failure) });
                Ok(Some((parent.clone(), What::Input { input_id, kept, revives: false })))
            }
            Err(failure) => {
                tracing::warn!(run.id = %parent.run_id, "`{}` is not started: {}", child.workflow, failure.title);
                Ok(None)
            }
        }
    }

    fn after(&self, run: &RunKey, change: &mut Change, created_ms: UnixMillis) -> After {
        let (effects, revision) = match change {
            Change::Start(_, effects) => (Some(&mut **effects), 1),
            Change::Advance(advanced) => {
                let revision = advanced.held.1.saturating_add(1);
                (Some(&mut advanced.effects), revision)
            }
            _ => (None, 0),
        };
        let mut after = After {
            tenant: run.tenant.clone(),
            run: run.run_id.clone(),
            written: (revision, created_ms),
            ended: None,
            filters: Vec::new(),
            has_emitted: false,
            due_ms: UnixMillis::MAX,
        };
        if let Some(effects) = effects {
            after.ended.clone_from(&effects.ended);
            after.filters = self.unknown_filters(&run.tenant, effects);
            after.has_emitted = !effects.emitted.is_empty();
            after.due_ms = effects.begun.iter().filter_map(|wait| wait.due_ms).min().unwrap_or(UnixMillis::MAX);
        }
        after
    }

    /// Leaves those out that are in the table already, and returns the others.
    fn unknown_filters(&self, tenant: &TenantId, effects: &mut Effects) -> Vec<Filter> {
        let known = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        effects.filters.retain(|filter| !known.contains(&(tenant.clone(), filter.clone())));
        effects.filters.clone()
    }

    /// Writes the rows, and does what follows in this process. False if the run was there before.
    async fn write(&self, change: Change, after: After) -> HandlerResult<Json<bool>> {
        let run = RunKey { tenant: after.tenant.clone(), run_id: after.run.clone() };
        let is_start = matches!(change, Change::Start(..));
        let receipt = self.writer.write_patiently(change).await?;
        let (Receipt::Started(is_new) | Receipt::Advanced(is_new)) = receipt else {
            return Err(Error::internal("a run was not written", "another receipt").into());
        };
        if !is_new && !self.is_written(&run, &after).await? {
            if is_start {
                return Ok(Json(false));
            }
            return Err(terminal(&Error::internal("the rows of a run are not as they were left", run.run_id.0)));
        }
        self.parts.hooks.moved(&run.tenant, &run.run_id);
        self.alarm.set(after.due_ms);
        if after.has_emitted {
            self.parts.inbox.wake();
        }
        if let Some(ended) = &after.ended {
            self.parts.hooks.committed(ended);
        }
        let mut known = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(after.filters.into_iter().map(|filter| (run.tenant.clone(), filter)));
        Ok(Json(true))
    }

    /// Whether the rows are this very step's, from before the process died.
    async fn is_written(&self, run: &RunKey, after: &After) -> Result<bool> {
        let standing = runs::standing(&self.parts.db, run).await?;
        Ok(standing.is_some_and(|standing| (standing.revision, standing.created_ms) == after.written))
    }
}

/// Not repeated: it would come to the same.
pub(super) fn terminal(error: &Error) -> HandlerError {
    tracing::error!("a run cannot go on: {error}");
    TerminalError::new(error.to_string()).into()
}
