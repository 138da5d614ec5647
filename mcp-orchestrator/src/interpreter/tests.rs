//! Small definitions made by hand, and a run that is driven through them. After every input the state is written down
//! and read again, and the input is replayed: neither may change anything.

mod again;
mod conformance;
mod data;
mod flow;
mod forks;
mod outside;
mod random;
mod resumed;
mod retries;
mod undo;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::interpreter::command::{StepStatus, Target};
use crate::interpreter::input::Answer;
use crate::run::{StepId, WaitId};
use crate::workflow::expression::Template;
use crate::workflow::task::{
    Block, Call, CallRetry, Catch, Flow, Listen, ListenTo, Read, RetryPolicy, Span, Task, TaskKind, Try,
};
use crate::workflow::{EventFilter, Pointer};

/// When runs begin.
const BEGIN_MS: i64 = 1_800_000_000_000;

fn template(value: Value) -> Template {
    Template::compile(value, &["input", "context", "item", "error"]).unwrap()
}

fn task(name: &str, kind: TaskKind) -> Task {
    Task {
        name: name.to_owned(),
        pointer: Pointer(String::new()),
        when: None,
        input: None,
        output: None,
        export: None,
        timeout: None,
        then: Flow::Continue,
        note: None,
        compensate: None,
        kind,
    }
}

impl Task {
    fn then(mut self, flow: Flow) -> Self {
        self.then = flow;
        self
    }

    fn undone_by(mut self, tasks: Block) -> Self {
        self.compensate = Some(tasks);
        self
    }

    fn within(mut self, span: Duration) -> Self {
        self.timeout = Some(Span::Fixed(span));
        self
    }
}

fn set(name: &str, value: Value) -> Task {
    task(name, TaskKind::Set(template(value)))
}

fn call(name: &str) -> Task {
    call_with(name, json!({}))
}

fn call_with(name: &str, arguments: Value) -> Task {
    let arguments = template(arguments);
    task(name, TaskKind::Call(Call::Tool { server: "ghl".to_owned(), tool: name.to_owned(), arguments }))
}

fn wait(name: &str, span: Duration) -> Task {
    task(name, TaskKind::Wait(Span::Fixed(span)))
}

fn listen(name: &str, to: ListenTo) -> Task {
    task(name, TaskKind::Listen(Listen { to, read: Read::Data }))
}

fn event(kind: &str) -> EventFilter {
    EventFilter { kind: Some(kind.to_owned()), ..EventFilter::default() }
}

fn tried(name: &str, tasks: Block, catch: Catch) -> Task {
    task(name, TaskKind::Try(Try { tasks, catch }))
}

fn catch() -> Catch {
    Catch { with: Vec::new(), bound_as: "error".to_owned(), when: None, except_when: None, retry: None, tasks: None }
}

fn policy(backoff: crate::workflow::task::Backoff, attempts_max: Option<u32>) -> RetryPolicy {
    RetryPolicy {
        when: None,
        except_when: None,
        backoff,
        attempts_max,
        duration_max: None,
        attempt_duration: None,
        jitter: None,
    }
}

fn workflow(mut tasks: Block) -> Workflow {
    put_in_place(&mut tasks, "/do");
    Workflow {
        name: "test".to_owned(),
        version: "1.0.0".to_owned(),
        title: "Test".to_owned(),
        summary: None,
        input_schema: None,
        input: None,
        output: None,
        triggers: Vec::new(),
        timeout: None,
        call_retry: CallRetry::AsSet,
        retries: BTreeMap::new(),
        tasks,
        is_tool: false,
    }
}

fn put_in_place(block: &mut Block, at: &str) {
    for (index, task) in block.iter_mut().enumerate() {
        let at = format!("{at}/{index}/{}", task.name);
        task.pointer = Pointer(at.clone());
        if let Some(block) = &mut task.compensate {
            put_in_place(block, &format!("{at}/metadata/compensate"));
        }
        match &mut task.kind {
            TaskKind::Do(block) => put_in_place(block, &format!("{at}/do")),
            TaskKind::For(looping) => put_in_place(&mut looping.tasks, &format!("{at}/do")),
            TaskKind::Fork(fork) => put_in_place(&mut fork.branches, &format!("{at}/fork/branches")),
            TaskKind::Try(attempt) => {
                put_in_place(&mut attempt.tasks, &format!("{at}/try"));
                if let Some(block) = &mut attempt.catch.tasks {
                    put_in_place(block, &format!("{at}/catch/do"));
                }
            }
            _ => {}
        }
    }
}

fn failure(title: &str) -> Failure {
    Failure {
        kind: "https://serverlessworkflow.io/spec/1.0.0/errors/communication".to_owned(),
        status: 503,
        title: title.to_owned(),
        detail: None,
        hint: None,
        instance: None,
        retry_after_ms: None,
        is_transient: true,
        attempts: None,
    }
}

