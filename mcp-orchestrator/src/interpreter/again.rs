//! Calls that no `try` surrounds, made anew as the workflow or the settings say ([`CallRetry`]).
//!
//! Only what is transient is tried again: what may have happened unseen under no key that the other side knows is not
//! ([`super::input::Failure::is_transient`]).

use common::clock::{UnixMillis, after};
use common::error::Result;

use super::doing::{Doing, Stage};
use super::input::Failure;
use super::machine::{Machine, Step};
use super::retry::{Failed, delay};
use super::state::Origin;
use crate::run::WaitId;
use crate::workflow::task::{CallRetry, RetryPolicy};

/// What expressions of a policy that stands at no `catch` know the error by.
const ERROR: &str = "error";

impl<'w> Machine<'w> {
    /// A call has failed: it rests until it is made anew, or the step has failed.
    pub(super) fn rest_or_fail(&mut self, number: u32, mut failure: Failure) -> Step {
        let Some(policy) = self.own_policy(number)? else { return Err(failure.into()) };
        let (task, step) = (self.task(number)?, self.step(number)?);
        let running = self.running_mut(number)?;
        let (attempt, first_ms) = (running.anew.saturating_add(1), running.began_ms);
        let seed = (self.state.run_id.as_str(), step.0.as_str());
        let retry_after_ms = failure.retry_after_ms;
        let pause = delay(policy, Failed { attempt, first_ms, now_ms: self.now_ms, retry_after_ms, seed });
        let is_meant = failure.is_transient && self.retries(number, task, policy, (ERROR, &failure.as_error()))?;
        let Some(pause) = pause.filter(|_| is_meant) else {
            failure.attempts = Some(attempt).filter(|attempts| *attempts > 1);
            return Err(failure.into());
        };
        failure.instance.get_or_insert_with(|| task.pointer.clone());
        let timer = self.new_timer(after(self.now_ms, pause));
        self.running_mut(number)?.doing = Doing::Rest(timer.wait);
        self.note_retrying(number, task, (policy, attempt, timer.due_ms), &failure)?;
        Ok(())
    }

    /// The rest before a call is made anew is over.
    pub(super) fn call_again(&mut self, number: u32, rest: WaitId) -> Step {
        self.forget(rest);
        let running = self.running_mut(number)?;
        running.anew = running.anew.saturating_add(1);
        running.doing = Doing::Now;
        let task = self.task(number)?;
        self.begin_kind(number, task)
    }

    /// When an attempt at a thread's innermost task ends, by the policy of calls that no `try` surrounds.
    pub(super) fn attempt_limit(&self, number: u32) -> Result<Option<UnixMillis>> {
        let limit = self.own_policy(number)?.and_then(|policy| policy.attempt_duration);
        Ok(limit.map(|limit| after(self.now_ms, limit)))
    }

    /// The policy for a thread's innermost task, if no `try` that could catch surrounds it.
    fn own_policy(&self, number: u32) -> Result<Option<&'w RetryPolicy>> {
        let CallRetry::By(policy) = &self.workflow.call_retry else { return Ok(None) };
        let mut thread = self.thread(number)?;
        loop {
            let mut around = thread.levels.iter().filter_map(|level| level.task.as_deref());
            if around.any(|running| matches!(&running.doing, Doing::Try(trying) if trying.stage == Stage::Trying)) {
                return Ok(None);
            }
            match thread.origin {
                Origin::Branch(parent, _) => thread = self.thread(parent)?,
                Origin::Main | Origin::Undo(_) => return Ok(Some(policy)),
            }
        }
    }
}
