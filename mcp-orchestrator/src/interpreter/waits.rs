//! Waiting: for a time, an event, a person, another run.

use std::time::Duration;

use common::clock::after;
use common::error::Result;
use serde_json::{Value, json};

use super::command::{Ask, Command, Listening, StepStatus};
use super::doing::{Doing, Hearing};
use super::finish::Finish;
use super::input::{Answer, Failure};
use super::limits;
use super::listening::{filters, key_text};
use super::machine::{Machine, Step};
use super::scope::iso_8601;
use crate::run::WaitId;
use crate::span;
use crate::workflow::EventFilter;
use crate::workflow::task::{Approval, Listen, ListenTo, Read, RunWorkflow, Span, Task, TaskKind};

impl<'w> Machine<'w> {
    pub(super) fn wait(&mut self, number: u32, task: &'w Task, span: &Span) -> Step {
        let span = self.span(number, task, "wait", span)?;
        if span.is_zero() {
            let input = self.level(number)?.input().clone();
            return self.finish(number, input, &Finish::saying("waited for nothing"));
        }
        let timer = self.new_timer(after(self.now_ms, span));
        self.running_mut(number)?.doing = Doing::Wait(timer.wait);
        let said = format!("waits {}, until {}", span::in_words(span), iso_8601(timer.due_ms));
        self.note_waiting(number, task, StepStatus::Waiting, (said, &Value::Null))
    }

    /// The time of a `wait` has come.
    pub(super) fn waited(&mut self, number: u32, wait: WaitId) -> Step {
        self.forget(wait);
        let now_ms = self.now_ms;
        let running = self.running_mut(number)?;
        running.doing = Doing::Now;
        let waited = u64::try_from(now_ms.saturating_sub(running.began_ms)).unwrap_or(0);
        let said = format!("waited {}", span::in_words(Duration::from_millis(waited)));
        let input = self.level(number)?.input().clone();
        self.finish(number, input, &Finish::waited(said))
    }

    pub(super) fn listen(&mut self, number: u32, task: &'w Task, listen: &'w Listen) -> Step {
        let mut listening = Vec::new();
        for (pointer, filter) in filters(task, listen) {
            let expected = self.expected(number, task, filter)?;
            let key = expected.first().map(key_text);
            let (kind, source) = (filter.kind.clone(), filter.source.clone());
            listening.push(Listening { kind, source, key, filter: pointer, expected });
        }
        if listening.is_empty() {
            return Err(Failure::configuration("`listen` names no event".to_owned()).into());
        }
        let kinds: Vec<_> = listening.iter().map(|one| one.kind.as_deref().unwrap_or("any event")).collect();
        let said =
            format!("listens for {}", kinds.join(if matches!(listen.to, ListenTo::All(_)) { " and " } else { " or " }));
        let expected: Vec<_> = listening.iter().map(|one| Value::from(one.expected.clone())).collect();
        let mut waits = Vec::with_capacity(listening.len());
        for filter in listening {
            let wait = self.new_wait();
            waits.push(wait.clone());
            self.commands.push(Command::Listen { wait, filter });
        }
        self.running_mut(number)?.doing = Doing::Listen(Box::new(Hearing { waits, heard: Vec::new() }));
        self.note_waiting(number, task, StepStatus::Waiting, (said, &json!({ "expected": expected })))
    }

    /// What each correlation of a filter has to be. Null would fit whatever lacks the value, so it is refused.
    fn expected(&self, number: u32, task: &Task, filter: &EventFilter) -> Step<Vec<Value>> {
        let mut expected = Vec::with_capacity(filter.correlate.len());
        for correlation in &filter.correlate {
            let what = format!("correlate.{}.expect", correlation.name);
            let value = self.render(number, task, &what, &correlation.value.expect)?;
            if value.is_null() {
                return Err(Failure::wrong_form(&what, "a value", &value).into());
            }
            expected.push(value);
        }
        Ok(expected)
    }

