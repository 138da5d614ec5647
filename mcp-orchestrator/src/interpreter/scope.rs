//! What expressions see at a task: the DSL's arguments, and what `for` and `catch` around it bind.

use std::sync::LazyLock;

use common::clock::UnixMillis;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::doing::{Doing, Stage};
use super::input::Failure;
use super::state::{Origin, State, Thread};
use super::{place, state};
use crate::workflow::expression::{Scope, Template};
use crate::workflow::task::{Task, TaskKind};
use crate::workflow::{Pointer, Workflow};

/// `$runtime`
static RUNTIME: LazyLock<Value> =
    LazyLock::new(|| json!({ "name": "luminar", "version": env!("CARGO_PKG_VERSION"), "metadata": {} }));

/// A task's surroundings while one of its expressions is worked out.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'s> {
    pub(super) workflow: &'s Workflow,
    pub(super) state: &'s State,
    pub(super) thread: &'s Thread,
    /// The level of the task.
    pub(super) depth: usize,
    pub(super) task: &'s Task,
}

/// What of a task's data an expression sees.
#[derive(Clone, Copy, Default)]
pub(super) struct Data<'d> {
    pub(super) input: Option<&'d Value>,
    pub(super) output: Option<&'d Value>,
    /// A name of the expression's own, such as the error's.
    pub(super) own: Option<(&'d str, &'d Value)>,
}

impl Surroundings<'_> {
    /// Works out an expression of the task. `what` names it in a failure.
    pub(super) fn render(
        &self,
        what: &str,
        template: &Template,
        dot: &Value,
        data: Data<'_>,
    ) -> Result<Value, Box<Failure>> {
        self.within(template, data, |bound| template.render(Scope { dot, bound }))
            .map_err(|error| Box::new(Failure::expression(what, &error)))
    }

    /// Whether a condition of the task holds.
    pub(super) fn holds(
        &self,
        what: &str,
        template: &Template,
        dot: &Value,
        data: Data<'_>,
    ) -> Result<bool, Box<Failure>> {
        self.within(template, data, |bound| template.holds(Scope { dot, bound }))
            .map_err(|error| Box::new(Failure::expression(what, &error)))
    }

    fn within<T>(&self, template: &Template, data: Data<'_>, work: impl FnOnce(&[(&str, &Value)]) -> T) -> T {
        let names = Names::of(template.source());
        if !names.any {
            return work(&[]);
        }
        let workflow = names.workflow.then(|| workflow_value(self.workflow, self.state));
        let task = names.task.then(|| self.task_value(data));
        let indices = loop_indices(self.state, self.thread);
        let mut bound: Vec<(&str, &Value)> = Vec::with_capacity(8);
        bound.extend(data.own);
        bind_around(self.workflow, self.state, (self.thread, self.depth), &indices, &mut bound);
        bound.push(("context", self.state.context()));
        bound.extend(data.input.map(|input| ("input", input)));
        bound.extend(data.output.map(|output| ("output", output)));
        bound.extend(workflow.as_ref().map(|value| ("workflow", value)));
        bound.extend(task.as_ref().map(|value| ("task", value)));
        bound.push(("runtime", &RUNTIME));
        work(&bound)
    }

    fn task_value(&self, data: Data<'_>) -> Value {
        let level = self.thread.levels.get(self.depth);
        let began_ms = level.and_then(|level| level.task.as_deref()).map(|running| running.began_ms);
        json!({
            "name": self.task.name,
            "reference": self.task.pointer.0,
            "input": data.input,
            "output": data.output,
            "startedAt": began_ms.map(instant),
        })
    }
}

