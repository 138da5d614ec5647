//! The vendor's rate limits, per location or agency.

use std::time::Duration;

use common::http::{Budget, BudgetKey, RateHeaders};
use http::HeaderName;

use crate::connections::{Connection, Reach};

/// Requests in any window of 10 seconds (marketplace documentation, OAuth 2.0, "Rate limits", 2026-06).
const REQUESTS_PER_WINDOW: u32 = 100;
const WINDOW: Duration = Duration::from_secs(10);

/// Requests per day (same source).
const REQUESTS_PER_DAY: u64 = 200_000;

/// The vendor counts per location or agency, whoever asks.
pub(super) fn key(connection: &Connection) -> BudgetKey {
    let kind = if connection.is_demo { "ghl-demo" } else { "ghl" };
    match &connection.reach {
        Reach::Location(id) => BudgetKey::new(format!("{kind}/location/{id}")),
        Reach::Agency { company_id: Some(id) } => BudgetKey::new(format!("{kind}/agency/{id}")),
        Reach::Agency { company_id: None } => BudgetKey::new(format!("{kind}/agency")),
    }
}

/// What the vendor allows, and where its answers say what is left.
pub(super) fn vendors() -> Budget {
    let header = |name| Some(HeaderName::from_static(name));
    Budget {
        requests_max: REQUESTS_PER_WINDOW,
        window: WINDOW,
        daily_max: Some(REQUESTS_PER_DAY),
        headers: RateHeaders {
            remaining: header("x-ratelimit-remaining"),
            interval_ms: header("x-ratelimit-interval-milliseconds"),
            max: header("x-ratelimit-max"),
            daily_remaining: header("x-ratelimit-daily-remaining"),
            daily_reset: header("x-ratelimit-daily-reset"),
        },
    }
}
