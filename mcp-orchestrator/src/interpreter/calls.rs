//! Calls of the outside, and events of the run's own making.

use serde_json::{Map, Value, json};

use super::command::{Command, StepCall, StepStatus, Target};
use super::doing::Doing;
use super::finish::Finish;
use super::input::Failure;
use super::key::idempotency_key;
use super::machine::{Machine, Step};
use super::scope::iso_8601;
use super::state::Origin;
use super::trace;
use crate::run::StepId;
use crate::workflow::expression::Template;
use crate::workflow::task::{Emit, HttpCall, Task};

impl<'w> Machine<'w> {
    pub(super) fn call_tool(
        &mut self,
        number: u32,
        task: &'w Task,
        (server, tool): (&str, &str),
        arguments: &Template,
    ) -> Step {
        let arguments = self.render(number, task, "with.arguments", arguments)?;
        let arguments = match arguments {
            Value::Null => Value::Object(Map::new()),
            Value::Object(_) => arguments,
            other => return Err(Failure::wrong_form("with.arguments", "an object", &other).into()),
        };
        self.place(number, task, Target::Tool { server: server.to_owned(), tool: tool.to_owned(), arguments })
    }

    pub(super) fn call_connector(
        &mut self,
        number: u32,
        task: &'w Task,
        (connector, operation): (&str, &str),
        arguments: &Template,
    ) -> Step {
        let arguments = self.render(number, task, "with", arguments)?;
        let (connector, operation) = (connector.to_owned(), operation.to_owned());
        self.place(number, task, Target::Connector { connector, operation, arguments })
    }

    pub(super) fn call_http(&mut self, number: u32, task: &'w Task, call: &HttpCall) -> Step {
        let url = self.render_text(number, task, "with.endpoint", &call.endpoint)?;
        let map = |what, template: &Option<Template>| -> Step<Value> {
            match template {
                None => Ok(Value::Object(Map::new())),
                Some(template) => Ok(self.render(number, task, what, template)?),
            }
        };
        let headers = map("with.headers", &call.headers)?;
        let query = map("with.query", &call.query)?;
        let body = call.body.as_ref().map(|body| self.render(number, task, "with.body", body)).transpose()?;
        let target = Target::Http { method: call.method.clone(), url, headers, query, body, output: call.output };
        self.place(number, task, target)
    }

    fn place(&mut self, number: u32, task: &Task, target: Target) -> Step {
        let step = self.step(number)?;
        let attempt = self.attempt(number)?;
        self.state.attempt_highest = self.state.attempt_highest.max(attempt);
        let is_undoable = self.is_undoable(number)?;
        let idempotency_key = idempotency_key(&self.state, &step.0, is_undoable, &target);
        let deadline_ms = self.attempt_limit(number)?.into_iter().chain(self.deadline_ms(number)?).min();
        self.running_mut(number)?.doing = Doing::Call(attempt);
        let content = target.content();
        let line = (format!("calling {}", target.name()), &content);
        self.note_waiting(number, task, StepStatus::Running, line)?;
        let pointer = task.pointer.clone();
        let call = StepCall { step, pointer, attempt, idempotency_key, target, deadline_ms };
        self.commands.push(Command::Call(Box::new(call)));
        Ok(())
    }

    /// A call has ended.
    pub(super) fn called(
        &mut self,
        step: &StepId,
        attempt: u32,
        outcome: Result<Value, Failure>,
    ) -> Option<(u32, Step)> {
        let mut waiting = self.state.threads.iter().filter(
            |thread| matches!(thread.leaf().map(|running| &running.doing), Some(Doing::Call(made)) if *made == attempt),
        );
        let number = waiting.find(|thread| self.step(thread.number).is_ok_and(|own| own == *step))?.number;
        Some((number, self.answered(number, outcome)))
    }

    fn answered(&mut self, number: u32, outcome: Result<Value, Failure>) -> Step {
        self.running_mut(number)?.doing = Doing::Now;
        let output = match outcome {
            Ok(output) => output,
            Err(failure) => return self.rest_or_fail(number, failure),
        };
        let task = self.task(number)?;
        let mut said = format!("called {}", name_of(task));
        if let Some(words) = trace::saying(&output) {
            said.push_str(": ");
            said.push_str(words);
        }
        self.finish(number, output, &Finish::waited(said))
    }

