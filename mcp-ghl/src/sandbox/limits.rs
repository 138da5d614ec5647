//! The vendor's two limits: 100 requests in any 10 seconds and 200,000 a day, per app and location or agency.
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
    used: Mutex<HashMap<Spender, Used>>,
}

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Spender {
    /// Its client id; absent for private integration tokens, which share one budget.
    pub(crate) app: Option<String>,
    /// The location or agency.
    pub(crate) resource: String,
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
    /// Until the next UTC midnight.
    daily_reset_seconds: i64,
}

const DAY_MS: i64 = 86_400_000;

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self { settings, used: Mutex::new(HashMap::new()) }
    }

    /// Counts one request, unless it is over a limit: a refused request costs nothing.
    pub(crate) fn spend(&self, spender: Spender, now_ms: UnixMillis) -> Budget {
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = all.entry(spender).or_default();
        let window_began_ms = now_ms.saturating_sub(i64::from(self.settings.window_ms));
        // The clock may have been moved back: what has yet to come counts for nothing.
        used.recent_ms.retain(|at_ms| *at_ms > window_began_ms && *at_ms <= now_ms);
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
            daily_reset_seconds: (DAY_MS - now_ms.rem_euclid(DAY_MS)) / 1_000,
            settings: self.settings.clone(),
        }
    }

    pub(crate) fn reset(&self) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Budget {
    /// As if the window were used up.
    pub(crate) fn empty_window(&mut self) {
        self.remaining = 0;
    }

    /// As if the day were used up.
    pub(crate) fn empty_day(&mut self) {
        self.remaining = 0;
        self.daily_remaining = 0;
    }

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
        // The vendor's SDK 3.1.0 reads it where it is sent; no page says in which form. Seconds here.
        headers.insert("x-ratelimit-daily-reset", HeaderValue::from(self.daily_reset_seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(LimitSettings { requests_per_window: 2, window_ms: 10_000, requests_per_day: 3 })
    }

    fn of(resource: &str) -> Spender {
        Spender { app: None, resource: resource.to_owned() }
    }

    #[test]
    fn the_window_slides() {
        let limits = limits();
        assert!(!limits.spend(of("a"), 0).is_exceeded);
        assert!(!limits.spend(of("a"), 9_000).is_exceeded);
        assert!(limits.spend(of("a"), 9_999).is_exceeded);
        assert!(!limits.spend(of("a"), 10_000).is_exceeded);
        assert!(limits.spend(of("a"), 18_999).is_exceeded);
    }

    #[test]
    fn the_day_ends_at_midnight_utc() {
        let limits = limits();
        for at_ms in [0, 20_000, 40_000] {
            assert!(!limits.spend(of("a"), at_ms).is_exceeded);
        }
        assert!(limits.spend(of("a"), 60_000).is_exceeded);
        assert!(!limits.spend(of("a"), DAY_MS).is_exceeded);
    }

    #[test]
    fn locations_do_not_share_a_budget() {
        let limits = limits();
        limits.spend(of("a"), 0);
        limits.spend(of("a"), 0);
        assert!(limits.spend(of("a"), 0).is_exceeded);
        assert!(!limits.spend(of("b"), 0).is_exceeded);
    }

    #[test]
    fn apps_do_not_share_a_budget() {
        let limits = limits();
        limits.spend(of("a"), 0);
        limits.spend(of("a"), 0);
        assert!(!limits.spend(Spender { app: Some("app".to_owned()), ..of("a") }, 0).is_exceeded);
    }

    #[test]
    fn a_clock_that_is_moved_back_frees_the_window() {
        let limits = limits();
        limits.spend(of("a"), 9_000);
        limits.spend(of("a"), 9_000);
        assert!(!limits.spend(of("a"), 1_000).is_exceeded);
    }
}
