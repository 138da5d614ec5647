//! What an input means for a run, and what is left to do once everything has been gone through.

use std::collections::BTreeSet;

use common::clock::after;
use common::error::Result;

use super::Advance;
use super::command::{Command, Ending};
use super::doing::{Doing, Stage};
use super::input::{Failure, Input, Started};
use super::machine::Machine;
use super::scope::render_for_workflow;
use super::state::{End, Origin, Phase, Thread};
use super::{limits, span};
use crate::run::WaitId;
use crate::workflow::task::Span;

impl Machine<'_> {
    /// Lets something happen to the run. What it does not wait for changes nothing.
    pub(super) fn take(&mut self, input: Input) -> Result<()> {
        match input {
            Input::Start(started) if self.state.phase == Phase::New => self.start(*started),
            Input::Retry { from, input } => self.retry(from.as_ref(), input),
            Input::Skip { output } => self.skip(output),
            Input::Cancel { reason } => self.cancel(reason),
            Input::Due { wait } if self.is_under_way() => self.due(wait),
            Input::Called { step, attempt, outcome } if self.is_under_way() => {
                match self.called(&step, attempt, outcome) {
                    Some((number, outcome)) => self.settle(number, outcome),
                    None => Ok(()),
                }
            }
            Input::Event { wait, event } if self.is_under_way() => {
                let listens = |doing: &Doing| matches!(doing, Doing::Listen(hearing) if hearing.waits.contains(&wait));
                let Some(number) = self.waiting(listens) else { return Ok(()) };
                let outcome = self.heard(number, &wait, event);
                self.settle(number, outcome)
            }
            Input::Answered { wait, answer } if self.is_under_way() => {
                let asks = |doing: &Doing| matches!(doing, Doing::Approval(open) if *open == wait);
                let Some(number) = self.waiting(asks) else { return Ok(()) };
                let outcome = self.answer(number, wait, answer);
                self.settle(number, outcome)
            }
            Input::ChildEnded { wait, outcome } if self.is_under_way() => {
                let runs = |doing: &Doing| matches!(doing, Doing::Child(open) if *open == wait);
                let Some(number) = self.waiting(runs) else { return Ok(()) };
                let outcome = self.child_ended(number, wait, outcome);
                self.settle(number, outcome)
            }
            Input::Start(_)
            | Input::Due { .. }
            | Input::Called { .. }
            | Input::Event { .. }
            | Input::Answered { .. }
            | Input::ChildEnded { .. } => Ok(()),
        }
    }

    fn start(&mut self, started: Started) -> Result<()> {
        self.state.run_id = started.run_id;
        self.state.key = started.key;
        self.state.started_ms = started.at_ms;
        self.state.phase = Phase::Going;
        if let Err(failure) = limits::check("the run's input", &started.input) {
            return self.fail_run(None, *failure);
        }
        if let Some(failure) = started.refused {
            return self.fail_run(None, failure);
        }
        self.state.input = started.input;
        let data = match &self.workflow.input {
            None => Ok(self.state.input.clone()),
            Some(from) => render_for_workflow(self.workflow, &self.state, "input.from", from, &self.state.input),
        };
        let data = match data {
            Ok(data) => data,
            Err(failure) => return self.fail_run(None, *failure),
        };
        if self.workflow.input.is_some() {
            self.state.context = Some(data.clone());
        }
        self.state.threads.push(Thread::new(0, Origin::Main, data));
        self.begin_workflow_timeout()
    }

    pub(super) fn begin_workflow_timeout(&mut self) -> Result<()> {
        let span = match &self.workflow.timeout {
            None => return Ok(()),
            Some(Span::Fixed(span)) => Ok(*span),
            Some(Span::Computed(template)) => {
                render_for_workflow(self.workflow, &self.state, "timeout.after", template, &self.state.input)
                    .and_then(|value| span::read("timeout.after", &value))
            }
        };
        match span {
            Ok(span) => {
                self.state.timeout = Some(self.new_timer(after(self.now_ms, span)));
                Ok(())
            }
            Err(failure) => self.fail_run(None, *failure),
        }
    }

    /// The time of a wait has come, whatever it is for.
    fn due(&mut self, wait: WaitId) -> Result<()> {
        if self.state.timeout.as_ref().is_some_and(|timer| timer.wait == wait) {
            return self.fail_run(None, Failure::timeout("the workflow took longer than it may".to_owned()));
        }
        let waits = |doing: &Doing| match doing {
            Doing::Wait(open) | Doing::Rest(open) => *open == wait,
            Doing::Try(trying) => matches!(&trying.stage, Stage::Resting(open) if *open == wait),
            _ => false,
        };
        if let Some(number) = self.waiting(waits) {
            let outcome = match self.thread(number)?.leaf().map(|running| &running.doing) {
                Some(Doing::Try(_)) => self.try_again(number),
                Some(Doing::Rest(_)) => self.call_again(number, wait),
                _ => self.waited(number, wait),
            };
            return self.settle(number, outcome);
        }
        self.due_around(&wait)
    }

    /// The time of a task or an attempt that may hold others is up.
    fn due_around(&mut self, wait: &WaitId) -> Result<()> {
        let mut found = None;
        for thread in &self.state.threads {
            for (depth, running) in thread.levels.iter().map(|level| level.task.as_deref()).enumerate() {
                let Some(running) = running else { continue };
                if running.timeout.as_ref().is_some_and(|timer| timer.wait == *wait) {
                    found = Some((thread.number, depth, false));
                }
                let limit = match &running.doing {
                    Doing::Try(trying) => trying.limit.as_ref(),
                    _ => None,
                };
                if limit.is_some_and(|timer| timer.wait == *wait) {
                    found = Some((thread.number, depth, true));
                }
            }
        }
        match found {
            None => Ok(()),
            Some((number, depth, false)) => self.time_out(number, depth),
            Some((number, depth, true)) => self.time_out_attempt(number, depth),
        }
    }

    /// What is kept and done, after everything that could go on has.
    pub(super) fn done(mut self) -> Result<Advance> {
        if !limits::state_fits(&self.state) {
            self.shed()?;
        }
        self.drop_what_never_was();
        Ok(Advance { state: self.state, commands: self.commands })
    }

    /// A state that has grown too large: the run ends, and nothing of its data is kept.
    fn shed(&mut self) -> Result<()> {
        if !self.is_under_way() {
            self.state.frozen.clear();
            return Ok(());
        }
        let title = format!("the run's data grew beyond {} bytes", limits::STATE_BYTES_MAX);
        let hint = "keep less: shape outputs with `output.as`, and pass on ids in place of records";
        let failure = Failure::limit(title, hint);
        self.release_all()?;
        self.state.threads.clear();
        self.state.frozen.clear();
        self.state.context = None;
        self.state.input = serde_json::Value::Null;
        let ending = Ending::Failed { failure: failure.clone() };
        self.close(End::Failed { failure: Box::new(failure), thread: None, undone: Vec::new() }, ending);
        Ok(())
    }

    /// Takes out what was begun and given up within the same advance: nobody has to hear of it.
    fn drop_what_never_was(&mut self) {
        let mut steps = BTreeSet::new();
        let mut waits = BTreeSet::new();
        for command in &self.commands {
            match command {
                Command::Abandon { step, attempt } => drop(steps.insert((step.clone(), *attempt))),
                Command::Forget { wait } => drop(waits.insert(wait.clone())),
                _ => {}
            }
        }
        if steps.is_empty() && waits.is_empty() {
            return;
        }
        let mut begun_steps = BTreeSet::new();
        let mut begun_waits = BTreeSet::new();
        self.commands.retain(|command| match command {
            Command::Call(call) => {
                let call = (call.step.clone(), call.attempt);
                let is_given_up = steps.contains(&call);
                if is_given_up {
                    begun_steps.insert(call);
                }
                !is_given_up
            }
            Command::Timer { wait, .. }
            | Command::Listen { wait, .. }
            | Command::Ask { wait, .. }
            | Command::Child { wait, awaits: true, .. } => {
                let is_given_up = waits.contains(wait);
                if is_given_up {
                    begun_waits.insert(wait.clone());
                }
                !is_given_up
            }
            _ => true,
        });
        self.commands.retain(|command| match command {
            Command::Abandon { step, attempt } => !begun_steps.contains(&(step.clone(), *attempt)),
            Command::Forget { wait } => !begun_waits.contains(wait),
            _ => true,
        });
    }
}
