//! Retry policies that need not be declared: named ones, and `every 30 min, 3 times` in words.

use std::time::Duration;

use super::task::{Backoff, RetryPolicy};

/// As the best webhook senders do (Svix, docs.svix.com/retries, 2026-11), nearly 28 hours: the default.
pub const PATIENT: &str = "patient";

/// For somebody who waits: three times within a minute.
pub const QUICK: &str = "quick";

/// As the design asks: every 30 minutes, three times.
pub const DESIGN: &str = "design";

/// Where nothing is tried again: of calls that no `try` surrounds.
pub const NONE: &str = "none";

/// The names that are known, for messages.
pub const NAMES: [&str; 3] = [PATIENT, QUICK, DESIGN];

/// Most attempts after the first one.
pub const ATTEMPTS_MAX: u32 = 100;

/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.
const PATIENT_SECONDS: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// 1 s, 5 s, 30 s.
const QUICK_SECONDS: [u64; 3] = [1, 5, 30];

/// So that many that failed together do not come back together.
const PATIENT_JITTER: Duration = Duration::from_secs(30);
const QUICK_JITTER: Duration = Duration::from_millis(500);

/// The policy of a name, or of words.
#[must_use]
pub fn by_name(words: &str) -> Option<RetryPolicy> {
    match words {
        PATIENT => Some(RetryPolicy::patient()),
        QUICK => Some(RetryPolicy::quick()),
        DESIGN => Some(RetryPolicy::design()),
        words => in_words(words),
    }
}

impl RetryPolicy {
    /// [`PATIENT`].
    #[must_use]
    pub fn patient() -> Self {
        Self { jitter: Some((Duration::ZERO, PATIENT_JITTER)), ..Self::after(schedule(&PATIENT_SECONDS)) }
    }

    /// [`QUICK`].
    #[must_use]
    pub fn quick() -> Self {
        Self { jitter: Some((Duration::ZERO, QUICK_JITTER)), ..Self::after(schedule(&QUICK_SECONDS)) }
    }

    /// [`DESIGN`].
    #[must_use]
    pub fn design() -> Self {
        Self { attempts_max: Some(3), ..Self::after(Backoff::Constant(Duration::from_mins(30))) }
    }

    /// A policy of nothing but its pauses.
    fn after(backoff: Backoff) -> Self {
        let (when, except_when, attempts_max) = (None, None, None);
        let (duration_max, attempt_duration, jitter) = (None, None, None);
        Self { when, except_when, backoff, attempts_max, duration_max, attempt_duration, jitter }
    }
}

fn schedule(seconds: &[u64]) -> Backoff {
    Backoff::Schedule(seconds.iter().copied().map(Duration::from_secs).collect())
}

/// `every <n> <s|min|h>, <k> times`.
fn in_words(words: &str) -> Option<RetryPolicy> {
    let (interval, times) = words.strip_prefix("every ")?.split_once(',')?;
    let (count, unit) = interval.trim().split_once(' ')?;
    let unit_seconds = match unit.trim() {
        "s" | "sec" | "second" | "seconds" => 1,
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        _ => return None,
    };
    let count: u64 = count.trim().parse().ok()?;
    let times = times.trim().strip_suffix("times").or_else(|| times.trim().strip_suffix("time"))?;
    let times: u32 = times.trim().parse().ok()?;
    if !(1..=1_000).contains(&count) || !(1..=ATTEMPTS_MAX).contains(&times) {
        return None;
    }
    let backoff = Backoff::Constant(Duration::from_secs(count * unit_seconds));
    Some(RetryPolicy { attempts_max: Some(times), ..RetryPolicy::after(backoff) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_read_in_words() {
        let policy = by_name("every 30 min, 3 times").expect("preset");
        assert_eq!(policy, RetryPolicy::design());
        assert_eq!(policy.backoff, Backoff::Constant(Duration::from_mins(30)));
        assert_eq!(policy.attempts_max, Some(3));
        for words in ["every min, 3 times", "every 30 min", "every 0 s, 1 times", "every 5 days, 2 times", "often"] {
            assert_eq!(by_name(words), None, "{words}");
        }
    }

    #[test]
    fn every_name_is_a_policy_that_ends() {
        for name in NAMES {
            let policy = by_name(name).expect(name);
            assert!(policy.attempts_max.is_some() || matches!(policy.backoff, Backoff::Schedule(_)), "{name}");
        }
        let Backoff::Schedule(pauses) = RetryPolicy::patient().backoff else { panic!("a schedule") };
        assert_eq!(pauses.iter().sum::<Duration>().as_secs(), 5 + 300 + 1_800 + 7_200 + 18_000 + 2 * 36_000);
    }
}
