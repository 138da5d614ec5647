//! A run and the world that it is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::clock::{UnixMillis, after};
use common::error::Result;
use serde_json::{Value, json};

use super::{Recording, Simulated};
use crate::interpreter::command::{Command, Listening, Note, StepCall};
use crate::interpreter::input::{Answer, Failure, Input};
use crate::interpreter::state::State;
use crate::interpreter::{advance, listening};
use crate::run::{StepId, WaitId};
use crate::workflow::Workflow;

/// Something that will happen.
enum Happening {
    To(Input),
    Event(Value),
}

/// A run and the world that it is shown.
pub(super) struct Rehearsal<'w> {
    workflow: &'w Workflow,
    recording: &'w Recording,
    state: State,
    now_ms: UnixMillis,
    /// By instant and order.
    to_come: BTreeMap<(UnixMillis, usize), Happening>,
    scheduled: usize,
    listening: BTreeMap<WaitId, Listening>,
    /// Events that several waits are to be given.
    heard: Vec<Input>,
    /// Events that nobody has listened for yet.
    passed: Vec<Value>,
    /// How many answers of each name were given.
    given: BTreeMap<String, usize>,
    given_up: BTreeSet<(StepId, u32)>,
    forgotten: BTreeSet<WaitId>,
    commands: Vec<Command>,
    unrecorded: Vec<String>,
}

impl<'w> Rehearsal<'w> {
    pub(super) fn new(workflow: &'w Workflow, recording: &'w Recording) -> Self {
        let mut rehearsal = Self {
            workflow,
            recording,
            state: State::default(),
            now_ms: recording.at_ms,
            to_come: BTreeMap::new(),
            scheduled: 0,
            listening: BTreeMap::new(),
            heard: Vec::new(),
            passed: Vec::new(),
            given: BTreeMap::new(),
            given_up: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            commands: Vec::new(),
            unrecorded: Vec::new(),
        };
        for coming in &recording.events {
            let at_ms = after(recording.at_ms, Duration::from_millis(coming.after_ms));
            rehearsal.schedule(at_ms, Happening::Event(coming.event.clone()));
        }
        rehearsal
    }

    fn schedule(&mut self, at_ms: UnixMillis, happening: Happening) {
        self.scheduled = self.scheduled.saturating_add(1);
        self.to_come.insert((at_ms, self.scheduled), happening);
    }