    /// An event has come that a `listen` waits for.
    pub(super) fn heard(&mut self, number: u32, wait: &WaitId, event: Value) -> Step {
        let task = self.task(number)?;
        let TaskKind::Listen(listen) = &task.kind else { return Err(super::place::stranger().into()) };
        let kind = event.get("type").and_then(Value::as_str).unwrap_or("an event").to_owned();
        let event = match listen.read {
            Read::Envelope => event,
            Read::Data => event.get("data").cloned().unwrap_or_default(),
        };
        limits::check("the event", &event)?;
        self.forget(wait.clone());
        let Doing::Listen(hearing) = &mut self.running_mut(number)?.doing else {
            return Err(super::place::stranger().into());
        };
        hearing.heard.push(event);
        hearing.waits.retain(|open| open != wait);
        let is_over = match listen.to {
            ListenTo::One(_) | ListenTo::Any(_) => true,
            ListenTo::All(_) => hearing.waits.is_empty(),
        };
        if !is_over {
            return Ok(());
        }
        let open = std::mem::take(&mut hearing.waits);
        let heard = std::mem::take(&mut hearing.heard);
        self.running_mut(number)?.doing = Doing::Now;
        for wait in open {
            self.forget(wait);
        }
        self.finish(number, Value::Array(heard), &Finish::waited(format!("heard {kind}")))
    }

    pub(super) fn ask(&mut self, number: u32, task: &'w Task, approval: &Approval) -> Step {
        let summary = self.render_text(number, task, "with.summary", &approval.summary)?;
        let details = approval.details.as_ref().map(|details| self.render(number, task, "with.details", details));
        let details = details.transpose()?;
        let expires_ms = match &approval.expires {
            Some(span) => Some(after(self.now_ms, self.span(number, task, "with.expires", span)?)),
            None => None,
        };
        let wait = self.new_wait();
        self.running_mut(number)?.doing = Doing::Approval(wait.clone());
        let said = format!("asks for a yes: {summary}");
        let ask = Ask { summary, details, expires_ms };
        self.note_waiting(number, task, StepStatus::Waiting, (said, ask.details.as_ref().unwrap_or(&Value::Null)))?;
        self.commands.push(Command::Ask { wait, ask });
        Ok(())
    }

    /// A person has answered. A no is a failure, so that nothing goes on behind it by oversight.
    pub(super) fn answer(&mut self, number: u32, wait: WaitId, answer: Answer) -> Step {
        self.forget(wait);
        self.running_mut(number)?.doing = Doing::Now;
        match answer {
            Answer::Yes { by } => {
                let said = format!("{by} said yes");
                self.finish(number, json!({ "approved": true, "by": by }), &Finish::waited(said))
            }
            Answer::No { by } => Err(Failure::refused(&by).into()),
            Answer::Expired => Err(Failure::timeout("nobody said yes or no in time".to_owned()).into()),
        }
    }

    pub(super) fn begin_child(&mut self, number: u32, task: &'w Task, run: &RunWorkflow) -> Step {
        let input = match &run.input {
            Some(input) => self.render(number, task, "run.workflow.input", input)?,
            None => self.level(number)?.input().clone(),
        };
        let wait = self.new_wait();
        let shown = input.clone();
        let (workflow, version, awaits) = (run.name.clone(), run.version.clone(), run.awaits);
        self.commands.push(Command::Child { wait: wait.clone(), workflow, version, input, awaits });
        if awaits {
            self.running_mut(number)?.doing = Doing::Child(wait);
            let said = format!("runs `{}`", run.name);
            return self.note_waiting(number, task, StepStatus::Waiting, (said, &shown));
        }
        let input = self.level(number)?.input().clone();
        self.finish(number, input, &Finish::saying(format!("started `{}`", run.name)))
    }

    /// The other run has ended.
    pub(super) fn child_ended(&mut self, number: u32, wait: WaitId, outcome: Result<Value, Failure>) -> Step {
        self.forget(wait);
        self.running_mut(number)?.doing = Doing::Now;
        let said = match &self.task(number)?.kind {
            TaskKind::Run(run) => format!("ran `{}`", run.name),
            _ => return Err(super::place::stranger().into()),
        };
        self.finish(number, outcome?, &Finish::waited(said))
    }

    /// The thread whose innermost task waits for something that is so.
    pub(super) fn waiting(&self, fits: impl Fn(&Doing) -> bool) -> Option<u32> {
        let waits = |thread: &&super::state::Thread| thread.leaf().is_some_and(|running| fits(&running.doing));
        self.state.threads.iter().find(waits).map(|thread| thread.number)
    }
}
