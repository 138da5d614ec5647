//! Long work as tasks (MCP extension `io.modelcontextprotocol/tasks`, SEP-2663): stored in the database, bound to the
//! caller, carried on when the request is answered, and honest about what became of it after a restart.

mod carrier;
mod keeper;
mod line;
mod running;
mod settings;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::store::tasks::{self as store, Dialogue, TaskRow};
use crate::tasks::Tasks;
use crate::tool::Call;

use carrier::Carrier;
pub(super) use line::TaskLine;
use running::Running;
pub use settings::TaskSettings;
pub use view::{Stage, TaskView};

/// Progress steps that wait to be stored; more are skipped.
const STEPS_BACKLOG: usize = 16;

/// How often a change that others were faster with is tried again.
const CHANGES_MAX: usize = 16;

/// Where long work is handed in, asked for and called off. Cheap to clone; all clones are one desk.
#[derive(Debug, Clone)]
pub struct TaskDesk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    tasks: Tasks,
    settings: TaskSettings,
    /// This process, in the table.
    owner_id: String,
    running: Running,
    is_kept: AtomicBool,
}

/// What a call is about to do, for the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    pub(crate) tool: &'static str,
    /// Whether it changes anything: then nobody knows the outcome of an interrupted one.
    pub(crate) is_change: bool,
    /// Whether the client can put a question to a person.
    pub(crate) may_ask: bool,
}

/// What became of a call that was handed in.
#[derive(Debug)]
pub(crate) enum Started {
    /// Its tool has begun, and works on.
    Task(TaskView),
    /// It was refused, or answered, before its tool began.
    Ended(Result<Value>),
}

impl TaskDesk {
    /// A desk over the database. Touches nothing before its first use.
    ///
    /// # Errors
    /// `internal` if the system has no random numbers.
    pub fn new(db: Db, clock: Clock, tasks: Tasks, settings: TaskSettings) -> Result<Self> {
        let (owner_id, running) = (random_id("own")?, Running::default());
        let is_kept = AtomicBool::new(false);
        Ok(Self { inner: Arc::new(Inner { db, clock, tasks, settings, owner_id, running, is_kept }) })
    }

    /// Lets `work` run to its end beside the requests, and returns as soon as it is either a stored task or ended.
    /// It becomes a task when its tool begins: what is refused before is answered at once.
    pub(crate) async fn start<W>(&self, call: Call, job: Job, work: impl FnOnce(Call) -> W) -> Result<Started>
    where
        W: Future<Output = Result<Value>> + Send + 'static,
    {
        let (asked_by, cancel) = (call.cancel.clone(), CancellationToken::new());
        let (line, requests) = TaskLine::new(job.may_ask);
        let (steps, reported) = mpsc::channel(STEPS_BACKLOG);
        let (tell, told) = oneshot::channel();
        let carrier = Carrier {
            desk: self.clone(),
            caller: call.caller.clone(),
            job,
            task_id: random_id("tsk")?,
            cancel: cancel.clone(),
            tell: Some(tell),
        };
        let deadline = self.inner.settings.deadline();
        let call = Call { cancel: cancel.clone(), deadline, task: Some(line), ..call }.with_progress(steps);
        self.keep();
        self.inner.tasks.spawn(carrier.carry(Box::pin(work(call)), reported, requests));
        tokio::select! {
            biased;
            told = told => told.map_err(|source| Error::internal("the task broke down", source)),
            () = asked_by.cancelled() => {
                cancel.cancel();
                Ok(Started::Ended(Err(Error::new(ErrorCode::DeadlineExceeded, "the call was cancelled"))))
            }
        }
    }

    /// A caller's own task. One whose process is gone is ended first, so that it says so.
    ///
    /// # Errors
    /// `not_found` for everybody else's, unknown and expired ones alike.
    pub(crate) async fn get(&self, caller: &Caller, task_id: &str) -> Result<TaskView> {
        self.keep();
        let row = self.find(caller, task_id).await?;
        if !self.is_lost(&row) {
            return TaskView::of(row);
        }
        let (db, now_ms) = (&self.inner.db, self.inner.clock.now_ms());
        store::end(db, caller.tenant(), task_id, &view::interrupted(row.is_change), now_ms).await?;
        TaskView::of(self.find(caller, task_id).await?)
    }

