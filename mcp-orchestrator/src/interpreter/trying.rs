//! `try`: what it catches, and how it tries again.

use std::time::Duration;

use common::clock::{UnixMillis, after};
use common::error::Result;
use serde_json::Value;

use super::command::StepStatus;
use super::doing::{Doing, Stage, Trying};
use super::finish::Finish;
use super::input::Failure;
use super::machine::{Line, Machine, Step, Stop};
use super::retry::{Failed, delay, retries_max};
use super::scope::{Data, Surroundings};
use super::state::Origin;
use super::{place, trace};
use crate::span;
use crate::workflow::task::{Catch, RetryPolicy, Task, TaskKind, Try};

impl Machine<'_> {
    pub(super) fn begin_try(&mut self, number: u32, attempt: &Try) -> Step {
        let trying = Trying { attempt: 1, first_ms: self.now_ms, anew: 0, limit: None, stage: Stage::Trying };
        self.running_mut(number)?.doing = Doing::Try(Box::new(trying));
        self.begin_attempt(number, attempt)
    }

    fn begin_attempt(&mut self, number: u32, attempt: &Try) -> Step {
        let limit = attempt.catch.retry.as_ref().and_then(|policy| policy.attempt_duration);
        let limit = limit.map(|limit| self.new_timer(after(self.now_ms, limit)));
        let trying = self.trying_mut(number)?;
        trying.limit = limit;
        trying.stage = Stage::Trying;
        let input = self.level(number)?.input().clone();
        self.enter(number, input)
    }

    /// The rest before another attempt is over.
    pub(super) fn try_again(&mut self, number: u32) -> Step {
        let task = self.task(number)?;
        let TaskKind::Try(attempt) = &task.kind else { return Err(place::stranger().into()) };
        let trying = self.trying_mut(number)?;
        if let Stage::Resting(wait) = &trying.stage {
            let wait = wait.clone();
            self.forget(wait);
        }
        let trying = self.trying_mut(number)?;
        trying.attempt = trying.attempt.saturating_add(1);
        self.count_anew(number)?;
        self.begin_attempt(number, attempt)
    }

    /// The `try` itself or its `catch` has come to its end.
    pub(super) fn try_ended(&mut self, number: u32, value: Value) -> Step {
        let trying = self.trying_mut(number)?;
        let said = match (&trying.stage, trying.attempt) {
            (Stage::Catching(_), _) => "caught a failure and dealt with it".to_owned(),
            (Stage::Trying | Stage::Resting(_), 1) => "it worked".to_owned(),
            (Stage::Trying | Stage::Resting(_), attempt) => format!("it worked at attempt {attempt}"),
        };
        if let Some(limit) = trying.limit.take() {
            self.forget(limit.wait);
        }
        self.finish(number, value, &Finish::saying(said))
    }

    /// The innermost `try` around a thread's innermost task that catches a failure: its thread and level. A condition
    /// that cannot be worked out is a failure of that `try` itself.
    pub(super) fn catcher(&self, number: u32, failure: &Failure) -> Result<Option<(u32, usize, Step)>> {
        let mut thread = self.thread(number)?;
        let mut depth = thread.levels.len().saturating_sub(1);
        loop {
            while let Some(outer) = depth.checked_sub(1) {
                depth = outer;
                let doing = thread.levels.get(depth).and_then(|level| level.task.as_deref()).map(|task| &task.doing);
                if !matches!(doing, Some(Doing::Try(trying)) if trying.stage == Stage::Trying) {
                    continue;
                }
                let task = self.task_at(thread, depth)?;
                let TaskKind::Try(attempt) = &task.kind else { return Err(place::stranger()) };
                let around = Surroundings { workflow: self.workflow, state: &self.state, thread, depth, task };
                match catches(&attempt.catch, failure, around) {
                    Ok(true) => return Ok(Some((thread.number, depth, Ok(())))),
                    Ok(false) => {}
                    Err(failure) => return Ok(Some((thread.number, depth, Err(Stop::from(failure))))),
                }
            }
            let Origin::Branch(parent, _) = thread.origin else { return Ok(None) };
            thread = self.thread(parent)?;
            depth = thread.levels.len();
        }
    }

    /// A `try`, a thread's innermost task by now, has caught a failure.
    pub(super) fn caught(&mut self, number: u32, mut failure: Failure) -> Step {
        let task = self.task(number)?;
        let TaskKind::Try(attempt) = &task.kind else { return Err(place::stranger().into()) };
        let trying = self.trying_mut(number)?;
        if let Some(limit) = trying.limit.take() {
            self.forget(limit.wait);
        }
        let error = failure.as_error();
        if let Some(policy) = &attempt.catch.retry
            && self.retries(number, task, policy, (&attempt.catch.bound_as, &error))?
            && self.rest(number, task, policy, &failure)?
        {
            return Ok(());
        }
        if attempt.catch.tasks.is_some() {
            self.trying_mut(number)?.stage = Stage::Catching(error);
            let input = self.level(number)?.input().clone();
            return self.enter(number, input);
        }
        if attempt.catch.retry.is_some() {
            failure.attempts = Some(self.trying_mut(number)?.attempt).filter(|attempts| *attempts > 1);
            return Err(failure.into());
        }
        let input = self.level(number)?.input().clone();
        self.finish(number, input, &Finish::saying(format!("went on in spite of: {}", trace::failure(&failure))))
    }

    /// Whether a policy is for this error, which expressions know by a name.
    pub(super) fn retries(
        &self,
        number: u32,
        task: &Task,
        policy: &RetryPolicy,
        (name, error): (&str, &Value),
    ) -> Step<bool> {
        let input = self.level(number)?.input();
        let around = self.surroundings(number, task)?;
        let data = Data { input: Some(input), own: Some((name, error)), ..Data::default() };
        if let Some(when) = &policy.when
            && !around.holds("retry.when", when, input, data)?
        {
            return Ok(false);
        }
        match &policy.except_when {
            Some(except) => Ok(!around.holds("retry.exceptWhen", except, input, data)?),
            None => Ok(true),
        }
    }

    /// Rests until the next attempt, if the policy has one.
    fn rest(&mut self, number: u32, task: &Task, policy: &RetryPolicy, failure: &Failure) -> Step<bool> {
        let step = self.step(number)?;
        let now_ms = self.now_ms;
        let trying = self.trying_mut(number)?;
        let (attempt, first_ms, retry_after_ms) = (trying.attempt, trying.first_ms, failure.retry_after_ms);
        let failed = Failed { attempt, first_ms, now_ms, retry_after_ms, seed: (&self.state.run_id, &step.0) };
        let Some(delay) = delay(policy, failed) else { return Ok(false) };
        let timer = self.new_timer(after(now_ms, delay));
        let next_ms = timer.due_ms;
        self.trying_mut(number)?.stage = Stage::Resting(timer.wait);
        self.note_retrying(number, task, (policy, attempt, next_ms), failure)?;
        Ok(true)
    }

    /// Notes that something is tried again.
    pub(super) fn note_retrying(
        &mut self,
        number: u32,
        task: &Task,
        (policy, attempt, next_ms): (&RetryPolicy, u32, UnixMillis),
        failure: &Failure,
    ) -> Result<()> {
        let which = match retries_max(policy) {
            Some(most) => format!("{attempt} of {most}"),
            None => attempt.to_string(),
        };
        let pause = Duration::from_millis(u64::try_from(next_ms.saturating_sub(self.now_ms)).unwrap_or(0));
        let said = format!("tried again in {} ({which}): {}", span::in_words(pause), trace::failure(failure));
        let line = Line::new(StepStatus::Retrying, trace::line(&said));
        self.note(number, task, Line { failure: Some(failure.clone()), next_ms: Some(next_ms), ..line })
    }

    /// Counts an attempt in the outermost `try` around, its own included.
    fn count_anew(&mut self, number: u32) -> Result<()> {
        let mut outermost = number;
        let mut around = number;
        loop {
            let thread = self.thread(around)?;
            let tries = |level: &super::state::Level| {
                level.task.as_deref().is_some_and(|task| matches!(task.doing, Doing::Try(_)))
            };
            if thread.levels.iter().any(tries) {
                outermost = around;
            }
            match thread.origin {
                Origin::Branch(parent, _) => around = parent,
                Origin::Main | Origin::Undo(_) => break,
            }
        }
        let levels = self.thread_mut(outermost)?.levels.iter_mut();
        let mut tries = levels.filter_map(|level| match &mut level.task.as_deref_mut()?.doing {
            Doing::Try(trying) => Some(trying),
            _ => None,
        });
        if let Some(trying) = tries.next() {
            trying.anew = trying.anew.saturating_add(1);
        }
        Ok(())
    }

    fn trying_mut(&mut self, number: u32) -> Result<&mut Trying> {
        match &mut self.running_mut(number)?.doing {
            Doing::Try(trying) => Ok(trying),
            _ => Err(place::stranger()),
        }
    }
}

/// Whether a `try` catches a failure.
pub(super) fn catches_in(around: Surroundings<'_>, failure: &Failure) -> Result<bool, Box<Failure>> {
    match &around.task.kind {
        TaskKind::Try(attempt) => catches(&attempt.catch, failure, around),
        _ => Ok(false),
    }
}

/// Whether a `catch` is for a failure.
fn catches(catch: &Catch, failure: &Failure, around: Surroundings<'_>) -> Result<bool, Box<Failure>> {
    let error = failure.as_error();
    if !catch.with.iter().all(|(name, expected)| error.get(name).unwrap_or(&Value::Null) == expected) {
        return Ok(false);
    }
    let Some(level) = around.thread.levels.get(around.depth) else { return Ok(false) };
    let input = level.input();
    let data = Data { input: Some(input), own: Some((&catch.bound_as, &error)), ..Data::default() };
    if let Some(when) = &catch.when
        && !around.holds("catch.when", when, input, data)?
    {
        return Ok(false);
    }
    match &catch.except_when {
        Some(except) => Ok(!around.holds("catch.exceptWhen", except, input, data)?),
        None => Ok(true),
    }
}
