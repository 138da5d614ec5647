//! How tasks begin.

use std::time::Duration;

use serde_json::Value;

use super::command::StepStatus;
use super::doing::Doing;
use super::finish::Finish;
use super::input::Failure;
use super::machine::{Line, Machine, Step, Stop};
use super::scope::{Data, Surroundings};
use super::state::{Level, Origin, Running, Thread};
use super::{limits, place, span, trace};
use crate::workflow::task::{Call, Case, Flow, Raise, Span, Task, TaskKind};

impl<'w> Machine<'w> {
    /// Begins the task that a thread has come to.
    pub(super) fn begin(&mut self, number: u32, task: &'w Task) -> Step {
        let Some(left) = self.tasks_left.checked_sub(1) else {
            let title = format!("more than {} steps without a pause", limits::TASKS_PER_ADVANCE_MAX);
            let hint = "a loop that never waits or calls goes on for ever: bound it, or let it wait";
            return Err(Stop::Ends(Box::new(Failure::limit(title, hint))));
        };
        self.tasks_left = left;
        let data = &self.level(number)?.data;
        let around = self.surroundings(number, task)?;
        if let Some(when) = &task.when
            && !around.holds("if", when, data, Data { input: Some(data), ..Data::default() })?
        {
            self.note(number, task, Line::new(StepStatus::Skipped, "skipped: its condition does not hold"))?;
            return self.go(number, &Flow::Continue, None);
        }
        let input = match &task.input {
            Some(from) => Some(around.render("input.from", from, data, Data::default())?),
            None => None,
        };
        let running = Running { began_ms: self.now_ms, input, timeout: None, doing: Doing::Now, anew: 0 };
        self.level_mut(number)?.task = Some(Box::new(running));
        if let Some(timeout) = &task.timeout {
            self.begin_timeout(number, task, timeout)?;
        }
        self.begin_kind(number, task)
    }

    /// Begins to count a task's time.
    pub(super) fn begin_timeout(&mut self, number: u32, task: &Task, timeout: &Span) -> Step {
        let span = self.span(number, task, "timeout.after", timeout)?;
        let timer = self.new_timer(common::clock::after(self.now_ms, span));
        self.running_mut(number)?.timeout = Some(timer);
        Ok(())
    }

    pub(super) fn begin_kind(&mut self, number: u32, task: &'w Task) -> Step {
        match &task.kind {
            TaskKind::Call(Call::Tool { server, tool, arguments }) => {
                self.call_tool(number, task, (server, tool), arguments)
            }
            TaskKind::Call(Call::Http(call)) => self.call_http(number, task, call),
            TaskKind::Call(Call::Connector { connector, operation, arguments }) => {
                self.call_connector(number, task, (connector, operation), arguments)
            }
            TaskKind::Call(Call::Approval(approval)) => self.ask(number, task, approval),
            TaskKind::Do(_) => {
                self.running_mut(number)?.doing = Doing::Block;
                let input = self.level(number)?.input().clone();
                self.enter(number, input)
            }
            TaskKind::Set(template) => {
                let value = self.render(number, task, "set", template)?;
                let names = match &value {
                    Value::Object(fields) => fields.keys().take(8).cloned().collect::<Vec<_>>().join(", "),
                    _ => "a value".to_owned(),
                };
                self.finish(number, value, &Finish::saying(format!("set {names}")))
            }
            TaskKind::Switch(cases) => self.switch(number, task, cases),
            TaskKind::For(looping) => self.begin_loop(number, task, looping),
            TaskKind::Fork(fork) => self.begin_fork(number, fork),
            TaskKind::Listen(listen) => self.listen(number, task, listen),
            TaskKind::Wait(wait) => self.wait(number, task, wait),
            TaskKind::Try(attempt) => self.begin_try(number, attempt),
            TaskKind::Raise(raise) => Err(Stop::from(self.raised(number, task, raise)?)),
            TaskKind::Run(run) => self.begin_child(number, task, run),
            TaskKind::Emit(emit) => self.emit(number, task, emit),
        }
    }

