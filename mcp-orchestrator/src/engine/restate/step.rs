//! One step of a run: from where it stands and what it is told to where it stands then. Pure, so that a step that is
//! repeated after a crash comes to the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::clock::UnixMillis;
use common::error::Result;
use common::plan::PlanId;

use super::message::{Order, Reply, What, object_key};
use super::record::{Given, OWNER, Stands};
use crate::engine::draft::Draft;
use crate::engine::owned::{Open, Owned};
use crate::interpreter::{Input, State};
use crate::run::RunStatus;
use crate::store::inputs::Kept;
use crate::store::runs::{Change, RunKey};
use crate::workflow::Workflow;

/// A run while something happens to it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) run: Owned,
    pub(super) draft: Draft,
    /// As it stood, and stands again if the interpreter gives up.
    before: State,
    heard: BTreeSet<String>,
    at_ms: UnixMillis,
}

/// What comes of it.
#[derive(Debug)]
pub(super) struct Stepped {
    pub(super) change: Change,
    pub(super) orders: Vec<Order>,
    /// The outcome, for the run that waits for this one.
    pub(super) told: Option<(RunKey, What)>,
    /// None: nothing of it is kept.
    pub(super) stands: Option<Stands>,
}

impl Step {
    /// A run begins.
    pub(super) fn begin(given: &Given, key: RunKey, workflow: Arc<Workflow>, at_ms: UnixMillis) -> Self {
        let mut run = given.run(key, workflow, None);
        let mut draft = Draft::default();
        run.begin(&mut draft, at_ms);
        Self { run, draft, before: State::default(), heard: BTreeSet::new(), at_ms }
    }

    /// A run is there; see [`Step::take`].
    pub(super) fn of(
        (given, stands): (&Given, Stands),
        key: RunKey,
        workflow: Arc<Workflow>,
        at_ms: UnixMillis,
    ) -> Self {
        let (before, heard) = (stands.state.clone(), stands.heard.clone());
        let run = given.run(key, workflow, Some(stands));
        Self { run, draft: Draft::default(), before, heard, at_ms }
    }

    /// Lets the run take what it is told.
    pub(super) fn take(&mut self, what: What) {
        let (run, draft, at_ms) = (&mut self.run, &mut self.draft, self.at_ms);
        match what {
            What::Start(_) | What::Forget => {}
            What::Input { input_id, kept, .. } => match kept {
                Kept::Event { waits, event } => {
                    if !waits.is_empty() {
                        self.heard.insert(input_id);
                    }
                    for wait in waits {
                        run.feed(draft, Input::Event { wait, event: event.clone() }, at_ms);
                    }
                }
                Kept::Decided { step, plan, verdict } => run.decided(draft, (step, &plan), verdict, at_ms),
                Kept::Input(input) => {
                    if let Input::Answered { wait, .. } = &input {
                        draft.forget(wait);
                    }
                    run.feed(draft, input, at_ms);
                }
            },
            What::Due { waits } => {
                for wait in waits {
                    // Whatever the run makes of it, its time has come once.
                    draft.effects.over.push(wait.clone());
                    run.feed(draft, Input::Due { wait }, at_ms);
                }
            }
            What::Called { step, attempt, outcome } => run.called(draft, (step, attempt), outcome, at_ms),
            What::NeedsYes { step, attempt, plan } => {
                if let Some(plan) = PlanId::parse(&plan) {
                    run.needs_yes(draft, (step, attempt), plan, at_ms);
                }
            }
        }
    }

    /// Whether nothing has happened that any row would show.
    pub(super) fn is_empty(&self) -> bool {
        self.draft.is_empty()
    }

    /// What is written and sent.
    pub(super) fn settle(mut self) -> Result<Stepped> {
        let (is_new, at_ms) = (self.run.revision == 0, self.at_ms);
        let settled = self.run.settle(&mut self.draft, at_ms)?;
        let status = settled.status;
        let is_over = matches!(status, RunStatus::Completed | RunStatus::Cancelled);
        let owner = (!is_over).then(|| OWNER.to_owned());
        let orders = self.orders();
        let mut told = None;
        let (change, has_state) = if is_new {
            let (mut row, mut effects) = settled.row(&self.run)?;
            let has_state = row.state.take().is_some();
            row.owner = owner;
            told = told.or_else(|| effects.told.take());
            (Change::Start(Box::new(row), Box::new(effects)), has_state)
        } else {
            let mut advanced = settled.advanced(&self.run, at_ms);
            // Restate has it.
            let has_state = advanced.state.take().is_some();
            advanced.owner = owner;
            told = told.or_else(|| advanced.effects.told.take());
            (Change::Advance(Box::new(advanced)), has_state)
        };
        let told = told.map(|(run, input_id, kept)| (run, What::Input { input_id, kept, revives: false }));
        let stands = (!is_over).then(|| Stands {
            revision: self.run.revision.saturating_add(1),
            status,
            state: if has_state { self.run.state } else { self.before },
            calls: self.run.calls.into_values().map(|open| open.open).collect(),
            may_wait: self.run.may_wait,
            heard: self.heard,
        });
        Ok(Stepped { change, orders, told, stands })
    }

    /// The calls that are to be made.
    fn orders(&self) -> Vec<Order> {
        let open = self.draft.calls.iter().filter_map(|step| self.run.calls.get(step));
        let order = |open: &Open| Order {
            run: object_key(&self.run.key),
            acting: (*self.run.acting).clone(),
            call: open.open.call.clone(),
            plan: open.open.plan.clone(),
        };
        open.map(order).collect()
    }

    /// What is remembered although nothing has happened.
    pub(super) fn stands_again(self, mut stands: Stands) -> Stands {
        stands.heard = self.heard;
        stands
    }
}

/// Whether a run in that status takes it.
pub(super) fn is_fit(status: RunStatus, revives: bool) -> bool {
    match status {
        RunStatus::Running | RunStatus::Waiting => !revives,
        RunStatus::Failed => revives,
        RunStatus::Completed | RunStatus::Cancelled => false,
    }
}

/// What somebody is answered whose message a run in that status does not take; those that nobody waits for are dropped.
pub(super) fn refusal(status: RunStatus, what: &What) -> Option<Reply> {
    match what {
        What::Start(_) => Some(Reply::Known),
        What::Input { revives, .. } => (!is_fit(status, *revives)).then_some(Reply::Unfit(status)),
        What::Due { .. } | What::Called { .. } | What::NeedsYes { .. } => {
            (!is_fit(status, false)).then_some(Reply::Taken)
        }
        What::Forget => None,
    }
}