    /// Which attempt the steps of a thread are at: one more for each time that anything around them was begun anew.
    pub(super) fn attempt(&self, number: u32) -> common::error::Result<u32> {
        let mut anew = 0;
        let mut thread = self.thread(number)?;
        let own = thread.leaf().map_or(0, |running| running.anew);
        loop {
            let tries = thread.levels.iter().filter_map(|level| match &level.task.as_deref()?.doing {
                Doing::Try(trying) => Some(trying.anew),
                _ => None,
            });
            if let Some(outermost) = tries.into_iter().next() {
                anew = outermost;
            }
            match thread.origin {
                Origin::Branch(parent, _) => thread = self.thread(parent)?,
                Origin::Main | Origin::Undo(_) => break,
            }
        }
        Ok(self.state.attempts_before.saturating_add(anew).saturating_add(own).saturating_add(1))
    }

    /// Whether a thread's innermost task, or one around it, says how it is undone.
    fn is_undoable(&self, number: u32) -> common::error::Result<bool> {
        let mut thread = self.thread(number)?;
        loop {
            for depth in 0..thread.levels.len() {
                if self.task_at(thread, depth)?.compensate.is_some() {
                    return Ok(true);
                }
            }
            match thread.origin {
                Origin::Branch(parent, _) => thread = self.thread(parent)?,
                Origin::Main | Origin::Undo(_) => return Ok(false),
            }
        }
    }

    /// The soonest end of all that is around a thread's innermost task.
    fn deadline_ms(&self, number: u32) -> common::error::Result<Option<i64>> {
        let mut soonest = self.state.timeout.as_ref().map(|timer| timer.due_ms);
        let mut thread = self.thread(number)?;
        loop {
            for running in thread.levels.iter().filter_map(|level| level.task.as_deref()) {
                let limit = match &running.doing {
                    Doing::Try(trying) => trying.limit.as_ref(),
                    _ => None,
                };
                for timer in running.timeout.iter().chain(limit) {
                    soonest = Some(soonest.map_or(timer.due_ms, |due_ms| due_ms.min(timer.due_ms)));
                }
            }
            match thread.origin {
                Origin::Branch(parent, _) => thread = self.thread(parent)?,
                Origin::Main | Origin::Undo(_) => return Ok(soonest),
            }
        }
    }

    /// Emits an event. Its id is that of the step and its content: an attempt that emits the same emits it once.
    pub(super) fn emit(&mut self, number: u32, task: &'w Task, emit: &Emit) -> Step {
        let kind = self.render_text(number, task, "emit.event.with.type", &emit.kind)?;
        let subject =
            emit.subject.as_ref().map(|subject| self.render_text(number, task, "emit.event.with.subject", subject));
        let subject = subject.transpose()?;
        let data = emit.data.as_ref().map(|data| self.render(number, task, "emit.event.with.data", data));
        let data = data.transpose()?.unwrap_or_default();
        let step = self.step(number)?;
        let is_undoable = self.is_undoable(number)?;
        let id = idempotency_key(&self.state, &step.0, is_undoable, &(&kind, &subject, &data));
        let output = json!({
            "specversion": "1.0",
            "id": id,
            "source": "self",
            "type": kind,
            "subject": subject,
            "time": iso_8601(self.now_ms),
            "data": data,
        });
        let said = format!("emitted {kind}");
        self.commands.push(Command::Emit { id, kind, subject, data });
        self.finish(number, output, &Finish::saying(said))
    }
}

/// Whom a call's definition calls.
fn name_of(task: &Task) -> String {
    use crate::workflow::task::{Call, TaskKind};
    match &task.kind {
        TaskKind::Call(Call::Tool { server, tool, .. }) => format!("{server}.{tool}"),
        TaskKind::Call(Call::Connector { connector, operation, .. }) => format!("{connector}.{operation}"),
        TaskKind::Call(Call::Http(call)) => format!("{} {}", call.method, task.name),
        _ => task.name.clone(),
    }
}

impl Target {
    /// Who is called, in one word or two.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Tool { server, tool, .. } => format!("{server}.{tool}"),
            Self::Http { method, url, .. } => format!("{method} {}", url.split('?').next().unwrap_or_default()),
            Self::Connector { connector, operation, .. } => format!("{connector}.{operation}"),
        }
    }

    /// What is said to it, for the trace.
    pub(crate) fn content(&self) -> Value {
        match self {
            Self::Tool { arguments, .. } | Self::Connector { arguments, .. } => arguments.clone(),
            // Headers may hold secrets.
            Self::Http { method, url, query, body, .. } => {
                json!({ "method": method, "url": url, "query": query, "body": body })
            }
        }
    }
}
