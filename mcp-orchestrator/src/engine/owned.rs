//! A run in this process's memory: what happens to it is noted in a draft.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::auth::Acting;
use common::clock::UnixMillis;
use common::plan::PlanId;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::draft::{Child, Draft};
use super::{input, matching};
use crate::event::{self, Arrival, EventIds, OWN_SOURCE};
use crate::interpreter::{self, Advance, Command, Ending, Failure, Input, Started, State, StepCall};
use crate::run::{RunId, RunStatus, StepId, WaitId};
use crate::store::inputs::Verdict;
use crate::store::runs::{OpenCall, RunKey, RunRow};
use crate::store::waits::{Approval, Awaited, Filter, WaitRow};
use crate::workflow::Workflow;

/// A run as this process has it.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) key: RunKey,
    pub(super) workflow: Arc<Workflow>,
    pub(super) name: String,
    pub(super) workflow_revision: i64,
    pub(super) started_by: Option<String>,
    pub(super) input: Value,
    pub(super) acting: Arc<Acting>,
    pub(super) callback: Option<String>,
    pub(super) parent: Option<(RunId, WaitId)>,
    pub(super) created_ms: UnixMillis,
    /// The worker that has it: this process, under the name that it had then.
    pub(super) worker: Arc<str>,
    /// Of its row, as this process has written it last.
    pub(super) revision: i64,
    pub(super) state: State,
    pub(super) has_begun: bool,
    pub(super) calls: BTreeMap<StepId, Open>,
    /// Something may be waited for, or have come, that has to be cleared at the end.
    pub(super) may_wait: bool,
    /// Fires when this process has the run no more: all of its calls are left.
    pub(super) left: CancellationToken,
}

/// A call that has not ended.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) open: OpenCall,
    /// Fires when nobody needs its outcome any more.
    pub(super) stop: CancellationToken,
}

impl Owned {
    /// A run that this process has just taken.
    pub(super) fn of_row(row: RunRow, workflow: Arc<Workflow>, worker: Arc<str>) -> Self {
        let left = CancellationToken::new();
        let open = |open: OpenCall| (open.call.step.clone(), Open { stop: left.child_token(), open });
        Self {
            key: row.key,
            workflow,
            name: row.workflow,
            workflow_revision: row.workflow_revision,
            started_by: row.started_by,
            input: row.input,
            acting: Arc::new(row.acting),
            callback: row.callback,
            parent: row.parent,
            created_ms: row.created_ms,
            worker,
            revision: row.revision,
            has_begun: row.state.is_some(),
            state: row.state.unwrap_or_default(),
            calls: row.calls.into_iter().map(open).collect(),
            may_wait: true,
            left,
        }
    }

    /// The run begins.
    pub(super) fn begin(&mut self, draft: &mut Draft, now_ms: UnixMillis) {
        self.has_begun = true;
        let started = Started {
            run_id: self.key.run_id.0.clone(),
            key: self.started_by.clone(),
            input: self.input.clone(),
            at_ms: self.created_ms,
            refused: input::refusal(&self.workflow, &self.input),
        };
        self.feed(draft, Input::Start(Box::new(started)), now_ms);
    }

    /// A call has ended, if it still is the one that is open.
    pub(super) fn called(
        &mut self,
        draft: &mut Draft,
        (step, attempt): (StepId, u32),
        outcome: Result<Value, Failure>,
        now_ms: UnixMillis,
    ) {
        if !self.close(draft, &step, attempt) {
            return;
        }
        self.feed(draft, Input::Called { step, attempt, outcome }, now_ms);
    }

    /// A call needs a yes to a plan before it is made again.
    pub(super) fn needs_yes(
        &mut self,
        draft: &mut Draft,
        (step, attempt): (StepId, u32),
        plan: PlanId,
        now_ms: UnixMillis,
    ) {
        let Some(open) = self.calls.get_mut(&step).filter(|open| open.open.call.attempt == attempt) else { return };
        open.open.plan = Some(plan.to_string());
        open.open.waits = true;
        let approval = Approval { plan: plan.to_string(), step: Some(step.clone()), ask: None, since_ms: now_ms };
        let wait_id = plan_wait(&step);
        draft.effects.begun.push(WaitRow { wait_id, due_ms: Some(now_ms), what: Awaited::Approval(approval) });
        draft.is_touched = true;
    }

    /// Somebody has decided about a call's plan.
    pub(super) fn decided(
        &mut self,
        draft: &mut Draft,
        (step, plan): (StepId, &str),
        verdict: Verdict,
        now_ms: UnixMillis,
    ) {
        let is_it = |open: &&mut Open| open.open.waits && open.open.plan.as_deref() == Some(plan);
        let Some(open) = self.calls.get_mut(&step).filter(is_it) else { return };
        let attempt = open.open.call.attempt;
        open.open.waits = false;
        draft.effects.over.push(plan_wait(&step));
        draft.is_touched = true;
        match verdict {
            Verdict::Go => draft.calls.push(step),
            Verdict::Anew => {
                open.open.plan = None;
                draft.calls.push(step);
            }
            Verdict::No { by } => {
                self.called(draft, (step, attempt), Err(Failure::refused(&by)), now_ms);
            }
        }
    }

