//! `for` and `fork`: tasks that hold others more than once, or side by side.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::doing::{Doing, Looping};
use super::finish::Finish;
use super::input::Failure;
use super::machine::{Machine, Step, Stop};
use super::scope::Data;
use super::state::{Origin, Thread};
use super::{limits, place};
use crate::workflow::task::{For, Fork, Task, TaskKind};

impl<'w> Machine<'w> {
    pub(super) fn begin_loop(&mut self, number: u32, task: &'w Task, looping: &For) -> Step {
        let items = self.render(number, task, "for.in", &looping.items)?;
        let Value::Array(items) = items else {
            return Err(Failure::wrong_form("for.in", "a list", &items).into());
        };
        let input = self.level(number)?.input().clone();
        let mut rest = VecDeque::from(items);
        let Some(item) = rest.pop_front() else {
            return self.finish(number, input, &Finish::saying("there was nothing to go through"));
        };
        self.running_mut(number)?.doing = Doing::Loop(Box::new(Looping { item, index: 0, rest }));
        self.pass(number, input)
    }

    /// The last passage of a loop has given a value: it is what the next one is given.
    pub(super) fn next_pass(&mut self, number: u32, value: Value) -> Step {
        let Doing::Loop(looping) = &mut self.running_mut(number)?.doing else {
            return Err(place::stranger().into());
        };
        let passes = looping.index.saturating_add(1);
        let Some(item) = looping.rest.pop_front() else {
            return self.finish(number, value, &Finish::saying(format!("went through {}", items(passes))));
        };
        looping.item = item;
        looping.index = passes;
        self.pass(number, value)
    }

    /// Goes through the loop's block once, if its `while` lets it.
    fn pass(&mut self, number: u32, value: Value) -> Step {
        let task = self.task(number)?;
        let (TaskKind::For(definition), Doing::Loop(looping)) = (&task.kind, &self.running_mut(number)?.doing) else {
            return Err(place::stranger().into());
        };
        let passes = looping.index;
        if let Some(going_on) = &definition.going_on {
            let data = Data { input: Some(self.level(number)?.input()), ..Data::default() };
            if !self.surroundings(number, task)?.holds("while", going_on, &value, data)? {
                let said = format!("went through {} and stopped: `while` does not hold", items(passes));
                return self.finish(number, value, &Finish::saying(said));
            }
        }
        if definition.tasks.is_empty() {
            return Err(Failure::configuration("`for` has nothing to do".to_owned()).into());
        }
        self.enter(number, value)
    }

    pub(super) fn begin_fork(&mut self, number: u32, fork: &Fork) -> Step {
        let input = self.level(number)?.input().clone();
        if fork.branches.is_empty() {
            return self.finish(number, Value::Array(Vec::new()), &Finish::saying("there were no branches"));
        }
        if self.state.threads.len().saturating_add(fork.branches.len()) > limits::THREADS_MAX {
            let title = format!("more than {} branches at once", limits::THREADS_MAX);
            return Err(Stop::Ends(Box::new(Failure::limit(title, "let `for` go through what is many"))));
        }
        self.running_mut(number)?.doing = Doing::Fork(BTreeMap::new());
        for branch in 0..fork.branches.len() {
            self.state.thread_next = self.state.thread_next.saturating_add(1);
            let thread = Thread::new(self.state.thread_next, Origin::Branch(number, branch), input.clone());
            self.state.threads.push(thread);
        }
        Ok(())
    }

    /// A branch of a fork has ended.
    pub(super) fn branch_ended(&mut self, parent: u32, branch: usize, value: Value) -> Step {
        self.state.threads.retain(|thread| thread.origin != Origin::Branch(parent, branch));
        let outcome = self.branch_gave(parent, branch, value);
        // It is the fork that may fail here, not the branch that is no more.
        Ok(self.settle(parent, outcome)?)
    }

    fn branch_gave(&mut self, parent: u32, branch: usize, value: Value) -> Step {
        let task = self.task(parent)?;
        let TaskKind::Fork(fork) = &task.kind else { return Err(place::stranger().into()) };
        if fork.competes {
            self.kill_branches(parent)?;
            self.running_mut(parent)?.doing = Doing::Now;
            let name = fork.branches.get(branch).map(|task| task.name.as_str()).unwrap_or_default();
            return self.finish(parent, value, &Finish::saying(format!("`{name}` came first")));
        }
        let Doing::Fork(results) = &mut self.running_mut(parent)?.doing else { return Err(place::stranger().into()) };
        results.insert(branch, value);
        if results.len() < fork.branches.len() {
            return Ok(());
        }
        let results: Vec<_> = std::mem::take(results).into_values().collect();
        let said = format!("all {} branches have ended", results.len());
        self.running_mut(parent)?.doing = Doing::Now;
        self.finish(parent, Value::Array(results), &Finish::saying(said))
    }
}

fn items(count: u64) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}
