//! How a failed run is taken up again.

use common::error::{Error, ErrorCode, Result};
use serde_json::Value;

use super::command::StepStatus;
use super::doing::{Doing, Stage};
use super::finish::Finish;
use super::machine::Machine;
use super::state::{End, Origin, Phase, Running, Thread};
use super::{limits, place};
use crate::workflow::Pointer;
use crate::workflow::task::{Task, TaskKind};

/// A place that a run has been at: thread, level, and index in that level's block.
struct Place {
    thread: u32,
    depth: usize,
    at: usize,
}

impl Machine<'_> {
    /// Goes on from the step that failed, or from another one. A run that has not failed is left alone.
    pub(super) fn retry(&mut self, from: Option<&Pointer>, input: Option<Value>) -> Result<()> {
        let Phase::Ended(End::Failed { thread, undone, .. }) = &self.state.phase else { return Ok(()) };
        let (failed, undone) = (*thread, undone.clone());
        check(input.as_ref())?;
        self.thaw()?;
        let place = match from {
            Some(pointer) => Some(self.place_of(pointer)?),
            None => self.first_undone(&undone)?.or_else(|| self.innermost(failed?)),
        };
        match (place, input) {
            (Some(place), input) => self.go_back(&place, input)?,
            (None, None) => {}
            (None, Some(_)) => {
                return Err(refused("no step failed that could be given an input", "name the step in `from`"));
            }
        }
        self.take_up()
    }

    /// Goes on behind the step that failed.
    pub(super) fn skip(&mut self, output: Value) -> Result<()> {
        let Phase::Ended(End::Failed { thread, undone, .. }) = &self.state.phase else { return Ok(()) };
        if !undone.is_empty() {
            return Err(refused("steps before it have been undone, so it cannot be skipped", "retry the run instead"));
        }
        check(Some(&output))?;
        let Some(number) = *thread else {
            return Err(refused("no step failed that could be skipped", "retry the run instead"));
        };
        self.thaw()?;
        let running = Running { began_ms: self.now_ms, input: None, timeout: None, doing: Doing::Now, anew: 0 };
        self.level_mut(number)?.task = Some(Box::new(running));
        let finish = Finish { status: StepStatus::Skipped, ..Finish::saying("skipped by hand") };
        let outcome = self.finish(number, output, &finish);
        self.settle(number, outcome)?;
        if self.state.phase == Phase::Going { self.take_up() } else { Ok(()) }
    }

    /// The threads as they stood when the run failed.
    fn thaw(&mut self) -> Result<()> {
        if self.state.frozen.is_empty() {
            let hint = "start it again: it never began, or its data were too large to be kept";
            return Err(refused("nothing is left of this run to go on with", hint));
        }
        self.state.threads = std::mem::take(&mut self.state.frozen);
        self.state.phase = Phase::Going;
        self.state.attempts_before = self.state.attempt_highest;
        for level in self.state.threads.iter_mut().flat_map(|thread| &mut thread.levels) {
            if let Some(Doing::Try(trying)) = level.task.as_deref_mut().map(|running| &mut running.doing) {
                trying.anew = 0;
            }
        }
        Ok(())
    }

    /// Where a step stands that the run has been through and that is not within a task that has ended.
    fn place_of(&self, pointer: &Pointer) -> Result<Place> {
        let is_it = |known: &Pointer| known == pointer;
        self.find_place(is_it)?.ok_or_else(|| {
            let message = format!("the run has not been at `{}`, or the task around it has ended", pointer.0);
            refused(&message, "name the task around it, or a later step")
        })
    }

    /// The outermost step that holds all that was undone.
    fn first_undone(&self, undone: &[Pointer]) -> Result<Option<Place>> {
        let mut first: Option<Place> = None;
        for pointer in undone {
            let holds = |known: &Pointer| {
                pointer.0.strip_prefix(&known.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let place = self.find_place(holds)?;
            if let Some(place) = place
                && first.as_ref().is_none_or(|first| place.at < first.at)
            {
                first = Some(place);
            }
        }
        Ok(first)
    }

    fn innermost(&self, number: u32) -> Option<Place> {
        let thread = self.state.thread(number)?;
        let level = thread.levels.last()?;
        Some(Place { thread: number, depth: thread.levels.len().saturating_sub(1), at: level.at })
    }

    fn find_place(&self, is_it: impl Fn(&Pointer) -> bool) -> Result<Option<Place>> {
        for thread in &self.state.threads {
            for (depth, level) in thread.levels.iter().enumerate() {
                let block = place::block_at(self.workflow, &self.state, thread, depth)?;
                let been = block.iter().take(level.at.saturating_add(1));
                if let Some(at) = been.enumerate().find(|(_, task)| is_it(&task.pointer)).map(|(at, _)| at) {
                    return Ok(Some(Place { thread: thread.number, depth, at }));
                }
            }
        }
        Ok(None)
    }

    /// Puts a thread back to a place, with the input given or the one that it had there.
    fn go_back(&mut self, place: &Place, input: Option<Value>) -> Result<()> {
        let thread = self.thread(place.thread)?;
        let is_outermost = thread.origin == Origin::Main && place.depth == 0;
        let level = thread.levels.get(place.depth).ok_or_else(place::stranger)?;
        let kept = if place.at == level.at {
            Some(&level.data)
        } else if let Some(kept) = level.input_before(place.at) {
            Some(kept)
        } else {
            (place.at == 0 && is_outermost && self.workflow.input.is_none()).then_some(&self.state.input)
        };
        let Some(input) = input.or_else(|| kept.cloned()) else {
            return Err(refused("the step's input is not kept any more", "give the input that it is to have"));
        };
        self.cut(place.thread, place.depth.saturating_add(1))?;
        self.kill_branches(place.thread)?;
        let level = self.level_mut(place.thread)?;
        level.at = place.at;
        level.data = input;
        level.task = None;
        level.before.retain(|(index, _)| *index < place.at);
        Ok(())
    }

    /// Counts the time of everything under way anew.
    fn take_up(&mut self) -> Result<()> {
        let containers: Vec<_> = self.state.threads.iter().flat_map(containers_of).collect();
        for (number, depth) in containers {
            let task = self.task_at(self.thread(number)?, depth)?;
            if let Some(timeout) = &task.timeout {
                let timer = match self.span_at(number, depth, timeout) {
                    Ok(span) => Some(self.new_timer(common::clock::after(self.now_ms, span))),
                    Err(_) => None,
                };
                if let Some(running) = self.running_at(number, depth) {
                    running.timeout = timer;
                }
            }
            self.limit_anew(number, depth, task);
        }
        self.begin_workflow_timeout()
    }

    /// Counts the time of an attempt under way anew.
    fn limit_anew(&mut self, number: u32, depth: usize, task: &Task) {
        let TaskKind::Try(attempt) = &task.kind else { return };
        let Some(limit) = attempt.catch.retry.as_ref().and_then(|policy| policy.attempt_duration) else {
            return;
        };
        let due_ms = common::clock::after(self.now_ms, limit);
        let doing = self.running_at(number, depth).map(|running| &running.doing);
        if !matches!(doing, Some(Doing::Try(trying)) if trying.stage == Stage::Trying) {
            return;
        }
        let timer = self.new_timer(due_ms);
        if let Some(Doing::Try(trying)) = self.running_at(number, depth).map(|running| &mut running.doing) {
            trying.limit = Some(timer);
        }
    }

    fn running_at(&mut self, number: u32, depth: usize) -> Option<&mut Running> {
        self.state.thread_mut(number)?.levels.get_mut(depth)?.task.as_deref_mut()
    }
}

/// The levels of a thread whose tasks hold others.
fn containers_of(thread: &Thread) -> Vec<(u32, usize)> {
    let begun = thread.levels.iter().enumerate().filter(|(_, level)| level.task.is_some());
    begun.map(|(depth, _)| (thread.number, depth)).collect()
}

/// Refuses a value that is too large or too deep.
fn check(value: Option<&Value>) -> Result<()> {
    let Some(Err(failure)) = value.map(|value| limits::check("the value", value)) else { return Ok(()) };
    Err(refused(&failure.title, failure.hint.as_deref().unwrap_or_default()))
}

fn refused(message: &str, hint: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint)
}
