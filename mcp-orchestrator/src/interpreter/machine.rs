//! The machine that takes a run from one input as far as it goes. Its parts stand in files of their own: how tasks
//! begin, end, fail, wait; this one holds what they share, and the loop.

use common::clock::UnixMillis;
use common::error::{Error, Result};
use serde_json::Value;

use super::command::{Command, Note, StepStatus};
use super::doing::Timer;
use super::input::Failure;
use super::scope::{Data, Surroundings};
use super::state::{Level, Origin, Phase, Running, State, Thread};
use super::{limits, place};
use crate::run::{StepId, WaitId};
use crate::workflow::Workflow;
use crate::workflow::expression::Template;
use crate::workflow::task::Task;

/// Why a task does not go on.
pub(super) enum Stop {
    /// It has failed; a `try` around it may catch that.
    Fails(Box<Failure>),
    /// The run has failed, whatever is around.
    Ends(Box<Failure>),
    /// The state does not belong to the definition.
    Broken(Error),
}

/// The outcome of something that may stop a task.
pub(super) type Step<T = ()> = std::result::Result<T, Stop>;

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fails(Box::new(failure))
    }
}

impl From<Box<Failure>> for Stop {
    fn from(failure: Box<Failure>) -> Self {
        Self::Fails(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// A run between an input and what it leads to.
pub(super) struct Machine<'w> {
    pub(super) workflow: &'w Workflow,
    pub(super) state: State,
    pub(super) commands: Vec<Command>,
    pub(super) now_ms: UnixMillis,
    /// How many tasks may still begin in this advance.
    pub(super) tasks_left: u32,
}

impl<'w> Machine<'w> {
    pub(super) fn new(workflow: &'w Workflow, state: State, now_ms: UnixMillis) -> Self {
        Self { workflow, state, commands: Vec::new(), now_ms, tasks_left: limits::TASKS_PER_ADVANCE_MAX }
    }

    /// Goes on until every thread waits for something.
    pub(super) fn run(&mut self) -> Result<()> {
        while let Some(number) = self.state.threads.iter().find(|thread| thread.is_ready()).map(|thread| thread.number)
        {
            let step = self.go_on(number);
            self.settle(number, step)?;
        }
        Ok(())
    }

    /// Deals with what has stopped a thread's innermost task.
    pub(super) fn settle(&mut self, number: u32, step: Step) -> Result<()> {
        match step {
            Ok(()) => Ok(()),
            Err(Stop::Fails(failure)) => self.fail(number, *failure),
            Err(Stop::Ends(failure)) => self.fail_for_good(number, *failure),
            Err(Stop::Broken(error)) => Err(error),
        }
    }

    fn go_on(&mut self, number: u32) -> Step {
        let thread = self.thread(number)?;
        let block = place::block(self.workflow, &self.state, thread)?;
        match thread.levels.last().and_then(|level| block.get(level.at)) {
            Some(task) => self.begin(number, task),
            None => self.leave(number),
        }
    }

    /// A block has come to its end: on with what it is a block of.
    fn leave(&mut self, number: u32) -> Step {
        let is_output_shaped = self.workflow.output.is_some();
        let thread = self.thread_mut(number)?;
        if let (Origin::Main, [level]) = (&thread.origin, thread.levels.as_mut_slice()) {
            // Shaping the output may fail, and then the level is what the run is taken up from.
            let value = if is_output_shaped { level.data.clone() } else { std::mem::take(&mut level.data) };
            return Ok(self.complete(value)?);
        }
        let value = thread.levels.pop().map(|level| level.data).unwrap_or_default();
        if !thread.levels.is_empty() {
            return self.block_ended(number, value);
        }
        match thread.origin {
            Origin::Main => Err(place::stranger().into()),
            Origin::Branch(parent, branch) => self.branch_ended(parent, branch, value),
            Origin::Undo(_) => {
                self.undone(number);
                Ok(())
            }
        }
    }

    // What the parts share.

    pub(super) fn thread(&self, number: u32) -> Result<&Thread> {
        self.state.thread(number).ok_or_else(place::stranger)
    }

    pub(super) fn thread_mut(&mut self, number: u32) -> Result<&mut Thread> {
        self.state.thread_mut(number).ok_or_else(place::stranger)
    }

    /// The innermost level of a thread.
    pub(super) fn level(&self, number: u32) -> Result<&Level> {
        self.thread(number)?.levels.last().ok_or_else(place::stranger)
    }

    pub(super) fn level_mut(&mut self, number: u32) -> Result<&mut Level> {
        self.thread_mut(number)?.levels.last_mut().ok_or_else(place::stranger)
    }

    /// The innermost task of a thread, once it has begun.
    pub(super) fn running_mut(&mut self, number: u32) -> Result<&mut Running> {
        self.level_mut(number)?.task.as_deref_mut().ok_or_else(place::stranger)
    }

    /// The definition of a thread's innermost task.
    pub(super) fn task(&self, number: u32) -> Result<&'w Task> {
        let thread = self.thread(number)?;
        self.task_at(thread, thread.levels.len().saturating_sub(1))
    }

    pub(super) fn task_at(&self, thread: &Thread, depth: usize) -> Result<&'w Task> {
        place::task_at(self.workflow, &self.state, thread, depth)?.ok_or_else(place::stranger)
    }