    /// Goes into a block of a thread's innermost task.
    pub(super) fn enter(&mut self, number: u32, data: Value) -> Step {
        let mut depth = 1_usize;
        let mut thread = Some(self.thread(number)?);
        while let Some(Thread { origin, levels, .. }) = thread {
            depth = depth.saturating_add(levels.len());
            thread = match origin {
                Origin::Branch(parent, _) => self.state.thread(*parent),
                Origin::Main | Origin::Undo(_) => None,
            };
        }
        if depth > limits::DEPTH_MAX {
            let title = format!("tasks lie more than {} deep in each other", limits::DEPTH_MAX);
            return Err(Stop::Ends(Box::new(Failure::limit(title, "split the workflow: `run` starts another one"))));
        }
        self.thread_mut(number)?.levels.push(Level::new(data));
        Ok(())
    }

    fn switch(&mut self, number: u32, task: &'w Task, cases: &'w [Case]) -> Step {
        let input = self.level(number)?.input();
        let around = self.surroundings(number, task)?;
        let data = Data { input: Some(input), ..Data::default() };
        let mut taken = None;
        for case in cases {
            let holds = match &case.when {
                Some(when) => around.holds(&format!("switch.{}.when", case.name), when, input, data)?,
                None => true,
            };
            if holds {
                taken = Some(case);
                break;
            }
        }
        let input = input.clone();
        match taken {
            Some(case) => {
                let finish =
                    Finish { flow: Some(&case.then), ..Finish::saying(format!("took the way `{}`", case.name)) };
                self.finish(number, input, &finish)
            }
            None => self.finish(number, input, &Finish::saying("no way fits")),
        }
    }

    fn raised(&self, number: u32, task: &Task, raise: &Raise) -> Step<Failure> {
        let status = self.render(number, task, "raise.error.status", &raise.status)?;
        let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
        let text = |what, template: &Option<_>| {
            template.as_ref().map(|template| self.render_text(number, task, what, template)).transpose()
        };
        let kind = self.render_text(number, task, "raise.error.type", &raise.kind)?;
        let title = text("raise.error.title", &raise.title)?.unwrap_or_else(|| kind.clone());
        Ok(Failure {
            status: status.unwrap_or(500),
            title,
            detail: text("raise.error.detail", &raise.detail)?,
            kind,
            hint: None,
            instance: None,
            retry_after_ms: None,
            is_transient: false,
            attempts: None,
        })
    }

    /// How long a span of a task is.
    pub(super) fn span(&self, number: u32, task: &Task, what: &str, span: &Span) -> Step<Duration> {
        match span {
            Span::Fixed(span) => Ok(*span),
            Span::Computed(template) => Ok(span::read(what, &self.render(number, task, what, template)?)?),
        }
    }

    /// How long a span of a task around a thread's innermost one is.
    pub(super) fn span_at(&self, number: u32, depth: usize, span: &Span) -> Step<Duration> {
        let thread = self.thread(number)?;
        let task = self.task_at(thread, depth)?;
        match (span, thread.levels.get(depth)) {
            (Span::Fixed(span), _) => Ok(*span),
            (Span::Computed(_), None) => Err(place::stranger().into()),
            (Span::Computed(template), Some(level)) => {
                let around = Surroundings { workflow: self.workflow, state: &self.state, thread, depth, task };
                let data = Data { input: Some(level.input()), ..Data::default() };
                Ok(span::read("timeout.after", &around.render("timeout.after", template, level.input(), data)?)?)
            }
        }
    }

    /// Notes that a thread's innermost task waits for the outside.
    pub(super) fn note_waiting(
        &mut self,
        number: u32,
        task: &Task,
        status: StepStatus,
        line: (String, &Value),
    ) -> Step {
        let (summary, input) = line;
        let input = Some(trace::bounded(input));
        self.note(number, task, Line { input, ..Line::new(status, trace::line(&summary)) })?;
        Ok(())
    }
}
