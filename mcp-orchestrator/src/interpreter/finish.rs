//! How tasks end well, and where it goes on from there.

use std::mem;

use common::error::Result;
use serde_json::Value;

use super::command::{Command, Ending, StepStatus};
use super::doing::Doing;
use super::input::Failure;
use super::machine::{Line, Machine, Step};
use super::scope::{Data, bound_around, render_for_workflow};
use super::state::{End, Level, Origin, Phase, Undoable};
use super::{limits, place, trace};
use crate::workflow::task::{Flow, Task};

/// How a task ends.
pub(super) struct Finish<'f> {
    /// What happened, unless the author says it better.
    pub(super) said: String,
    /// Where it goes on, if not as the task's `then` says.
    pub(super) flow: Option<&'f Flow>,
    pub(super) status: StepStatus,
    /// Its input stands in the trace already.
    pub(super) is_noted: bool,
}

impl Finish<'_> {
    /// Of a task that took no time, or that holds others.
    pub(super) fn saying(said: impl Into<String>) -> Self {
        Self { said: said.into(), flow: None, status: StepStatus::Completed, is_noted: false }
    }

    /// Of a task that has waited for the outside.
    pub(super) fn waited(said: impl Into<String>) -> Self {
        Self { is_noted: true, ..Self::saying(said) }
    }
}

/// What comes of a task's raw output.
struct Yield {
    output: Value,
    context: Option<Value>,
    said: String,
}

