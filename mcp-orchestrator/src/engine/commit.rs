//! One commit of a run: everything that has happened to it, and what comes of that.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tenant::TenantId;

use super::draft::{Child, Draft};
use super::hooks::EndedRun;
use super::mailbox::{Mailbox, Message};
use super::owned::Owned;
use super::settled::Settled;
use super::worker::Worker;
use crate::executor::failure_of;
use crate::interpreter::Input;
use crate::run::{RunId, RunStatus};
use crate::store::inputs::{self, Kept};
use crate::store::json::encoded;
use crate::store::runs::{Change, NewRow, Receipt, RunKey};
use crate::store::waits::{self, Filter};

/// What is done once a draft is committed.
struct After {
    draft: Draft,
    status: RunStatus,
    has_children: bool,
    has_emitted: bool,
    ended: Option<EndedRun>,
    filters: Vec<Filter>,
    due_ms: UnixMillis,
}

impl Worker {
    /// One commit: everything that has happened, and what comes of it. Returns whether the run stays in memory.
    pub(super) async fn step(self: &Arc<Self>, run: &mut Owned, messages: VecDeque<Message>) -> Result<bool> {
        let now_ms = self.now_ms();
        let mut draft = Draft::default();
        for message in messages {
            match message {
                Message::Begin => run.begin(&mut draft, now_ms),
                Message::Look => self.look(run, &mut draft, now_ms).await?,
                Message::Called { step, attempt, outcome } => run.called(&mut draft, (step, attempt), outcome, now_ms),
                Message::NeedsYes { step, attempt, plan } => {
                    run.needs_yes(&mut draft, (step, attempt), plan, now_ms);
                }
            }
        }
        if draft.is_empty() && run.status(&draft) == RunStatus::Running {
            return Ok(true);
        }
        let (after, settled) = self.prepare(run, draft, now_ms).await?;
        let change = Change::Advance(Box::new(settled.advanced(run, now_ms)));
        let Receipt::Advanced(true) = self.writer.write_patiently(change).await? else {
            tracing::warn!(run.id = %run.key.run_id, "a run is somebody else's by now");
            return Ok(false);
        };
        run.revision = run.revision.saturating_add(1);
        Ok(self.follow(run, after))
    }

    /// Feeds what the run's rows hold.
    async fn look(&self, run: &mut Owned, draft: &mut Draft, now_ms: UnixMillis) -> Result<()> {
        for (input_id, kept) in inputs::open(&self.parts.db, &run.key).await? {
            run.may_wait = true;
            match kept {
                Kept::Event { waits, event } => {
                    let mut is_heard = false;
                    for wait in waits {
                        is_heard |= run.feed(draft, Input::Event { wait, event: event.clone() }, now_ms);
                    }
                    if !is_heard {
                        draft.effects.released.push(input_id);
                        continue;
                    }
                }
                Kept::Decided { step, plan, verdict } => run.decided(draft, (step, &plan), verdict, now_ms),
                Kept::Input(input) => {
                    if let Input::Answered { wait, .. } = &input {
                        draft.forget(wait);
                    }
                    run.feed(draft, input, now_ms);
                }
            }
            draft.effects.consumed.push(input_id);
        }
        for wait in waits::due_of(&self.parts.db, &run.key, now_ms).await? {
            // Whatever the run makes of it, its time has come once.
            draft.effects.over.push(wait.clone());
            run.feed(draft, Input::Due { wait }, now_ms);
        }
        Ok(())
    }

    /// Makes a draft ready to be written.
    async fn prepare(&self, run: &mut Owned, mut draft: Draft, now_ms: UnixMillis) -> Result<(After, Settled)> {
        for child in std::mem::take(&mut draft.children) {
            match self.child(run, &child, now_ms).await {
                Ok(row) => draft.effects.children.push(row),
                Err(error) if child.awaits => {
                    let outcome = Err(failure_of(&error));
                    let kept = Kept::Input(Input::ChildEnded { wait: child.wait.clone(), outcome });
                    draft.effects.added.push((format!("child.{}", child.wait.0), kept));
                }
                Err(error) => tracing::warn!(run.id = %run.key.run_id, "`{}` is not started: {error}", child.workflow),
            }
        }
        let mut settled = run.settle(&mut draft, now_ms)?;
        let filters = self.unknown_filters(&run.key.tenant, &mut settled.effects.filters);
        let due = settled.effects.begun.iter().filter_map(|wait| wait.due_ms).min();
        let has_arrived = !settled.effects.added.is_empty();
        let after = After {
            draft,
            status: settled.status,
            has_children: !settled.effects.children.is_empty(),
            has_emitted: !settled.effects.emitted.is_empty(),
            ended: settled.effects.ended.clone(),
            filters,
            due_ms: if has_arrived { now_ms } else { due.unwrap_or(UnixMillis::MAX) },
        };
        Ok((after, settled))
    }

