//! Whether a record that is found afterwards can be the one whose answer was lost.

use common::clock::UnixMillis;
use jiff::Timestamp;

/// How far the vendor's clock may be behind ours.
const SKEW_MS_MAX: i64 = 60_000;

/// Whether an instant (RFC 3339) is after `since_ms`, give or take the difference between two clocks.
pub(crate) fn is_since(instant: &str, since_ms: UnixMillis) -> bool {
    let earliest_ms = since_ms.saturating_sub(SKEW_MS_MAX);
    instant.parse::<Timestamp>().is_ok_and(|instant| instant.as_millisecond() >= earliest_ms)
}