/// Everything that is bound around the innermost task of a thread, by name, for a later time.
pub(super) fn bound_around(workflow: &Workflow, state: &State, thread: &Thread) -> Vec<(String, Value)> {
    let indices = loop_indices(state, thread);
    let mut bound = Vec::new();
    bind_around(workflow, state, (thread, thread.levels.len()), &indices, &mut bound);
    bound.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Binds what loops and catches bind, from a level outward; a name that is bound already is hidden.
fn bind_around<'s>(
    workflow: &'s Workflow,
    state: &'s State,
    (thread, depth): (&'s Thread, usize),
    indices: &'s [(u32, usize, Value)],
    bound: &mut Vec<(&'s str, &'s Value)>,
) {
    let mut bind = |name: &'s str, value: &'s Value| {
        if !bound.iter().any(|(known, _)| *known == name) {
            bound.push((name, value));
        }
    };
    for depth in (0..=depth).rev() {
        let Some(running) = thread.levels.get(depth).and_then(|level| level.task.as_deref()) else { continue };
        if !matches!(running.doing, Doing::Loop(_) | Doing::Try(_)) {
            continue;
        }
        let Ok(Some(task)) = place::task_at(workflow, state, thread, depth) else { continue };
        match (&task.kind, &running.doing) {
            (TaskKind::For(definition), Doing::Loop(looping)) => {
                bind(&definition.each, &looping.item);
                let index = indices.iter().find(|(number, at, _)| *number == thread.number && *at == depth);
                if let Some((_, _, index)) = index {
                    bind(&definition.at, index);
                }
            }
            (TaskKind::Try(definition), Doing::Try(trying)) => {
                if let Stage::Catching(error) = &trying.stage {
                    bind(&definition.catch.bound_as, error);
                }
            }
            _ => {}
        }
    }
    match &thread.origin {
        Origin::Main => {}
        Origin::Branch(parent, _) => {
            if let Some(parent) = state.thread(*parent) {
                bind_around(workflow, state, (parent, parent.levels.len()), indices, bound);
            }
        }
        Origin::Undo(undoable) => {
            for (name, value) in &undoable.bound {
                bind(name, value);
            }
        }
    }
}

/// The indices of all loops around a thread's innermost task, as values that outlive the expression.
fn loop_indices(state: &State, thread: &Thread) -> Vec<(u32, usize, Value)> {
    let mut indices = Vec::new();
    let mut thread = Some(thread);
    while let Some(one) = thread {
        for (depth, level) in one.levels.iter().enumerate() {
            if let Some(state::Running { doing: Doing::Loop(looping), .. }) = level.task.as_deref() {
                indices.push((one.number, depth, Value::from(looping.index)));
            }
        }
        thread = match one.origin {
            Origin::Branch(parent, _) => state.thread(parent),
            Origin::Main | Origin::Undo(_) => None,
        };
    }
    indices
}

/// Works out an expression of the workflow itself.
pub(super) fn render_for_workflow(
    workflow: &Workflow,
    state: &State,
    what: &str,
    template: &Template,
    dot: &Value,
) -> Result<Value, Box<Failure>> {
    let value = workflow_value(workflow, state);
    let bound = [("context", state.context()), ("workflow", &value), ("runtime", &*RUNTIME)];
    template.render(Scope { dot, bound: &bound }).map_err(|error| {
        let mut failure = Failure::expression(what, &error);
        failure.instance = Some(Pointer(format!("/{}", what.replace('.', "/"))));
        Box::new(failure)
    })
}

/// `$workflow`
fn workflow_value(workflow: &Workflow, state: &State) -> Value {
    json!({
        "id": state.run_id,
        "key": state.key,
        "definition": { "document": { "name": workflow.name, "version": workflow.version, "title": workflow.title } },
        "input": state.input,
        "startedAt": instant(state.started_ms),
    })
}

/// An instant as the DSL describes one.
pub(super) fn instant(at_ms: UnixMillis) -> Value {
    json!({
        "iso8601": iso_8601(at_ms),
        "epoch": { "seconds": at_ms.div_euclid(1_000), "milliseconds": at_ms },
    })
}

/// `2026-11-20T10:00:00Z`
pub(super) fn iso_8601(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string()
}

/// Which of the costlier arguments a template names: they are made only for those that do.
#[derive(Default)]
struct Names {
    any: bool,
    workflow: bool,
    task: bool,
}

impl Names {
    fn of(source: &Value) -> Self {
        let mut names = Self::default();
        names.look_at(source);
        names
    }

    fn look_at(&mut self, source: &Value) {
        match source {
            Value::String(text) => {
                if text.contains('$') {
                    self.any = true;
                    self.workflow |= text.contains("$workflow");
                    self.task |= text.contains("$task");
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.look_at(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.look_at(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
