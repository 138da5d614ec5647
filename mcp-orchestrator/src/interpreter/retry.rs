//! When a failed attempt is made again. Pure: jitter is drawn from the run, the step and the attempt.

use std::time::Duration;

use common::clock::{UnixMillis, after};

use super::key::hash;
use crate::workflow::task::{Backoff, RetryPolicy};

/// Exponential delays grow no further than this.
const DELAY_MAX: Duration = Duration::from_hours(30 * 24);

/// An attempt that has failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed<'a> {
    /// From 1.
    pub(super) attempt: u32,
    /// When the first one began.
    pub(super) first_ms: UnixMillis,
    pub(super) now_ms: UnixMillis,
    /// What the other side asked for.
    pub(super) retry_after_ms: Option<u64>,
    /// What jitter is drawn from: the run and the step.
    pub(super) seed: (&'a str, &'a str),
}

/// How long until the next attempt, if there is one.
pub(super) fn delay(policy: &RetryPolicy, failed: Failed<'_>) -> Option<Duration> {
    if policy.attempts_max.is_some_and(|max| failed.attempt > max) {
        return None;
    }
    let scheduled = match &policy.backoff {
        Backoff::Constant(delay) => *delay,
        Backoff::Exponential(delay) => {
            let times = 2_u32.checked_pow(failed.attempt.saturating_sub(1)).unwrap_or(u32::MAX);
            delay.saturating_mul(times).min(DELAY_MAX)
        }
        Backoff::Linear(delay) => delay.saturating_mul(failed.attempt).min(DELAY_MAX),
        Backoff::Schedule(delays) => *delays.get(usize::try_from(failed.attempt).ok()?.checked_sub(1)?)?,
    };
    let wished = Duration::from_millis(failed.retry_after_ms.unwrap_or(0)).min(DELAY_MAX);
    let delay = scheduled.saturating_add(jitter(policy, failed)).max(wished);
    let is_too_late = policy.duration_max.is_some_and(|max| after(failed.now_ms, delay) > after(failed.first_ms, max));
    (!is_too_late).then_some(delay)
}

/// How often a policy tries again at most, where that can be said.
pub(super) fn retries_max(policy: &RetryPolicy) -> Option<u32> {
    let scheduled = match &policy.backoff {
        Backoff::Schedule(delays) => u32::try_from(delays.len()).ok(),
        Backoff::Constant(_) | Backoff::Exponential(_) | Backoff::Linear(_) => None,
    };
    match (policy.attempts_max, scheduled) {
        (Some(attempts), Some(scheduled)) => Some(attempts.min(scheduled)),
        (attempts, scheduled) => attempts.or(scheduled),
    }
}

fn jitter(policy: &RetryPolicy, failed: Failed<'_>) -> Duration {
    let Some((least, most)) = policy.jitter else { return Duration::ZERO };
    let range = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or(u64::MAX);
    let (run, step) = failed.seed;
    let drawn = hash([run, step, &failed.attempt.to_string()]);
    least.saturating_add(Duration::from_millis(drawn.checked_rem(range.saturating_add(1)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(backoff: Backoff) -> RetryPolicy {
        RetryPolicy {
            when: None,
            except_when: None,
            backoff,
            attempts_max: None,
            duration_max: None,
            attempt_duration: None,
            jitter: None,
        }
    }

    fn failed(attempt: u32) -> Failed<'static> {
        Failed { attempt, first_ms: 0, now_ms: 0, retry_after_ms: None, seed: ("run_1", "s1") }
    }

    fn delays(policy: &RetryPolicy) -> Vec<Option<u64>> {
        (1..=4).map(|attempt| delay(policy, failed(attempt)).map(|delay| delay.as_secs())).collect()
    }

    #[test]
    fn each_backoff_grows_in_its_own_way() {
        let second = Duration::from_secs(10);
        assert_eq!(delays(&policy(Backoff::Constant(second))), [Some(10), Some(10), Some(10), Some(10)]);
        assert_eq!(delays(&policy(Backoff::Linear(second))), [Some(10), Some(20), Some(30), Some(40)]);
        assert_eq!(delays(&policy(Backoff::Exponential(second))), [Some(10), Some(20), Some(40), Some(80)]);
        let schedule = vec![Duration::from_secs(5), Duration::from_mins(5)];
        assert_eq!(delays(&policy(Backoff::Schedule(schedule))), [Some(5), Some(300), None, None]);
    }

    #[test]
    fn limits_end_the_attempts() {
        let mut policy = policy(Backoff::Constant(Duration::from_secs(10)));
        policy.attempts_max = Some(2);
        assert_eq!(delays(&policy), [Some(10), Some(10), None, None]);
        policy.attempts_max = None;
        policy.duration_max = Some(Duration::from_mins(1));
        assert!(delay(&policy, Failed { now_ms: 50_000, ..failed(3) }).is_some());
        assert!(delay(&policy, Failed { now_ms: 50_001, ..failed(3) }).is_none());
    }

    #[test]
    fn what_the_other_side_asks_for_beats_a_shorter_delay_only() {
        let policy = policy(Backoff::Constant(Duration::from_secs(10)));
        let asked = |ms| delay(&policy, Failed { retry_after_ms: Some(ms), ..failed(1) });
        assert_eq!(asked(60_000), Some(Duration::from_mins(1)));
        assert_eq!(asked(1_000), Some(Duration::from_secs(10)));
    }

    #[test]
    fn jitter_is_drawn_anew_for_each_attempt_and_the_same_for_each_replay() {
        let mut policy = policy(Backoff::Constant(Duration::ZERO));
        policy.jitter = Some((Duration::from_secs(1), Duration::from_secs(9)));
        let drawn: Vec<_> = (1..50).filter_map(|attempt| delay(&policy, failed(attempt))).collect();
        let again: Vec<_> = (1..50).filter_map(|attempt| delay(&policy, failed(attempt))).collect();
        assert_eq!(drawn, again);
        assert!(drawn.iter().all(|delay| (1_000..=9_000).contains(&delay.as_millis())));
        assert!(drawn.windows(2).filter(|pair| pair.first() != pair.last()).count() > 40);
    }
}
