//! What a definition holds, for other parts: tasks and filters by their place, and whom it calls.

use super::task::{Block, Call, ListenTo, Task, TaskKind};
use super::{EventFilter, Pointer, Workflow};

/// One call of the outside that a workflow makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSite<'w> {
    /// The task.
    pub at: &'w Pointer,
    pub callee: Callee<'w>,
}

/// Who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee<'w> {
    Tool {
        server: &'w str,
        tool: &'w str,
    },
    /// The address as it stands in the definition.
    Http {
        method: &'w str,
        endpoint: &'w str,
    },
    /// A person.
    Approval,
    Connector {
        connector: &'w str,
        operation: &'w str,
    },
    /// Another workflow; without a version the one that is current then.
    Workflow {
        name: &'w str,
        version: Option<&'w str>,
    },
}

impl Workflow {
    /// All tasks, each before those within it.
    pub fn all_tasks(&self) -> impl Iterator<Item = &Task> {
        let mut open: Vec<&Task> = self.tasks.iter().rev().collect();
        std::iter::from_fn(move || {
            let task = open.pop()?;
            for block in blocks_within(task).into_iter().rev() {
                open.extend(block.iter().rev());
            }
            Some(task)
        })
    }

    /// The task at a place, such as `/do/2/book`.
    #[must_use]
    pub fn task_at(&self, pointer: &Pointer) -> Option<&Task> {
        self.all_tasks().find(|task| task.pointer == *pointer)
    }

    /// All event filters that tasks listen with, each with its place: `/do/2/booked/listen/to/one`, `…/any/0`.
    pub fn filters(&self) -> impl Iterator<Item = (Pointer, &EventFilter)> {
        self.all_tasks().flat_map(filters_of)
    }

    /// The event filter at a place, as a listening run names it.
    #[must_use]
    pub fn filter_at(&self, pointer: &Pointer) -> Option<&EventFilter> {
        let (task, _) = pointer.0.rsplit_once("/listen/to/")?;
        let task = self.task_at(&Pointer(task.to_owned()))?;
        filters_of(task).into_iter().find(|(at, _)| at == pointer).map(|(_, filter)| filter)
    }

    /// Everything that it calls, those of compensations and catches included.
    pub fn calls(&self) -> impl Iterator<Item = CallSite<'_>> {
        self.all_tasks().filter_map(|task| Some(CallSite { at: &task.pointer, callee: callee(task)? }))
    }
}

/// All blocks that a task holds.
pub(super) fn blocks_within(task: &Task) -> Vec<&Block> {
    let mut blocks: Vec<&Block> = match &task.kind {
        TaskKind::Do(block) => vec![block],
        TaskKind::For(looping) => vec![&looping.tasks],
        TaskKind::Fork(fork) => vec![&fork.branches],
        TaskKind::Try(attempt) => std::iter::once(&attempt.tasks).chain(&attempt.catch.tasks).collect(),
        TaskKind::Call(_)
        | TaskKind::Set(_)
        | TaskKind::Switch(_)
        | TaskKind::Listen(_)
        | TaskKind::Wait(_)
        | TaskKind::Raise(_)
        | TaskKind::Run(_)
        | TaskKind::Emit(_) => Vec::new(),
    };
    blocks.extend(&task.compensate);
    blocks
}

fn filters_of(task: &Task) -> Vec<(Pointer, &EventFilter)> {
    let TaskKind::Listen(listen) = &task.kind else { return Vec::new() };
    let at = |way: String| Pointer(format!("{}/listen/to/{way}", task.pointer.0));
    match &listen.to {
        ListenTo::One(filter) => vec![(at("one".to_owned()), filter)],
        ListenTo::Any(filters) => {
            filters.iter().enumerate().map(|(place, filter)| (at(format!("any/{place}")), filter)).collect()
        }
        ListenTo::All(filters) => {
            filters.iter().enumerate().map(|(place, filter)| (at(format!("all/{place}")), filter)).collect()
        }
    }
}

fn callee(task: &Task) -> Option<Callee<'_>> {
    match &task.kind {
        TaskKind::Call(Call::Tool { server, tool, .. }) => Some(Callee::Tool { server, tool }),
        TaskKind::Call(Call::Http(call)) => {
            let endpoint = call.endpoint.source().as_str().unwrap_or_default();
            Some(Callee::Http { method: &call.method, endpoint })
        }
        TaskKind::Call(Call::Approval(_)) => Some(Callee::Approval),
        TaskKind::Call(Call::Connector { connector, operation, .. }) => {
            Some(Callee::Connector { connector, operation })
        }
        TaskKind::Run(run) => Some(Callee::Workflow { name: &run.name, version: run.version.as_deref() }),
        TaskKind::Do(_)
        | TaskKind::Set(_)
        | TaskKind::Switch(_)
        | TaskKind::For(_)
        | TaskKind::Fork(_)
        | TaskKind::Listen(_)
        | TaskKind::Wait(_)
        | TaskKind::Try(_)
        | TaskKind::Raise(_)
        | TaskKind::Emit(_) => None,
    }
}
