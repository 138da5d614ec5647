//! How many requests a caller may make in a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::UnixMillis;

const WINDOW_MS: i64 = 60_000;

/// Callers remembered at once; beyond that the idle ones are forgotten.
const CALLERS_MAX: usize = 10_000;

/// Counts requests in a sliding minute, estimated from two fixed ones (the last weighted by its overlap): constant memory for
/// each caller, at most one request in a hundred off.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    callers: Mutex<HashMap<Spender, Minutes>>,
}

/// Whose budget a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Spender {
    /// A caller's name in its tenant, whichever token it shows.
    Caller(String),
    /// Where the caller is not known, and on this machine, where all are one.
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy, Default)]
struct Minutes {
    /// Number of the minute that `current` counts.
    minute: i64,
    current: u32,
    last: u32,
}

impl RateLimit {
    /// Takes one request from the caller's budget, or says how long to wait.
    pub(super) fn take(&self, spender: Spender, requests_max: u32, now_ms: UnixMillis) -> Result<(), Duration> {
        let minute = now_ms.div_euclid(WINDOW_MS);
        let into_minute_ms = now_ms.rem_euclid(WINDOW_MS);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.retain(|_, minutes| minutes.minute >= minute - 1);
        }
        let minutes = callers.entry(spender).or_default();
        minutes.turn_to(minute);
        let overlap_ms = WINDOW_MS - into_minute_ms;
        let estimate = i64::from(minutes.current) + i64::from(minutes.last) * overlap_ms / WINDOW_MS;
        if estimate >= i64::from(requests_max) {
            let wait_ms = minutes.wait_ms(requests_max, overlap_ms);
            return Err(Duration::from_millis(wait_ms));
        }
        minutes.current += 1;
        Ok(())
    }
}

impl Minutes {
    fn turn_to(&mut self, minute: i64) {
        if minute == self.minute {
            return;
        }
        self.last = if minute == self.minute + 1 { self.current } else { 0 };
        (self.minute, self.current) = (minute, 0);
    }

    /// How long until the estimate falls below the limit, at least a second.
    fn wait_ms(&self, requests_max: u32, overlap_ms: i64) -> u64 {
        let room = i64::from(requests_max) - i64::from(self.current) - 1;
        let wait_ms = if room >= 0 && self.last > 0 {
            // The last minute's share has to shrink to `room`.
            overlap_ms - room * WINDOW_MS / i64::from(self.last)
        } else {
            overlap_ms
        };
        u64::try_from(wait_ms.max(1_000)).unwrap_or(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Spender {
        Spender::Address(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn the_budget_holds_in_a_minute_and_comes_back_after_it() {
        let limit = RateLimit::default();
        for _ in 0..100 {
            limit.take(address(1), 100, 1_000).unwrap();
        }
        assert!(limit.take(address(1), 100, 2_000).is_err());
        limit.take(address(2), 100, 2_000).unwrap();
        limit.take(address(1), 100, 2_000 + 2 * WINDOW_MS).unwrap();
    }

    #[test]
    fn after_the_stated_wait_there_is_room() {
        let limit = RateLimit::default();
        for now_ms in (0..50).map(|step| step * 100) {
            limit.take(address(1), 50, now_ms).unwrap();
        }
        let wait = limit.take(address(1), 50, 10_000).unwrap_err();
        let later = 10_000 + i64::try_from(wait.as_millis()).unwrap();
        assert!(limit.take(address(1), 50, later + 1_200).is_ok(), "{wait:?}");
    }
}
