//! A run in this process's memory, and what has happened to it since its row was written.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use common::auth::Acting;
use common::clock::UnixMillis;
use common::error::Result;
use common::plan::PlanId;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::hooks::EndedRun;
use super::matching;
use crate::event::{self, Arrival, EventIds, OWN_SOURCE};
use crate::interpreter::command::StepStatus;
use crate::interpreter::{self, Advance, Command, Ending, Failure, Input, Note, Started, State, StepCall};
use crate::run::{RunId, RunStatus, StepId, WaitId};
use crate::store::inputs::{Kept, Verdict};
use crate::store::json::encoded;
use crate::store::runs::{Advanced, Effects, NewRow, OpenCall, RunKey, RunRow};
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

/// What has happened since the last commit.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) effects: Effects,
    pub(super) notes: Vec<Note>,
    /// Calls to be made once this is committed.
    pub(super) calls: Vec<StepId>,
    /// Calls to be ended once this is committed.
    pub(super) stops: Vec<CancellationToken>,
    pub(super) children: Vec<Child>,
    /// The trace of calls that have ended: an ending does not repeat what was given.
    closed: HashMap<(StepId, u32), Note>,
    pub(super) ended: Option<Ending>,
    /// The state cannot be trusted: the one of the row stays.
    keeps_state: bool,
    is_touched: bool,
}