    /// The name of a thread's innermost step.
    pub(super) fn step(&self, number: u32) -> Result<StepId> {
        let thread = self.thread(number)?;
        Ok(StepId(place::step(&self.state, thread, thread.levels.len().saturating_sub(1))))
    }

    /// What expressions of a thread's innermost task see.
    pub(super) fn surroundings<'s>(&'s self, number: u32, task: &'s Task) -> Result<Surroundings<'s>> {
        let thread = self.thread(number)?;
        let depth = thread.levels.len().saturating_sub(1);
        Ok(Surroundings { workflow: self.workflow, state: &self.state, thread, depth, task })
    }

    /// Works out one of the innermost task's own settings: on its input.
    pub(super) fn render(&self, number: u32, task: &Task, what: &str, template: &Template) -> Step<Value> {
        let input = self.level(number)?.input();
        let data = Data { input: Some(input), ..Data::default() };
        Ok(self.surroundings(number, task)?.render(what, template, input, data)?)
    }

    /// Works out a setting that has to be a text.
    pub(super) fn render_text(&self, number: u32, task: &Task, what: &str, template: &Template) -> Step<String> {
        match self.render(number, task, what, template)? {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            other => Err(Failure::wrong_form(what, "a text", &other).into()),
        }
    }

    pub(super) fn new_wait(&mut self) -> WaitId {
        self.state.wait_next = self.state.wait_next.saturating_add(1);
        WaitId(format!("w{}", self.state.wait_next))
    }

    pub(super) fn new_timer(&mut self, due_ms: UnixMillis) -> Timer {
        let wait = self.new_wait();
        self.commands.push(Command::Timer { wait: wait.clone(), due_ms });
        Timer { wait, due_ms }
    }

    pub(super) fn forget(&mut self, wait: WaitId) {
        self.commands.push(Command::Forget { wait });
    }

    /// Whether inputs from outside still matter.
    pub(super) fn is_under_way(&self) -> bool {
        match self.state.phase {
            Phase::Going | Phase::Undoing(_) => true,
            Phase::New | Phase::Ended(_) => false,
        }
    }

    /// A line of the trace about a thread's innermost task.
    pub(super) fn note(&mut self, number: u32, task: &Task, line: Line) -> Result<()> {
        let step = self.step(number)?;
        let attempt = self.attempt(number)?;
        let began_ms = self.level(number)?.task.as_deref().map_or(self.now_ms, |running| running.began_ms);
        let is_over = !matches!(line.status, StepStatus::Running | StepStatus::Waiting | StepStatus::Retrying);
        self.commands.push(Command::Note(Box::new(Note {
            step,
            pointer: task.pointer.clone(),
            name: task.name.clone(),
            kind: super::trace::kind(&task.kind).to_owned(),
            attempt,
            status: line.status,
            summary: line.summary,
            input: line.input,
            output: line.output,
            failure: line.failure,
            began_ms,
            ended_ms: is_over.then_some(self.now_ms),
            next_ms: line.next_ms,
        })));
        Ok(())
    }
}

/// What a line of the trace says beyond which step it is about.
pub(super) struct Line {
    pub(super) status: StepStatus,
    pub(super) summary: String,
    pub(super) input: Option<Value>,
    pub(super) output: Option<Value>,
    pub(super) failure: Option<Failure>,
    /// When it is tried again.
    pub(super) next_ms: Option<UnixMillis>,
}

impl Line {
    pub(super) fn new(status: StepStatus, summary: impl Into<String>) -> Self {
        Self { status, summary: summary.into(), input: None, output: None, failure: None, next_ms: None }
    }
}
