//! What a vendor's rate headers say. Anything unreadable is as if it were absent.

use std::time::Duration;

use http::{HeaderMap, HeaderName};

use super::super::message::HttpResponse;
use crate::clock::UnixMillis;

/// Longest interval that is believed and waited for: the official GoHighLevel SDK's cap (`@gohighlevel/api-client` 3.1.0).
pub(in crate::http) const INTERVAL_MAX: Duration = Duration::from_secs(30);

/// Where a vendor says that the day's share is used up but not until when, it is asked again after this.
const DAY_ASKED_AGAIN: Duration = Duration::from_mins(15);

const DAY: Duration = Duration::from_hours(24);

/// The names of a vendor's rate headers; those it does not have are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// Requests left in the present interval.
    pub remaining: Option<HeaderName>,
    /// Length of the interval, in milliseconds.
    pub interval_ms: Option<HeaderName>,
    /// Requests allowed per interval.
    pub max: Option<HeaderName>,
    /// Requests left today.
    pub daily_remaining: Option<HeaderName>,
    /// When the day ends: an RFC 3339 or HTTP date, seconds or milliseconds since 1970, or seconds from now.
    pub daily_reset: Option<HeaderName>,
}

/// One answer's rate headers, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::http) struct Reading {
    pub(in crate::http) remaining: Option<u32>,
    pub(in crate::http) interval: Option<Duration>,
    pub(in crate::http) max: Option<u32>,
    pub(in crate::http) daily_remaining: Option<u64>,
    daily_reset_ms: Option<UnixMillis>,
}

impl Reading {
    pub(in crate::http) fn of(names: &RateHeaders, response: &HttpResponse, now_ms: UnixMillis) -> Self {
        let headers = &response.headers;
        let number = |name: &Option<HeaderName>| text(headers, name.as_ref())?.parse::<u64>().ok();
        let small = |name| number(name).and_then(|value| u32::try_from(value).ok());
        Self {
            remaining: small(&names.remaining),
            interval: number(&names.interval_ms).filter(|interval_ms| *interval_ms > 0).map(Duration::from_millis),
            max: small(&names.max).filter(|max| *max > 0),
            daily_remaining: number(&names.daily_remaining),
            daily_reset_ms: text(headers, names.daily_reset.as_ref()).and_then(|text| instant_ms(text, now_ms)),
        }
    }

    /// How long until the vendor's day ends, at most a day; a guess where it does not say.
    pub(in crate::http) fn daily_wait(&self, now_ms: UnixMillis) -> Duration {
        let Some(reset_ms) = self.daily_reset_ms else { return DAY_ASKED_AGAIN };
        Duration::from_millis(u64::try_from(reset_ms.saturating_sub(now_ms)).unwrap_or(0)).min(DAY)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: Option<&HeaderName>) -> Option<&'a str> {
    Some(headers.get(name?)?.to_str().ok()?.trim())
}

/// The SDK passes GoHighLevel's value on without naming its unit, so every plausible one is understood by its size.
fn instant_ms(text: &str, now_ms: UnixMillis) -> Option<UnixMillis> {
    match text.parse::<i64>() {
        Ok(milliseconds) if milliseconds >= 100_000_000_000 => Some(milliseconds),
        Ok(seconds) if seconds >= 1_000_000_000 => seconds.checked_mul(1_000),
        Ok(seconds) if seconds >= 0 => seconds.checked_mul(1_000)?.checked_add(now_ms),
        Ok(_) => None,
        Err(_) => {
            let rfc_3339 = text.parse::<jiff::Timestamp>().ok();
            let instant = rfc_3339.or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()));
            instant.map(jiff::Timestamp::as_millisecond)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn names() -> RateHeaders {
        RateHeaders {
            remaining: Some(HeaderName::from_static("x-left")),
            interval_ms: Some(HeaderName::from_static("x-interval")),
            max: Some(HeaderName::from_static("x-max")),
            daily_remaining: Some(HeaderName::from_static("x-day")),
            daily_reset: Some(HeaderName::from_static("x-reset")),
        }
    }

    fn read(pairs: &[(&'static str, &str)], now_ms: UnixMillis) -> Reading {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let response = HttpResponse { status: StatusCode::OK, headers, body: bytes::Bytes::new(), is_cached: false };
        Reading::of(&names(), &response, now_ms)
    }

    #[test]
    fn reads_what_the_vendor_sends() {
        let reading = read(&[("x-left", "7"), ("x-interval", "10000"), ("x-max", " 100 "), ("x-day", "200000")], 0);
        assert_eq!(reading.remaining, Some(7));
        assert_eq!(reading.interval, Some(Duration::from_secs(10)));
        assert_eq!(reading.max, Some(100));
        assert_eq!(reading.daily_remaining, Some(200_000));
    }

    #[test]
    fn nonsense_is_absent() {
        for nonsense in ["", "-1", "many", "1e3", "99999999999999999999999"] {
            let pairs = ["x-left", "x-interval", "x-max", "x-day", "x-reset"].map(|name| (name, nonsense));
            assert_eq!(read(&pairs, 0), Reading::default(), "{nonsense}");
        }
    }

    #[test]
    fn the_end_of_the_day_is_understood_in_every_plausible_unit() {
        let now_ms = 1_790_000_000_000;
        let in_a_minute = Duration::from_mins(1);
        for text in ["60", "1790000060", "1790000060000", "2026-09-21T14:14:20Z", "Mon, 21 Sep 2026 14:14:20 GMT"] {
            assert_eq!(read(&[("x-reset", text)], now_ms).daily_wait(now_ms), in_a_minute, "{text}");
        }
        assert_eq!(read(&[("x-reset", "9999999999999")], now_ms).daily_wait(now_ms), DAY);
        assert_eq!(read(&[], now_ms).daily_wait(now_ms), DAY_ASKED_AGAIN);
    }
}
