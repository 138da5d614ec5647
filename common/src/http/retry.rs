//! Retry: sends again what may be sent twice and might succeed, after the pause the server asks for, else after a random one.
//!
//! Pauses grow exponentially with full jitter. A pause that would outlast the deadline is not begun.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;

use super::call::{Call, Failure};
use super::message::{HttpResponse, Repeat};
use super::rate_limit::{INTERVAL_MAX, RateLimit};
use super::settings::HttpSettings;
use crate::error::{Error, ErrorCode};

pub(super) struct Retry {
    inner: RateLimit,
    attempts_max: u32,
    backoff: Duration,
    backoff_max: Duration,
    dice: Mutex<fastrand::Rng>,
}

impl Retry {
    pub(super) fn new(settings: &HttpSettings, inner: RateLimit) -> Self {
        Self {
            inner,
            attempts_max: settings.attempts_max.max(1),
            backoff: Duration::from_millis(settings.backoff_ms),
            backoff_max: Duration::from_millis(settings.backoff_ms_max),
            dice: Mutex::new(settings.backoff_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)),
        }
    }

    pub(super) fn rate_limit(&self) -> &RateLimit {
        &self.inner
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        let mut attempts = 1;
        loop {
            let answer = self.inner.send(call).await;
            if let Some(spent) = self.spent_day(call, &answer) {
                return Err(Failure::Unusable(spent));
            }
            let Some(pause) = self.pause(call, attempts, &answer) else { return answer };
            tracing::debug!(http.host = call.host(), http.attempts = attempts, "repeating a request");
            call.clock.sleep(pause).await;
            attempts += 1;
        }
    }

    /// How long to wait before the next attempt; `None` if there is to be none.
    fn pause(&self, call: &Call<'_>, attempts: u32, answer: &Result<HttpResponse, Failure>) -> Option<Duration> {
        match call.request.repeat {
            Repeat::Never => return None,
            Repeat::Idempotent | Repeat::Keyed => {}
        }
        if attempts >= self.attempts_max {
            return None;
        }
        let asked_for = match answer {
            Ok(response) if is_worth_repeating(response.status) => self.asked_for(call, response),
            Err(Failure::Unanswered(_)) => None,
            Ok(_) | Err(Failure::NotSent(_) | Failure::Unusable(_)) => return None,
        };
        let pause = asked_for.unwrap_or_else(|| self.jittered(attempts));
        (pause < call.remaining()).then_some(pause)
    }

    /// What the server asks for: its `Retry-After`, else on a 429 the interval of its rate headers.
    fn asked_for(&self, call: &Call<'_>, response: &HttpResponse) -> Option<Duration> {
        let retry_after = response.retry_after(call.clock.now_ms());
        if response.status != StatusCode::TOO_MANY_REQUESTS {
            return retry_after;
        }
        let interval = || Some(self.inner.reading(call, response)?.interval?.min(INTERVAL_MAX));
        retry_after.or_else(interval)
    }

    /// Full jitter: anything between nothing and the exponential bound.
    fn jittered(&self, attempts: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
        let bound = self.backoff.saturating_mul(factor).min(self.backoff_max);
        let bound_ms = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_millis(dice.u64(0..=bound_ms))
    }

    /// The error for a 429 that says the whole day's share is used up.
    fn spent_day(&self, call: &Call<'_>, answer: &Result<HttpResponse, Failure>) -> Option<Error> {
        let Ok(response) = answer else { return None };
        if response.status != StatusCode::TOO_MANY_REQUESTS {
            return None;
        }
        let reading = self.inner.reading(call, response)?;
        (reading.daily_remaining == Some(0)).then(|| {
            let wait = reading.daily_wait(call.clock.now_ms());
            Error::new(ErrorCode::RateLimited, format!("the day's requests to `{}` are used up", call.host()))
                .with_hint("wait for the vendor's next day")
                .with_retry_after(wait)
        })
    }
}

fn is_worth_repeating(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}
