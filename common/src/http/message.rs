//! What is asked and what came back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::UnixMillis;

/// Whether a request may be sent again when nobody knows what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Sent at most once, whatever happens.
    Never,
    /// Doing it twice is the same as doing it once.
    Idempotent,
    /// Carries a key by which the vendor recognises the second time.
    Keyed,
}

/// One request to a vendor. The typed client fills it; nothing in it reaches a log or an error except the host.
#[derive(Clone)]
pub struct HttpRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// The rate budget that it spends; declared beforehand with `HttpClient::declare_budget`.
    pub budget: Option<BudgetKey>,
    pub repeat: Repeat,
    /// How long a 2xx answer may be reused by the same tenant for the same request; absent means not cached.
    /// Ignored unless the method is `GET` or the request is [`Repeat::Idempotent`].
    pub cache_for: Option<Duration>,
    /// How long the whole call may take, waiting for the budget included; absent means the setting.
    pub deadline: Option<Duration>,
    /// Ends the call early.
    pub cancel: Option<CancellationToken>,
}

impl HttpRequest {
    /// A request without headers, body, budget or cache. `GET` and `HEAD` may be repeated, nothing else.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        let repeat = if method == Method::GET || method == Method::HEAD { Repeat::Idempotent } else { Repeat::Never };
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
            budget: None,
            repeat,
            cache_for: None,
            deadline: None,
            cancel: None,
        }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Paths carry secrets too: webhook URLs of chat vendors do.
        formatter
            .debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("repeat", &self.repeat)
            .finish_non_exhaustive()
    }
}

/// The name of a rate budget, such as `ghl/location/abc`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BudgetKey(Arc<str>);

impl BudgetKey {
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for BudgetKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What the vendor answered, whatever its status. Cheap to clone but for the headers.
#[derive(Clone)]
pub struct HttpResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether another request's answer was reused.
    pub is_cached: bool,
}

impl HttpResponse {
    /// What the vendor's `Retry-After` asks for (RFC 9110, seconds or a date); a date in the past is zero.
    #[must_use]
    pub fn retry_after(&self, now_ms: UnixMillis) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        let wait_ms = date.timestamp().as_millisecond().saturating_sub(now_ms);
        Some(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)))
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("is_cached", &self.is_cached)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(retry_after: &str) -> HttpResponse {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        HttpResponse { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new(), is_cached: false }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        // 2015-10-21T07:28:00Z, the example of RFC 9110, section 10.2.3.
        let date_ms = 1_445_412_480_000;
        assert_eq!(answer("120").retry_after(0), Some(Duration::from_mins(2)));
        assert_eq!(answer("Wed, 21 Oct 2015 07:28:00 GMT").retry_after(date_ms - 3_000), Some(Duration::from_secs(3)));
        assert_eq!(answer("Wed, 21 Oct 2015 07:28:00 GMT").retry_after(date_ms + 1), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(answer(nonsense).retry_after(0), None, "{nonsense}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let url = "https://hooks.example.com/T000/path-secret?key=query-secret".parse().unwrap();
        let mut request = HttpRequest::new(Method::POST, url);
        request.headers.insert("authorization", "header-secret".parse().unwrap());
        request.body = Some(Bytes::from_static(b"body-secret"));
        let shown = format!("{request:?}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