    /// Does what was written. Returns whether the run stays in memory.
    fn follow(self: &Arc<Self>, run: &Owned, after: After) -> bool {
        let After { draft, status, has_children, has_emitted, ended, filters, due_ms } = after;
        for stop in draft.stops {
            stop.cancel();
        }
        for step in &draft.calls {
            self.make(run, step);
        }
        self.parts.hooks.moved(&run.key.tenant, &run.key.run_id);
        self.alarm.set(due_ms);
        if has_children {
            self.alarm.set(self.now_ms());
        }
        if has_emitted {
            self.parts.inbox.wake();
        }
        let mut known = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(filters.into_iter().map(|filter| (run.key.tenant.clone(), filter)));
        drop(known);
        if let Some(ended) = ended {
            self.parts.hooks.committed(&ended);
            if let Some((parent, _)) = ended.parent {
                let parent = RunKey { tenant: run.key.tenant.clone(), run_id: parent };
                if !self.post(&parent, Message::Look) {
                    self.alarm.set(self.now_ms());
                }
            }
        }
        status == RunStatus::Running
    }

    /// Leaves those out that are in the table already, and returns the others.
    fn unknown_filters(&self, tenant: &TenantId, filters: &mut Vec<Filter>) -> Vec<Filter> {
        let known = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        filters.retain(|filter| !known.contains(&(tenant.clone(), filter.clone())));
        filters.clone()
    }

    /// Another run that a run starts. Its id follows from the wait's, so that it is started once.
    async fn child(&self, run: &Owned, child: &Child, now_ms: UnixMillis) -> Result<NewRow> {
        let tenant = &run.key.tenant;
        let version = child.version.as_deref();
        let workflow_revision = self.definitions.source().current(tenant, &child.workflow, version).await?;
        let key = format!("{}/{}", run.key.run_id, child.wait.0);
        Ok(NewRow {
            key: RunKey { tenant: tenant.clone(), run_id: RunId::of_key(&child.workflow, &key) },
            workflow: child.workflow.clone(),
            workflow_revision,
            started_by: Some(key),
            input: encoded(&child.input)?,
            acting: encoded(&run.acting)?,
            callback: None,
            parent: child.awaits.then(|| (run.key.run_id.clone(), child.wait.clone())),
            status: RunStatus::Running,
            owner: None,
            state: None,
            calls: "[]".to_owned(),
            outcome: None,
            created_ms: now_ms,
            ended_ms: None,
        })
    }

    /// Starts a run that this process then has, as far as it comes by itself. False if there is one of its id; nothing
    /// if one is being started, of which nobody knows yet whether it will be there.
    pub(super) async fn start(self: &Arc<Self>, mut run: Box<Owned>) -> Result<Option<bool>> {
        let now_ms = run.created_ms;
        let mut draft = Draft::default();
        run.begin(&mut draft, now_ms);
        let (after, settled) = self.prepare(&mut run, draft, now_ms).await?;
        let (row, effects) = settled.row(&run)?;
        // In place before the commit: from there on something may come for it.
        let mailbox = Arc::new(Mailbox::new(run.left.clone(), Vec::new()));
        if after.status == RunStatus::Running && !self.desk.add(&run.key, &mailbox) {
            return Ok(None);
        }
        let started = match self.writer.write(Change::Start(Box::new(row), Box::new(effects))).await {
            Ok(Receipt::Started(started)) => Ok(started),
            Ok(_) => Err(Error::internal("a run was not started", "another receipt")),
            Err(error) => Err(error),
        };
        run.revision = 1;
        match started {
            Ok(true) => {
                if self.follow(&run, after) {
                    self.spawn_drive(mailbox, run);
                }
                Ok(Some(true))
            }
            Ok(false) => {
                self.desk.remove(&run.key, &mailbox);
                Ok(Some(false))
            }
            Err(error) => {
                self.desk.remove(&run.key, &mailbox);
                // Whether it was written is not known.
                self.give_back(run.key.clone(), Arc::clone(&run.worker));
                Err(error)
            }
        }
    }
}