/// Another workflow that a run starts.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) wait: WaitId,
    pub(super) workflow: String,
    pub(super) version: Option<String>,
    pub(super) input: Value,
    pub(super) awaits: bool,
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

    /// Lets something happen to the run.
    pub(super) fn feed(&mut self, draft: &mut Draft, input: Input, now_ms: UnixMillis) {
        if draft.ended.is_some() && !matches!(input, Input::Retry { .. } | Input::Skip { .. }) {
            return;
        }
        draft.is_touched = true;
        match interpreter::advance(&self.workflow, std::mem::take(&mut self.state), input, now_ms) {
            Ok(Advance { state, commands }) => {
                self.state = state;
                for command in commands {
                    self.fold(draft, command, now_ms);
                }
            }
            Err(error) => {
                tracing::error!(run.id = %self.key.run_id, "a run cannot go on: {error}");
                draft.keeps_state = true;
                draft.ended = Some(Ending::Failed { failure: crate::executor::failure_of(&error) });
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
                draft.effects.begun.push(WaitRow { wait_id: wait, due_ms: None, what });
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

    /// Sorts the trace: what is under way is kept with its call, what is over becomes rows.
    fn settle_notes(&mut self, draft: &mut Draft) {
        for mut note in std::mem::take(&mut draft.notes) {
            if note.status == StepStatus::Running
                && let Some(open) = self.calls.get_mut(&note.step)
                && open.open.call.attempt == note.attempt
            {
                open.open.note = Some(note);
                continue;
            }
            if let Some(before) = draft.closed.remove(&(note.step.clone(), note.attempt)) {
                note.input = note.input.or(before.input);
                note.began_ms = before.began_ms;
            }
            draft.effects.notes.push(note);
        }
        // A call that ended without a word is in the trace as it began.
        draft.effects.notes.extend(draft.closed.drain().map(|(_, note)| note));
    }

    /// What is committed with the run, and who has it afterwards.
    pub(super) fn settle(&mut self, draft: &mut Draft, now_ms: UnixMillis) -> Result<Settled> {
        if draft.ended.is_some() {
            draft.stops.extend(std::mem::take(&mut self.calls).into_values().map(|open| open.stop));
            draft.calls.clear();
        }
        self.settle_notes(draft);
        let status = self.status(draft);
        let mut effects = std::mem::take(&mut draft.effects);
        self.may_wait = self.may_wait || !effects.begun.is_empty();
        if let Some(ending) = &draft.ended {
            effects.begun.clear();
            effects.clears_waits = self.may_wait;
            effects.clears_inputs = self.may_wait && !matches!(ending, Ending::Failed { .. });
            effects.told = self.tell(ending, now_ms);
            effects.ended = Some(self.ended(ending.clone(), now_ms));
        }
        let calls: Vec<&OpenCall> = self.calls.values().map(|open| &open.open).collect();
        Ok(Settled {
            status,
            state: if draft.keeps_state { None } else { Some(encoded(&self.state)?) },
            calls: encoded(&calls)?,
            outcome: draft.ended.as_ref().map(encoded).transpose()?,
            ended_ms: draft.ended.as_ref().map(|_| now_ms),
            effects,
        })
    }

    /// The end, for the run that waits for it. One that failed may be taken up again and end once more.
    fn tell(&self, ending: &Ending, ended_ms: UnixMillis) -> Option<(RunKey, String, Kept)> {
        let (parent, wait) = self.parent.clone()?;
        let run = RunKey { tenant: self.key.tenant.clone(), run_id: parent };
        let outcome = crate::executor::outcome_of(ending);
        let kept = Kept::Input(Input::ChildEnded { wait, outcome });
        Some((run, format!("{}@{ended_ms}", self.key.run_id), kept))
    }

    fn ended(&self, ending: Ending, ended_ms: UnixMillis) -> EndedRun {
        EndedRun {
            tenant: self.key.tenant.clone(),
            run_id: self.key.run_id.clone(),
            workflow: self.name.clone(),
            workflow_revision: self.workflow_revision,
            started_by: self.started_by.clone(),
            callback: self.callback.clone(),
            parent: self.parent.clone(),
            ending,
            ended_ms,
        }
    }
}

/// A run as it is about to be written.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) status: RunStatus,
    state: Option<String>,
    calls: String,
    outcome: Option<String>,
    ended_ms: Option<UnixMillis>,
    pub(super) effects: Effects,
}

impl Settled {
    /// As a change of a run that is there.
    pub(super) fn advanced(self, run: &Owned, now_ms: UnixMillis) -> Advanced {
        Advanced {
            key: run.key.clone(),
            held: (run.worker.to_string(), run.revision),
            owner: (self.status == RunStatus::Running).then(|| run.worker.to_string()),
            status: self.status,
            state: self.state,
            calls: self.calls,
            outcome: self.outcome,
            updated_ms: now_ms,
            ended_ms: self.ended_ms,
            effects: self.effects,
        }
    }

    /// As a run that is not there yet.
    pub(super) fn row(self, run: &Owned) -> Result<(NewRow, Effects)> {
        let row = NewRow {
            key: run.key.clone(),
            workflow: run.name.clone(),
            workflow_revision: run.workflow_revision,
            started_by: run.started_by.clone(),
            input: encoded(&run.input)?,
            acting: encoded(&run.acting)?,
            callback: run.callback.clone(),
            parent: run.parent.clone(),
            status: self.status,
            owner: (self.status == RunStatus::Running).then(|| run.worker.to_string()),
            state: self.state,
            calls: self.calls,
            outcome: self.outcome,
            created_ms: run.created_ms,
            ended_ms: self.ended_ms,
        };
        Ok((row, self.effects))
    }
}

impl Draft {
    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_touched && self.effects.consumed.is_empty() && self.effects.over.is_empty()
    }

    /// A wait is over; if it began since the last commit, nobody ever hears of it.
    pub(super) fn forget(&mut self, wait: &WaitId) {
        let before = self.effects.begun.len();
        self.effects.begun.retain(|begun| begun.wait_id != *wait);
        if self.effects.begun.len() == before {
            self.effects.over.push(wait.clone());
        }
    }
}

/// The wait for a yes to a call.
fn plan_wait(step: &StepId) -> WaitId {
    WaitId(format!("plan.{}", step.0))
}

/// The plan by which a person is asked: the same whenever the same wait asks.
pub(super) fn plan_of(run: &RunKey, wait: &WaitId) -> PlanId {
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
