//! Tasks beside each other: their names, where `then` leads, and which are never come to.

use std::collections::BTreeSet;

use super::Reader;
use super::place::Place;
use crate::workflow::nearest::nearest;
use crate::workflow::source::below;
use crate::workflow::task::{Block, Flow, Task, TaskKind};

const EXAMPLE: &str = "- greet: {call: mcp, with: {server: ghl, tool: send_message}}";

impl Reader {
    /// Tasks one after the other.
    pub(super) fn block(&mut self, place: &Place<'_>) -> Option<Block> {
        let (block, places) = self.tasks_of(place)?;
        for (task, item) in block.iter().zip(&places) {
            for (flow, pointer) in targets(task, &item.pointer) {
                self.check_target(flow, &pointer, item, &block);
            }
        }
        self.check_reach(&block, &places);
        Some(block)
    }

    /// Tasks side by side: none leads to another.
    pub(super) fn branches(&mut self, place: &Place<'_>) -> Option<Block> {
        let (block, places) = self.tasks_of(place)?;
        for (task, item) in block.iter().zip(&places) {
            for (flow, pointer) in targets(task, &item.pointer) {
                if let Flow::Task(name) = flow {
                    let mark = item.node.mark_of(pointer.strip_prefix(&item.pointer).unwrap_or_default());
                    let expected = "continue, exit or end; a `do` holds tasks that follow each other";
                    self.push(mark, pointer, format!("a branch cannot lead to `{name}`"), expected, None);
                }
            }
        }
        Some(block)
    }

    /// All tasks, or none if one has a flaw, with their places.
    fn tasks_of<'d>(&mut self, place: &Place<'d>) -> Option<(Block, Vec<Place<'d>>)> {
        let items = place.items(self, "a list of named tasks", Some(EXAMPLE))?;
        if items.is_empty() {
            self.flaw_like(place, "there is no task", "at least one", Some(EXAMPLE));
            return None;
        }
        let mut names: Vec<&str> = Vec::new();
        let mut block = Vec::new();
        let mut places = Vec::new();
        for item in &items {
            let Some((name, form)) = item.named(self, EXAMPLE) else { continue };
            self.check_name(item, name, &names);
            names.push(name);
            if let Some(task) = self.task(name, &form) {
                block.push(task);
                places.push(form);
            }
        }
        (block.len() == items.len()).then_some((block, places))
    }

    fn check_name(&mut self, item: &Place<'_>, name: &str, before: &[&str]) {
        const NAME_CHARS_MAX: usize = 100;
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            self.flaw(item, "the task's name is empty or too long", format!("1 to {NAME_CHARS_MAX} characters"));
        }
        if matches!(name, "continue" | "exit" | "end") {
            self.flaw(
                item,
                format!("a task cannot be called `{name}`, which `then` takes for something else"),
                "another name",
            );
        }
        if before.contains(&name) {
            self.flaw(item, format!("there are two tasks `{name}` here"), "a name of its own for each task of a list");
        }
    }

    fn check_target(&mut self, flow: &Flow, pointer: &str, item: &Place<'_>, block: &[Task]) {
        let Flow::Task(name) = flow else { return };
        if block.iter().any(|task| task.name == *name) {
            return;
        }
        let mark = item.node.mark_of(pointer.strip_prefix(&item.pointer).unwrap_or_default());
        let expected = match nearest(name, block.iter().map(|task| task.name.as_str()), 1).first() {
            Some(close) => format!("did you mean `{close}`?"),
            None => "continue, exit, end, or the name of a task of the same list".to_owned(),
        };
        self.push(mark, pointer.to_owned(), format!("there is no task `{name}` in this list"), expected, None);
    }

    fn check_reach(&mut self, block: &[Task], places: &[Place<'_>]) {
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        let mut open = vec![0];
        while let Some(index) = open.pop() {
            let Some(task) = block.get(index) else { continue };
            if reached.insert(index) {
                open.extend(followers(task, index, block));
            }
        }
        for (index, (task, place)) in block.iter().zip(places).enumerate() {
            if !reached.contains(&index) {
                let expected = "a `then` that leads to it, or nothing in its place";
                self.flaw(place, format!("the task `{}` is never come to", task.name), expected);
                // What only follows from it is no flaw of its own.
                return;
            }
        }
    }
}

/// Where a task can lead, and where that is said.
fn targets<'t>(task: &'t Task, pointer: &str) -> Vec<(&'t Flow, String)> {
    let mut targets = vec![(&task.then, below(pointer, "then"))];
    if let TaskKind::Switch(cases) = &task.kind {
        for (index, case) in cases.iter().enumerate() {
            let item = below(&below(&below(pointer, "switch"), &index.to_string()), &case.name);
            targets.push((&case.then, below(&item, "then")));
        }
    }
    targets
}

/// Which tasks of the block can come next.
fn followers(task: &Task, index: usize, block: &[Task]) -> Vec<usize> {
    let place_of = |flow: &Flow| match flow {
        Flow::Continue => Some(index + 1),
        Flow::Exit | Flow::End => None,
        Flow::Task(name) => block.iter().position(|task| task.name == *name),
    };
    let mut followers = Vec::new();
    match &task.kind {
        TaskKind::Switch(cases) => {
            followers.extend(cases.iter().filter_map(|case| place_of(&case.then)));
            if cases.iter().all(|case| case.when.is_some()) {
                followers.extend(place_of(&task.then));
            }
        }
        TaskKind::Raise(_) => {}
        _ => followers.extend(place_of(&task.then)),
    }
    if task.when.is_some() {
        followers.extend([Some(index + 1), place_of(&task.then)].into_iter().flatten());
    }
    followers
}
