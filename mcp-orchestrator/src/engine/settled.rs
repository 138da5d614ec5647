//! A run as it is about to be written: what has happened, sorted into rows.

use common::clock::UnixMillis;
use common::error::Result;

use super::draft::Draft;
use super::hooks::EndedRun;
use super::owned::Owned;
use crate::interpreter::command::StepStatus;
use crate::interpreter::{Ending, Input};
use crate::run::RunStatus;
use crate::store::inputs::Kept;
use crate::store::json::encoded;
use crate::store::runs::{Advanced, Effects, NewRow, OpenCall, RunKey};

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

impl Owned {
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
}
