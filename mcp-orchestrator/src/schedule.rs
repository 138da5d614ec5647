//! Schedules: when something is due that starts by the clock, and what is done about times that were missed. Pure.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workflow::Trigger;
use crate::workflow::cron::Cron;
use crate::workflow::task::Span;

/// How late a start may be and still count as on time.
const GRACE_MS: i64 = 60_000;

/// Most starts made up for at once.
const STARTS_MAX: usize = 100;

/// Where the last time before an instant is looked for, in milliseconds before it: an hour, a day, a month, eight years.
const LOOKING_BACK_MS: [i64; 4] = [3_600_000, 86_400_000, 32 * 86_400_000, 8 * 366 * 86_400_000];

/// What is done about times at which nobody was there to start anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One run, for the last of them.
    #[default]
    One,
    /// A run for each of them.
    All,
    /// Nothing.
    None,
}

/// When it is due, again and again.
#[derive(Debug, Clone, PartialEq)]
pub enum Beat {
    /// By the local time of a zone.
    Cron { cron: Cron, zone: TimeZone },
    /// Each time that a span is over, counted from an instant: what is late does not make the next one late.
    Every { span_ms: i64, since_ms: UnixMillis },
}

/// What is to be done about a schedule that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The due times that runs are started for.
    pub starts: Vec<UnixMillis>,
    /// None: never again.
    pub next_ms: Option<UnixMillis>,
}

impl Beat {
    /// That of a trigger; none if it is no schedule. Spans are counted from `since_ms`.
    ///
    /// # Errors
    /// `failed_precondition` if it has an expression or a zone that there is none of.
    pub fn of(trigger: &Trigger, since_ms: UnixMillis) -> Result<Option<Self>> {
        match trigger {
            Trigger::Event(_) => Ok(None),
            Trigger::Cron { expression, zone } => Self::cron(expression, zone.as_deref()).map(Some),
            Trigger::Every(Span::Fixed(span)) => {
                let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
                Ok(Some(Self::every(span_ms, since_ms)))
            }
            Trigger::Every(Span::Computed(_)) => Err(refused("the span of a schedule is computed")),
        }
    }

    /// # Errors
    /// As [`Beat::of`].
    pub fn cron(expression: &str, zone: Option<&str>) -> Result<Self> {
        let cron = expression.parse::<Cron>().map_err(|problem| refused(&problem))?;
        let zone = match zone {
            None => TimeZone::UTC,
            Some(name) => {
                TimeZone::get(name).map_err(|_| refused(&format!("there is no time zone called `{name}`")))?
            }
        };
        Ok(Self::Cron { cron, zone })
    }

    /// Each `span_ms` after `since_ms`, at least a second.
    #[must_use]
    pub fn every(span_ms: i64, since_ms: UnixMillis) -> Self {
        Self::Every { span_ms: span_ms.max(1_000), since_ms }
    }

    /// The first time after an instant.
    #[must_use]
    pub fn next_after(&self, at_ms: UnixMillis) -> Option<UnixMillis> {
        match self {
            Self::Cron { cron, zone } => cron.next_after(at_ms, zone),
            Self::Every { span_ms, since_ms } => {
                let passed = at_ms.saturating_sub(*since_ms).div_euclid(*span_ms).max(0);
                since_ms.checked_add(span_ms.checked_mul(passed.checked_add(1)?)?)
            }
        }
    }

    /// The last time up to an instant; none if there is none in eight years.
    #[must_use]
    pub fn last_until(&self, at_ms: UnixMillis) -> Option<UnixMillis> {
        match self {
            Self::Cron { .. } => {
                LOOKING_BACK_MS.iter().find_map(|back| self.last_between(at_ms.checked_sub(*back)?, at_ms))
            }
            Self::Every { span_ms, since_ms } => {
                let passed = at_ms.checked_sub(*since_ms)?.div_euclid(*span_ms);
                (passed > 0).then(|| since_ms.saturating_add(span_ms.saturating_mul(passed)))
            }
        }
    }

    fn last_between(&self, after_ms: UnixMillis, until_ms: UnixMillis) -> Option<UnixMillis> {
        let mut last = None;
        let mut next = self.next_after(after_ms);
        while let Some(at_ms) = next.filter(|at_ms| *at_ms <= until_ms) {
            last = Some(at_ms);
            next = self.next_after(at_ms);
        }
        last
    }

    /// What is to be done about it, being due since `due_ms`.
    #[must_use]
    pub fn turn(&self, due_ms: UnixMillis, now_ms: UnixMillis, missed: Missed) -> Turn {
        if due_ms > now_ms {
            return Turn { starts: Vec::new(), next_ms: Some(due_ms) };
        }
        let last_ms = self.last_until(now_ms).unwrap_or(due_ms).max(due_ms);
        match missed {
            Missed::One => Turn { starts: vec![last_ms], next_ms: self.next_after(last_ms) },
            Missed::None => {
                let is_on_time = now_ms.saturating_sub(last_ms) <= GRACE_MS;
                Turn { starts: is_on_time.then_some(last_ms).into_iter().collect(), next_ms: self.next_after(last_ms) }
            }
            Missed::All => {
                let following = std::iter::successors(Some(due_ms), |at_ms| self.next_after(*at_ms));
                let starts: Vec<_> = following.take_while(|at_ms| *at_ms <= now_ms).take(STARTS_MAX).collect();
                let next_ms = starts.last().and_then(|last_ms| self.next_after(*last_ms));
                Turn { starts, next_ms }
            }
        }
    }
}

fn refused(problem: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("the schedule cannot be kept: {problem}"))
        .with_hint("validate_workflow says where it stands")
}

#[cfg(test)]
mod tests;