    /// Hands answers to a task; those to questions that nobody asks (any more) are dropped.
    ///
    /// # Errors
    /// As [`TaskDesk::get`]; `conflict` if others answer at the same time, again and again.
    pub(crate) async fn answer(&self, caller: &Caller, task_id: &str, given: &Map<String, Value>) -> Result<()> {
        self.get(caller, task_id).await?;
        self.change_dialogue(caller, task_id, |questions, answers| {
            let known = given.iter().filter(|(key, _)| questions.remove(*key).is_some());
            let before = answers.len();
            answers.extend(known.map(|(key, answer)| (key.clone(), answer.clone())));
            answers.len() > before
        })
        .await?;
        self.inner.running.answer(task_id, given);
        Ok(())
    }

    /// Calls a task off, wherever it works; one that has ended stays as it is.
    ///
    /// # Errors
    /// As [`TaskDesk::get`].
    pub(crate) async fn cancel(&self, caller: &Caller, task_id: &str) -> Result<()> {
        let task = self.get(caller, task_id).await?;
        if matches!(task.stage, Stage::Working | Stage::InputRequired(_)) {
            store::request_cancel(&self.inner.db, caller.tenant(), task_id, self.inner.clock.now_ms()).await?;
            self.inner.running.cancel(task_id);
        }
        Ok(())
    }

    async fn find(&self, caller: &Caller, task_id: &str) -> Result<TaskRow> {
        let now_ms = self.inner.clock.now_ms();
        let row = store::find(&self.inner.db, caller.tenant(), caller.subject(), task_id, now_ms).await?;
        row.ok_or_else(unknown_task)
    }

    fn is_lost(&self, row: &TaskRow) -> bool {
        if !view::is_running(row) {
            return false;
        }
        if row.owner_id == self.inner.owner_id {
            return !self.inner.running.has(&row.task_id);
        }
        let silent_ms = self.inner.clock.now_ms().saturating_sub(row.heartbeat_at_ms);
        silent_ms > self.inner.settings.lost_after_ms()
    }

    /// Changes questions and answers of a running task as a whole, however many processes want to.
    async fn change_dialogue(
        &self,
        caller: &Caller,
        task_id: &str,
        change: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>) -> bool,
    ) -> Result<()> {
        for _ in 0..CHANGES_MAX {
            let row = self.find(caller, task_id).await?;
            let mut questions = view::object(&row.dialogue.questions)?;
            let mut answers = view::object(&row.dialogue.answers)?;
            if !view::is_running(&row) || !change(&mut questions, &mut answers) {
                return Ok(());
            }
            let state = if questions.is_empty() { view::WORKING } else { view::INPUT_REQUIRED };
            let (questions, answers) = (Value::Object(questions).to_string(), Value::Object(answers).to_string());
            let dialogue = Dialogue { questions, answers, revision: row.dialogue.revision };
            let now_ms = self.inner.clock.now_ms();
            if store::save_dialogue(&self.inner.db, caller.tenant(), task_id, (state, &dialogue), now_ms).await? {
                return Ok(());
            }
        }
        Err(Error::new(ErrorCode::Conflict, "others change the task at the same time").with_hint("try again"))
    }

    /// The keeper begins with the first use: a server without tasks does not touch the database for them.
    fn keep(&self) {
        if !self.inner.is_kept.swap(true, Ordering::AcqRel) {
            self.inner.tasks.spawn(keeper::keep(self.clone()));
        }
    }
}

/// The same for what never was, has expired or belongs to somebody else.
pub(crate) fn unknown_task() -> Error {
    Error::new(ErrorCode::NotFound, "there is no task with this id").with_hint("tasks end some time after they began")
}

/// A prefix and 128 random bits in hexadecimal.
fn random_id(prefix: &str) -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|source| Error::internal("the system has no random numbers", source))?;
    Ok(format!("{prefix}_{}", hex::encode(bytes)))
}
