//! The vendor's two limits: 100 requests in any 10 seconds and 200,000 a day, per location or agency.
//!
//! Counted in this process: several processes over one database each allow the full budget.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use common::clock::UnixMillis;
use schemars::JsonSchema;
use serde::Deserialize;

/// How much the emulator lets through. The defaults are the vendor's (marketplace documentation, 2026-06).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Requests in any one window.
    pub requests_per_window: u32,
    /// Length of the sliding window, in milliseconds.
    pub window_ms: u32,
    /// Requests in a UTC day.
    pub requests_per_day: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { requests_per_window: 100, window_ms: 10_000, requests_per_day: 200_000 }
    }
}

#[derive(Debug)]
pub(crate) struct Limits {
    settings: LimitSettings,
    used: Mutex<HashMap<String, Used>>,
}

#[derive(Debug, Default)]
struct Used {
    /// When the requests of the present window came; never longer than the window's limit.
    recent_ms: VecDeque<UnixMillis>,
    day: i64,
    today: u32,
}

/// What the headers of one answer say.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    pub(crate) is_exceeded: bool,
    settings: LimitSettings,
    remaining: u32,
    daily_remaining: u32,
}

const DAY_MS: i64 = 86_400_000;

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self { settings, used: Mutex::new(HashMap::new()) }
    }

    /// Counts one request of a resource, unless it is over a limit: a refused request costs nothing.
    pub(crate) fn spend(&self, resource: &str, now_ms: UnixMillis) -> Budget {
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = all.entry(resource.to_owned()).or_default();
        let window_began_ms = now_ms.saturating_sub(i64::from(self.settings.window_ms));
        while used.recent_ms.front().is_some_and(|at_ms| *at_ms <= window_began_ms) {
            used.recent_ms.pop_front();
        }
        let day = now_ms.div_euclid(DAY_MS);
        if used.day != day {
            used.day = day;
            used.today = 0;
        }
        let recent = u32::try_from(used.recent_ms.len()).unwrap_or(u32::MAX);
        let is_exceeded = recent >= self.settings.requests_per_window || used.today >= self.settings.requests_per_day;
        if !is_exceeded {
            used.recent_ms.push_back(now_ms);
            used.today += 1;
        }
        let spent = recent.saturating_add(u32::from(!is_exceeded));
        Budget {
            is_exceeded,
            remaining: self.settings.requests_per_window.saturating_sub(spent),
            daily_remaining: self.settings.requests_per_day.saturating_sub(used.today),
            settings: self.settings.clone(),
        }
    }

    pub(crate) fn reset(&self) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Budget {
    pub(crate) fn write_to(&self, headers: &mut HeaderMap) {
        let values = [
            ("x-ratelimit-max", self.settings.requests_per_window),
            ("x-ratelimit-remaining", self.remaining),
            ("x-ratelimit-interval-milliseconds", self.settings.window_ms),
            ("x-ratelimit-limit-daily", self.settings.requests_per_day),
            ("x-ratelimit-daily-remaining", self.daily_remaining),
        ];
        for (name, value) in values {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(LimitSettings { requests_per_window: 2, window_ms: 10_000, requests_per_day: 3 })
    }

    #[test]
    fn the_window_slides() {
        let limits = limits();
        assert!(!limits.spend("a", 0).is_exceeded);
        assert!(!limits.spend("a", 9_000).is_exceeded);
        assert!(limits.spend("a", 9_999).is_exceeded);
        assert!(!limits.spend("a", 10_000).is_exceeded);
        assert!(limits.spend("a", 18_999).is_exceeded);
    }

    #[test]
    fn the_day_ends_at_midnight_utc() {
        let limits = limits();
        for at_ms in [0, 20_000, 40_000] {
            assert!(!limits.spend("a", at_ms).is_exceeded);
        }
        assert!(limits.spend("a", 60_000).is_exceeded);
        assert!(!limits.spend("a", DAY_MS).is_exceeded);
    }

    #[test]
    fn locations_do_not_share_a_budget() {
        let limits = limits();
        limits.spend("a", 0);
        limits.spend("a", 0);
        assert!(limits.spend("a", 0).is_exceeded);
        assert!(!limits.spend("b", 0).is_exceeded);
    }
}
