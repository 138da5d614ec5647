//! Circuit breaker: a server that keeps failing is left alone for a while, then tried with one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::settings::PeersSettings;
use crate::clock::{Clock, UnixMillis, after};

/// One server's circuit.
#[derive(Debug)]
pub(super) struct Breaker {
    failures_max: u32,
    pause: Duration,
    circuit: Mutex<Circuit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circuit {
    /// Calls pass; so many have failed in a row.
    Closed { failures: u32 },
    /// Nothing passes until then.
    Open { until_ms: UnixMillis },
    /// One call is finding out whether the server is back.
    HalfOpen,
}

/// The right to make one call. Dropped without a verdict, it says nothing about the server.
#[derive(Debug)]
pub(super) struct Pass<'breaker> {
    breaker: &'breaker Breaker,
    clock: &'breaker Clock,
    is_probe: bool,
    is_judged: bool,
}

impl Breaker {
    pub(super) fn new(settings: &PeersSettings) -> Self {
        Self {
            failures_max: settings.breaker_failures_max.max(1),
            pause: Duration::from_millis(settings.breaker_pause_ms),
            circuit: Mutex::new(Circuit::Closed { failures: 0 }),
        }
    }

    /// Lets a call pass, or says how long the server is to be left alone.
    pub(super) fn enter<'breaker>(&'breaker self, clock: &'breaker Clock) -> Result<Pass<'breaker>, Duration> {
        let now_ms = clock.now_ms();
        let mut circuit = self.circuit();
        let is_probe = match *circuit {
            Circuit::Closed { .. } => false,
            Circuit::Open { until_ms } if until_ms > now_ms => {
                return Err(Duration::from_millis(until_ms.saturating_sub(now_ms).unsigned_abs()));
            }
            Circuit::Open { .. } => {
                *circuit = Circuit::HalfOpen;
                true
            }
            Circuit::HalfOpen => return Err(self.pause),
        };
        Ok(Pass { breaker: self, clock, is_probe, is_judged: false })
    }

    /// Whether it is left alone at this instant.
    pub(super) fn is_open(&self, now_ms: UnixMillis) -> bool {
        match *self.circuit() {
            Circuit::Closed { .. } => false,
            Circuit::Open { until_ms } => until_ms > now_ms,
            Circuit::HalfOpen => true,
        }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The server answered, whatever it said.
    pub(super) fn answered(mut self) {
        self.is_judged = true;
        let mut circuit = self.breaker.circuit();
        // The late answer of a call from before the trouble decides nothing; the probe does.
        if self.is_probe || matches!(*circuit, Circuit::Closed { .. }) {
            *circuit = Circuit::Closed { failures: 0 };
        }
    }

    /// The server did not answer. Returns whether it is left alone from here on.
    pub(super) fn failed(mut self) -> bool {
        self.is_judged = true;
        let mut circuit = self.breaker.circuit();
        let failures = match *circuit {
            Circuit::Closed { failures } => failures.saturating_add(1),
            Circuit::HalfOpen if self.is_probe => self.breaker.failures_max,
            Circuit::Open { .. } | Circuit::HalfOpen => return false,
        };
        let is_open = failures >= self.breaker.failures_max;
        *circuit = if is_open {
            Circuit::Open { until_ms: after(self.clock.now_ms(), self.breaker.pause) }
        } else {
            Circuit::Closed { failures }
        };
        is_open
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.is_judged {
            *self.breaker.circuit() = Circuit::Open { until_ms: self.clock.now_ms() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_open_it_and_one_call_closes_it_again() {
        let clock = Clock::manual(0);
        let settings = PeersSettings { breaker_failures_max: 2, breaker_pause_ms: 1_000, ..PeersSettings::default() };
        let breaker = Breaker::new(&settings);
        assert!(!breaker.enter(&clock).unwrap().failed());
        breaker.enter(&clock).unwrap().answered();
        assert!(!breaker.enter(&clock).unwrap().failed(), "an answer in between starts the count again");
        assert!(breaker.enter(&clock).unwrap().failed());
        assert_eq!(breaker.enter(&clock).unwrap_err(), Duration::from_secs(1));
        clock.advance(Duration::from_secs(1));
        let probe = breaker.enter(&clock).unwrap();
        assert!(breaker.enter(&clock).is_err(), "one at a time");
        drop(probe);
        let probe = breaker.enter(&clock).unwrap();
        assert!(probe.failed(), "a failed probe opens it again");
        clock.advance(Duration::from_secs(1));
        breaker.enter(&clock).unwrap().answered();
        assert!(!breaker.is_open(clock.now_ms()));
        assert!(!breaker.enter(&clock).unwrap().failed());
    }
}