    /// What happens next to the run.
    pub(super) fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = self.heard.pop() {
                return Some(input);
            }
            let ((at_ms, _), happening) = self.to_come.pop_first()?;
            match happening {
                Happening::To(Input::Called { step, attempt, .. })
                    if self.given_up.contains(&(step.clone(), attempt)) => {}
                Happening::To(Input::Due { wait }) if self.forgotten.contains(&wait) => {}
                Happening::To(input) => {
                    self.now_ms = self.now_ms.max(at_ms);
                    return Some(input);
                }
                Happening::Event(event) => {
                    let heard = self.hearing(&event);
                    if heard.is_empty() {
                        self.passed.push(event);
                    } else {
                        self.now_ms = self.now_ms.max(at_ms);
                    }
                    self.heard = heard;
                }
            }
        }
    }

    /// The waits that an event is for. A condition that cannot be worked out does not fit, as in a real run.
    fn hearing(&self, event: &Value) -> Vec<Input> {
        let meant = |wanted: &Listening| {
            let filter = self.workflow.filter_at(&wanted.filter)?;
            listening::fits(filter, &wanted.expected, event).ok().filter(|fits| *fits)
        };
        let waits = self.listening.iter().filter(|(_, wanted)| meant(wanted).is_some());
        waits.map(|(wait, _)| Input::Event { wait: wait.clone(), event: event.clone() }).collect()
    }

    /// Gives a wait the first event that came before it, as a real run does.
    fn hear_what_passed(&mut self, wait: &WaitId, wanted: &Listening) {
        let Some(filter) = self.workflow.filter_at(&wanted.filter) else { return };
        let fits = |event: &Value| listening::fits(filter, &wanted.expected, event).is_ok_and(|fits| fits);
        let Some(first) = self.passed.iter().position(fits) else { return };
        let event = self.passed.remove(first);
        self.schedule(self.now_ms, Happening::To(Input::Event { wait: wait.clone(), event }));
    }

    pub(super) fn feed(&mut self, input: Input) -> Result<()> {
        let advanced = advance(self.workflow, std::mem::take(&mut self.state), input, self.now_ms)?;
        self.state = advanced.state;
        for command in advanced.commands {
            self.act(&command);
            self.commands.push(command);
        }
        Ok(())
    }

    fn act(&mut self, command: &Command) {
        match command {
            Command::Call(call) => {
                let called = self.called(call);
                self.schedule(self.now_ms, Happening::To(called));
            }
            Command::Timer { wait, due_ms } => {
                self.schedule(*due_ms, Happening::To(Input::Due { wait: wait.clone() }));
            }
            Command::Listen { wait, filter } => {
                self.listening.insert(wait.clone(), filter.clone());
                self.hear_what_passed(wait, filter);
            }
            Command::Ask { wait, ask } => {
                let answer = match self.recorded(&[&ask.summary]) {
                    Some(Err(failure)) => Answer::No { by: failure.title },
                    Some(Ok(_)) => Answer::Yes { by: "the recording".to_owned() },
                    None => {
                        self.unrecorded.push(format!("approval: {} (taken as a yes)", ask.summary));
                        Answer::Yes { by: "the simulation".to_owned() }
                    }
                };
                self.schedule(self.now_ms, Happening::To(Input::Answered { wait: wait.clone(), answer }));
            }
            Command::Child { wait, workflow, awaits: true, .. } => {
                let recorded = self.recorded(&[workflow]);
                if recorded.is_none() {
                    self.unrecorded.push(format!("workflow {workflow}"));
                }
                let outcome = recorded.unwrap_or(Ok(placeholder(workflow)));
                self.schedule(self.now_ms, Happening::To(Input::ChildEnded { wait: wait.clone(), outcome }));
            }
            Command::Abandon { step, attempt } => {
                self.given_up.insert((step.clone(), *attempt));
            }
            Command::Forget { wait } => {
                self.listening.remove(wait);
                self.forgotten.insert(wait.clone());
            }
            Command::Child { awaits: false, .. } | Command::Emit { .. } | Command::Note(_) | Command::End(_) => {}
        }
    }

    /// How a call ends: as it was recorded, else with a placeholder.
    fn called(&mut self, call: &StepCall) -> Input {
        let target = call.target.name();
        let name = self.workflow.task_at(&call.pointer).map(|task| task.name.clone()).unwrap_or_default();
        let recorded = self.recorded(&[&name, &target]);
        let line = format!("{name} ({target})");
        if recorded.is_none() && !self.unrecorded.contains(&line) {
            self.unrecorded.push(line);
        }
        let outcome = recorded.unwrap_or(Ok(placeholder(&target)));
        Input::Called { step: call.step.clone(), attempt: call.attempt, outcome }
    }

    /// The next answer that was recorded under the first of these names that has any.
    fn recorded(&mut self, names: &[&str]) -> Option<Result<Value, Failure>> {
        for name in names {
            let answers: Vec<_> = self.recording.answers.iter().filter(|recorded| recorded.of == *name).collect();
            let Some(last) = answers.last() else { continue };
            let given = self.given.entry((*name).to_owned()).or_default();
            let answer = answers.get(*given).unwrap_or(last);
            *given = given.saturating_add(1);
            return Some(answer.outcome.clone());
        }
        None
    }

    pub(super) fn over(self) -> Simulated {
        let ending = self.commands.iter().find_map(|command| match command {
            Command::End(ending) => Some(ending.clone()),
            _ => None,
        });
        let mut trace: Vec<Note> = Vec::new();
        for command in &self.commands {
            let Command::Note(note) = command else { continue };
            let known = trace.iter_mut().find(|known| known.step == note.step && known.attempt == note.attempt);
            match known {
                None => trace.push((**note).clone()),
                Some(known) => {
                    let input = note.input.clone().or(known.input.take());
                    *known = Note { input, ..(**note).clone() };
                }
            }
        }
        let took_ms = u64::try_from(self.now_ms.saturating_sub(self.recording.at_ms)).unwrap_or(0);
        let waits = self.listening.values().map(|wanted| {
            let kind = wanted.kind.as_deref().unwrap_or("any event");
            match &wanted.key {
                Some(key) => format!("{kind} of {key} ({})", wanted.filter.0),
                None => format!("{kind} ({})", wanted.filter.0),
            }
        });
        Simulated {
            ending,
            took: Duration::from_millis(took_ms),
            trace,
            unrecorded: self.unrecorded,
            waits_for: waits.collect(),
            commands: self.commands,
        }
    }
}

/// What stands for an answer that nobody has recorded.
fn placeholder(of: &str) -> Value {
    json!({ "simulated": true, "note": format!("no answer of {of} was recorded") })
}