impl Machine<'_> {
    /// Ends a thread's innermost task with what it gave.
    pub(super) fn finish(&mut self, number: u32, raw: Value, finish: &Finish<'_>) -> Step {
        let task = self.task(number)?;
        limits::check("what the step gave", &raw)?;
        let Yield { output, context, said } = self.yielded(number, task, raw, &finish.said)?;
        let level = self.level(number)?;
        let line = Line {
            input: (!finish.is_noted).then(|| trace::bounded(level.input())),
            output: Some(trace::bounded(&output)),
            ..Line::new(finish.status, said)
        };
        self.note(number, task, line)?;
        if context.is_some() {
            self.state.context = context;
        }
        if task.compensate.is_some() && self.state.phase == Phase::Going {
            self.remember(number, task, &output)?;
        }
        if let Some(timer) = self.level_mut(number)?.task.take().and_then(|running| running.timeout) {
            self.forget(timer.wait);
        }
        self.go(number, finish.flow.unwrap_or(&task.then), Some(output))
    }

    fn yielded(&self, number: u32, task: &Task, raw: Value, said: &str) -> Step<Yield> {
        let input = self.level(number)?.input();
        let around = self.surroundings(number, task)?;
        let output = match &task.output {
            Some(shape) => around.render("output.as", shape, &raw, Data { input: Some(input), ..Data::default() })?,
            None => raw,
        };
        let data = Data { input: Some(input), output: Some(&output), own: None };
        let context = match &task.export {
            Some(export) => Some(around.render("export.as", export, &output, data)?),
            None => None,
        };
        // A note is for readers: one that cannot be worked out does not make a step fail that has succeeded.
        let said = match &task.note {
            None => said.to_owned(),
            Some(note) => match around.render("metadata.note", note, &output, data) {
                Ok(Value::String(note)) => note,
                Ok(other) => other.to_string(),
                Err(failure) => format!("{said} (its note: {})", trace::failure(&failure)),
            },
        };
        Ok(Yield { output, context, said: trace::line(&said) })
    }

    /// Keeps how to undo a step. A step that is done again is kept once.
    fn remember(&mut self, number: u32, task: &Task, output: &Value) -> Result<()> {
        let step = self.step(number)?;
        let bound = bound_around(self.workflow, &self.state, self.thread(number)?);
        if self.attempt(number)? > 1 {
            self.state.undoable.retain(|known| known.step != step);
        }
        self.state.undoable.push(Undoable { step, pointer: task.pointer.clone(), output: output.clone(), bound });
        Ok(())
    }

    /// Goes on behind a thread's innermost task. Without an output, its input goes on.
    pub(super) fn go(&mut self, number: u32, flow: &Flow, output: Option<Value>) -> Step {
        let thread = self.thread(number)?;
        // The first task's input is the run's, which is kept anyway.
        let is_run_input = thread.origin == Origin::Main && thread.levels.len() == 1 && self.workflow.input.is_none();
        let block = place::block(self.workflow, &self.state, thread)?;
        let level = self.level_mut(number)?;
        let next = match flow {
            Flow::Continue => level.at.saturating_add(1),
            Flow::Exit => block.len(),
            Flow::End => {
                let output = output.unwrap_or_else(|| mem::take(&mut level.data));
                return Ok(self.end_by(number, output)?);
            }
            Flow::Task(name) => block.iter().position(|task| task.name == *name).ok_or_else(|| {
                Failure::configuration(format!("`then` names `{name}`, which does not stand beside the task"))
            })?,
        };
        let at = mem::replace(&mut level.at, next);
        let given = match output {
            Some(output) => mem::replace(&mut level.data, output),
            None => level.data.clone(),
        };
        if next <= at {
            level.backward = level.backward.saturating_add(1);
            level.before.retain(|(index, _)| *index < next);
        } else if next < block.len() && !(is_run_input && at == 0) && limits::fits(&given, limits::KEPT_BYTES_MAX) {
            level.before.push((at, given));
        }
        Ok(())
    }

    /// `then: end`, which ends the run; where steps are being undone, what undoes this one.
    fn end_by(&mut self, number: u32, output: Value) -> Result<()> {
        if self.state.phase == Phase::Going {
            return self.complete(output);
        }
        let mut outermost = number;
        while let Origin::Branch(parent, _) = self.thread(outermost)?.origin {
            outermost = parent;
        }
        self.cut(outermost, 0)?;
        self.undone(outermost);
        Ok(())
    }

    /// All is done.
    pub(super) fn complete(&mut self, value: Value) -> Result<()> {
        let output = match &self.workflow.output {
            Some(shape) => render_for_workflow(self.workflow, &self.state, "output.as", shape, &value),
            None => Ok(value),
        };
        match output {
            Ok(output) => {
                self.release_all()?;
                self.state.threads.clear();
                self.close(End::Completed, Ending::Completed { output });
                Ok(())
            }
            Err(failure) => self.fail_run(None, *failure),
        }
    }

    /// The run is over. Only what a failed one needs in order to be taken up again is kept.
    pub(super) fn close(&mut self, end: End, ending: Ending) {
        if let Some(timer) = self.state.timeout.take() {
            self.forget(timer.wait);
        }
        self.state.undoable.clear();
        if !matches!(end, End::Failed { .. }) {
            self.state.frozen.clear();
            self.state.context = None;
            self.state.input = Value::Null;
        }
        self.state.phase = Phase::Ended(end);
        self.commands.push(Command::End(ending));
    }

    /// A block of a thread's innermost task has ended.
    pub(super) fn block_ended(&mut self, number: u32, value: Value) -> Step {
        let task = self.task(number)?;
        match &self.running_mut(number)?.doing {
            Doing::Block => self.finish(number, value, &Finish::saying(format!("did the steps of `{}`", task.name))),
            Doing::Loop(_) => self.next_pass(number, value),
            Doing::Try(_) => self.try_ended(number, value),
            Doing::Now
            | Doing::Fork(_)
            | Doing::Call(_)
            | Doing::Rest(_)
            | Doing::Approval(_)
            | Doing::Listen(_)
            | Doing::Wait(_)
            | Doing::Child(_) => Err(place::stranger().into()),
        }
    }
}

impl Level {
    /// What the task at an earlier place was given, if that is kept.
    pub(super) fn input_before(&self, at: usize) -> Option<&Value> {
        self.before.iter().find(|(index, _)| *index == at).map(|(_, value)| value)
    }
}