    /// Lets something happen to the run. Returns whether it has made a difference.
    pub(super) fn feed(&mut self, draft: &mut Draft, input: Input, now_ms: UnixMillis) -> bool {
        if draft.ended.is_some() && !matches!(input, Input::Retry { .. } | Input::Skip { .. }) {
            return false;
        }
        draft.is_touched = true;
        match interpreter::advance(&self.workflow, std::mem::take(&mut self.state), input, now_ms) {
            Ok(Advance { state, commands }) => {
                self.state = state;
                let is_heard = !commands.is_empty();
                for command in commands {
                    self.fold(draft, command, now_ms);
                }
                is_heard
            }
            Err(error) => {
                tracing::error!(run.id = %self.key.run_id, "a run cannot go on: {error}");
                draft.keeps_state = true;
                draft.ended = Some(Ending::Failed { failure: crate::executor::failure_of(&error) });
                true
            }
        }
    }

    /// Writes a command down.
    fn fold(&mut self, draft: &mut Draft, command: Command, now_ms: UnixMillis) {
        match command {
            Command::Call(call) => self.open(draft, *call),
            Command::Abandon { step, attempt } => {
                self.close(draft, &step, attempt);
            }
            Command::Timer { wait, due_ms } => {
                draft.effects.begun.push(WaitRow { wait_id: wait, due_ms: Some(due_ms), what: Awaited::Time });
            }
            Command::Listen { wait, filter } => {
                let at = Filter {
                    event_kind: matching::indexed_kind(filter.kind.as_deref()),
                    workflow: self.name.clone(),
                    workflow_revision: self.workflow_revision,
                    pointer: filter.filter.clone(),
                };
                draft.effects.filters.push(at.clone());
                let what = Awaited::Event { filter: at, listening: filter };
                // What has come before it is given to it next.
                draft.effects.begun.push(WaitRow { wait_id: wait, due_ms: Some(now_ms), what });
            }
            Command::Ask { wait, ask } => {
                let plan = plan_of(&self.key, &wait).to_string();
                let approval = Approval { plan, step: None, ask: Some(ask), since_ms: now_ms };
                let what = Awaited::Approval(approval);
                draft.effects.begun.push(WaitRow { wait_id: wait, due_ms: Some(now_ms), what });
            }
            Command::Child { wait, workflow, version, input, awaits } => {
                draft.children.push(Child { wait, workflow, version, input, awaits });
            }
            Command::Forget { wait } => draft.forget(&wait),
            Command::Emit { id, kind, data, subject } => {
                let said = subject.map_or(id, |subject| format!("{kind}/{subject}"));
                draft.effects.emitted.push(Arrival {
                    tenant: self.key.tenant.clone(),
                    event_id: EventIds::default().next(now_ms),
                    source: OWN_SOURCE.to_owned(),
                    kind,
                    dedupe_key: event::dedupe_key(Some(&said), b""),
                    received_ms: now_ms,
                    headers: Vec::new(),
                    body: data.to_string().into_bytes(),
                });
            }
            Command::Note(note) => draft.notes.push(*note),
            Command::End(ending) => draft.ended = Some(ending),
        }
    }

    fn open(&mut self, draft: &mut Draft, call: StepCall) {
        let step = call.step.clone();
        let open = OpenCall { call, note: None, plan: None, waits: false };
        let before = self.calls.insert(step.clone(), Open { open, stop: self.left.child_token() });
        draft.stops.extend(before.map(|before| before.stop));
        draft.calls.push(step);
    }

    /// Whether the call was open.
    fn close(&mut self, draft: &mut Draft, step: &StepId, attempt: u32) -> bool {
        let Some(Open { open, stop }) = self.calls.remove(step) else { return false };
        if open.call.attempt != attempt {
            self.calls.insert(step.clone(), Open { open, stop });
            return false;
        }
        draft.is_touched = true;
        draft.calls.retain(|called| called != step);
        draft.stops.push(stop);
        if open.waits {
            draft.forget(&plan_wait(step));
        }
        if let Some(note) = open.note {
            draft.closed.insert((step.clone(), attempt), note);
        }
        true
    }

    /// How it stands once the draft is committed.
    pub(super) fn status(&self, draft: &Draft) -> RunStatus {
        match &draft.ended {
            Some(Ending::Completed { .. }) => RunStatus::Completed,
            Some(Ending::Failed { .. }) => RunStatus::Failed,
            Some(Ending::Cancelled { .. }) => RunStatus::Cancelled,
            None if self.calls.values().any(|open| !open.open.waits) => RunStatus::Running,
            None => RunStatus::Waiting,
        }
    }
}

/// The wait for a yes to a call.
fn plan_wait(step: &StepId) -> WaitId {
    WaitId(format!("plan.{}", step.0))
}

/// The plan by which a person is asked: the same whenever the same wait asks.
fn plan_of(run: &RunKey, wait: &WaitId) -> PlanId {
    let mut digest = Sha256::new();
    for part in [run.tenant.as_str(), run.run_id.0.as_str(), wait.0.as_str()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let mut bytes = [0; 16];
    for (byte, of_digest) in bytes.iter_mut().zip(digest.finalize()) {
        *byte = of_digest;
    }
    PlanId::from_bytes(bytes)
}