/// A run, driven by hand.
struct Drive {
    workflow: Workflow,
    state: State,
    now_ms: i64,
    /// All that was commanded.
    commands: Vec<Command>,
}

impl Drive {
    fn new(workflow: Workflow) -> Self {
        Self { workflow, state: State::default(), now_ms: BEGIN_MS, commands: Vec::new() }
    }

    /// Begins a run and says what it wants.
    fn start(tasks: Block, input: Value) -> (Self, Vec<String>) {
        let mut run = Self::new(workflow(tasks));
        let wants = run.begin(input);
        (run, wants)
    }

    fn begin(&mut self, input: Value) -> Vec<String> {
        let (run_id, key, at_ms) = ("run_1".to_owned(), Some("evt_1".to_owned()), self.now_ms);
        self.feed(Input::Start(Box::new(Started { run_id, key, input, at_ms, refused: None })))
    }

    fn feed(&mut self, input: Input) -> Vec<String> {
        self.try_feed(input).unwrap()
    }

    fn try_feed(&mut self, input: Input) -> Result<Vec<String>> {
        let before = self.state.clone();
        let advance = super::advance(&self.workflow, before.clone(), input.clone(), self.now_ms)?;
        let again = super::advance(&self.workflow, before, input, self.now_ms)?;
        assert_eq!(advance.state, again.state, "a replay differs");
        assert_eq!(advance.commands, again.commands, "a replay differs");
        let written = serde_json::to_string(&advance.state).unwrap();
        self.state = serde_json::from_str(&written).unwrap();
        assert_eq!(self.state, advance.state, "{written}");
        let wants = advance.commands.iter().filter_map(|command| self.said(command)).collect();
        self.commands.extend(advance.commands);
        Ok(wants)
    }

    fn later(&mut self, span: Duration) {
        self.now_ms += i64::try_from(span.as_millis()).unwrap();
    }

    fn answer(&mut self, step: &str, output: Value) -> Vec<String> {
        self.outcome(step, 1, Ok(output))
    }

    fn outcome(&mut self, step: &str, attempt: u32, outcome: std::result::Result<Value, Failure>) -> Vec<String> {
        self.feed(Input::Called { step: StepId(step.to_owned()), attempt, outcome })
    }

    fn due(&mut self, wait: &str) -> Vec<String> {
        self.feed(Input::Due { wait: WaitId(wait.to_owned()) })
    }

    fn hear(&mut self, wait: &str, event: Value) -> Vec<String> {
        self.feed(Input::Event { wait: WaitId(wait.to_owned()), event })
    }

    fn answered(&mut self, wait: &str, answer: Answer) -> Vec<String> {
        self.feed(Input::Answered { wait: WaitId(wait.to_owned()), answer })
    }

    /// A command in short; the trace is left out.
    fn said(&self, command: &Command) -> Option<String> {
        let seconds = |at_ms: &i64| (at_ms - self.now_ms) / 1_000;
        Some(match command {
            Command::Call(call) => {
                let arguments = match &call.target {
                    Target::Tool { arguments, .. } => arguments.to_string(),
                    other => other.name(),
                };
                format!("call {} #{} {} {arguments}", call.step.0, call.attempt, call.target.name())
            }
            Command::Abandon { step, attempt } => format!("abandon {} #{attempt}", step.0),
            Command::Timer { wait, due_ms } => format!("timer {} +{}s", wait.0, seconds(due_ms)),
            Command::Listen { wait, filter } => {
                format!("listen {} {}", wait.0, filter.kind.as_deref().unwrap_or_default())
            }
            Command::Ask { wait, ask } => format!("ask {} {}", wait.0, ask.summary),
            Command::Child { wait, workflow, input, .. } => format!("child {} {workflow} {input}", wait.0),
            Command::Forget { wait } => format!("forget {}", wait.0),
            Command::Emit { kind, data, .. } => format!("emit {kind} {data}"),
            Command::Note(_) => return None,
            Command::End(Ending::Completed { output }) => format!("completed {output}"),
            Command::End(Ending::Failed { failure }) => format!("failed {}", failure.title),
            Command::End(Ending::Cancelled { reason }) => format!("cancelled {reason}"),
        })
    }

    fn notes(&self) -> impl Iterator<Item = &Note> {
        self.commands.iter().filter_map(|command| match command {
            Command::Note(note) => Some(&**note),
            _ => None,
        })
    }

    /// What the trace says of a step in the end.
    fn note(&self, step: &str) -> &Note {
        self.notes().filter(|note| note.step.0 == step).last().unwrap_or_else(|| panic!("no note of {step}"))
    }

    fn keys(&self) -> Vec<String> {
        let calls = self.commands.iter().filter_map(|command| match command {
            Command::Call(call) => Some(call.idempotency_key.clone()),
            _ => None,
        });
        calls.collect()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
