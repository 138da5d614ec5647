//! Carries one piece of work to its end, whoever listens.

use std::pin::Pin;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::line::Request;
use super::view::{self, TaskView};
use super::{Job, Started, TaskDesk};
use crate::auth::Caller;
use crate::error::{Error, ErrorCode, Result};
use crate::store::tasks::{self as store, Dialogue, Ending, TaskRow};
use crate::tool::{ProgressStep, one_line};

/// Longest status message, in characters.
const MESSAGE_LENGTH_MAX: usize = 500;

pub(super) type Work = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// One task, from before it is one.
pub(super) struct Carrier {
    pub(super) desk: TaskDesk,
    pub(super) caller: Caller,
    pub(super) job: Job,
    pub(super) task_id: String,
    pub(super) cancel: CancellationToken,
    /// Who made the call and waits: for the task's handle, or for the answer if it comes before there is a task.
    pub(super) tell: Option<oneshot::Sender<Started>>,
}

impl Carrier {
    pub(super) async fn carry(
        mut self,
        mut work: Work,
        mut steps: mpsc::Receiver<ProgressStep>,
        mut requests: mpsc::Receiver<Request>,
    ) {
        let stopping = self.desk.inner.tasks.stopping().clone();
        let mut is_stopped = false;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut work => break outcome,
                Some(request) = requests.recv() => self.serve(request).await,
                Some(step) = steps.recv() => self.say(&latest(step, &mut steps)).await,
                () = stopping.cancelled(), if !is_stopped => {
                    is_stopped = true;
                    self.cancel.cancel();
                }
            }
        };
        match self.tell.take() {
            Some(tell) => drop(tell.send(Started::Ended(outcome))),
            None => self.end(outcome, is_stopped).await,
        }
    }

    async fn serve(&mut self, request: Request) {
        match request {
            Request::Begin(reply) => drop(reply.send(self.begin().await)),
            Request::Ask { question, answer } => {
                if let Err(error) = self.ask(question, answer).await {
                    // The one who waits for the answer learns of it: its sender is gone.
                    warn("a question could not be stored", &error);
                }
            }
        }
    }

    /// Stores the task, then tells its caller: a handle that was told can be asked for (SEP-2663, durable creation).
    async fn begin(&mut self) -> Result<()> {
        let Some(tell) = self.tell.take() else { return Ok(()) };
        let running = &self.desk.inner.running;
        let stored = match running.enter(&self.desk.inner.settings, &self.caller, &self.task_id, &self.cancel) {
            Ok(()) => self.store().await.inspect_err(|_| running.leave(&self.task_id)),
            Err(error) => Err(error),
        };
        match stored {
            Ok(task) => {
                if tell.send(Started::Task(task)).is_err() {
                    running.cancel(&self.task_id);
                }
                Ok(())
            }
            Err(error) => {
                self.tell = Some(tell);
                Err(error)
            }
        }
    }

    async fn store(&self) -> Result<TaskView> {
        let desk = &self.desk.inner;
        let now_ms = desk.clock.now_ms();
        let row = TaskRow {
            task_id: self.task_id.clone(),
            tool: self.job.tool.to_owned(),
            is_change: self.job.is_change,
            state: view::WORKING.to_owned(),
            status_message: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(desk.settings.ttl_ms()),
            poll_interval_ms: desk.settings.poll_interval_ms(),
            owner_id: desk.owner_id.clone(),
            heartbeat_at_ms: now_ms,
            dialogue: Dialogue { questions: "{}".to_owned(), answers: "{}".to_owned(), revision: 0 },
            outcome: None,
        };
        let kept_max = i64::from(desk.settings.kept_per_caller_max);
        if store::insert(&desk.db, self.caller.tenant(), self.caller.subject(), &row, kept_max).await? {
            return TaskView::of(row);
        }
        let message = format!("you already keep {kept_max} tasks");
        Err(Error::new(ErrorCode::RateLimited, message).with_hint("wait until the oldest has expired"))
    }

    async fn say(&self, step: &ProgressStep) {
        let (desk, message) = (&self.desk.inner, one_line(&step.message, MESSAGE_LENGTH_MAX));
        if self.tell.is_some() {
            return;
        }
        let said = store::say(&desk.db, self.caller.tenant(), &self.task_id, &message, desk.clock.now_ms()).await;
        if let Err(error) = said {
            warn("a status message could not be stored", &error);
        }
    }

    async fn ask(&self, question: Value, answer: oneshot::Sender<Value>) -> Result<()> {
        let Some(key) = self.desk.inner.running.wait(&self.task_id, answer) else { return Ok(()) };
        let asked = self.desk.change_dialogue(&self.caller, &self.task_id, |questions, _| {
            questions.insert(key.clone(), question.clone());
            true
        });
        let stored = asked.await;
        if stored.is_err() {
            // Whoever waits would wait for ever.
            self.desk.inner.running.forget(&self.task_id, &key);
        }
        stored
    }

    async fn end(&self, outcome: Result<Value>, is_stopped: bool) {
        let desk = &self.desk.inner;
        let was_stopped = outcome.as_ref().is_err_and(|error| error.code() == ErrorCode::DeadlineExceeded);
        let ending = if was_stopped && desk.running.is_cancel_requested(&self.task_id) {
            view::cancelled(self.job.is_change)
        } else if was_stopped && is_stopped {
            view::interrupted(self.job.is_change)
        } else {
            view::ending(outcome)
        };
        self.save(&ending).await;
        desk.running.leave(&self.task_id);
    }

    /// What was done is not lost for a database that is away for a while.
    async fn save(&self, ending: &Ending) {
        let desk = &self.desk.inner;
        while let Err(error) =
            store::end(&desk.db, self.caller.tenant(), &self.task_id, ending, desk.clock.now_ms()).await
        {
            warn("a task's end could not be stored", &error);
            if desk.tasks.stopping().is_cancelled() {
                return;
            }
            desk.clock.sleep(desk.settings.heartbeat()).await;
        }
    }
}

/// Only the newest of the steps that wait is worth storing.
fn latest(first: ProgressStep, steps: &mut mpsc::Receiver<ProgressStep>) -> ProgressStep {
    let mut latest = first;
    while let Ok(step) = steps.try_recv() {
        latest = step;
    }
    latest
}

fn warn(what: &str, error: &Error) {
    let cause = error.cause();
    tracing::warn!(error.code = %error.code(), error.cause = cause, "{what}: {}", error.message());
}
