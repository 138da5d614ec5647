//! Whether a record that is found afterwards can be the one whose answer was lost.

use common::clock::UnixMillis;
use jiff::Timestamp;

/// How far the vendor's clock may be behind ours.
const SKEW_MS_MAX: i64 = 60_000;

/// Whether an instant (RFC 3339) is after `since_ms`, give or take the difference between two clocks; not if the vendor
/// gives none.
pub(crate) fn is_since(instant: Option<&str>, since_ms: UnixMillis) -> bool {
    let instant = instant.and_then(|text| text.parse::<Timestamp>().ok());
    instant.is_some_and(|instant| is_since_ms(instant.as_millisecond(), since_ms))
}

/// The same of an instant in milliseconds since 1970.
pub(crate) fn is_since_ms(instant_ms: UnixMillis, since_ms: UnixMillis) -> bool {
    instant_ms >= since_ms.saturating_sub(SKEW_MS_MAX)
}
