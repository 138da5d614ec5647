//! Circuit breaker: a host that keeps failing a tenant is left alone for a while, then tried with one request.
//!
//! A failure is a 5xx or no answer at all. A 429 is an answer: the host is well, we were too fast.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::call::{Call, Failure};
use super::message::HttpResponse;
use super::settings::HttpSettings;
use super::timeout::Timeout;
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode};
use crate::tenant::TenantId;

pub(super) struct CircuitBreaker {
    inner: Timeout,
    failures_max: u32,
    pause: Duration,
    /// Only hosts in trouble: a success removes its entry, so the map stays as small as the trouble.
    circuits: Mutex<HashMap<Line, Circuit>>,
}

/// One tenant's way to one host: `host:port`.
type Line = (TenantId, String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circuit {
    /// Requests pass; so many have failed in a row.
    Closed { failures: u32 },
    /// Nothing passes until then.
    Open { until_ms: UnixMillis },
    /// One request is finding out whether the host is back.
    HalfOpen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    Failed,
    /// Says nothing about the host.
    None,
}

impl CircuitBreaker {
    pub(super) fn new(settings: &HttpSettings, inner: Timeout) -> Self {
        Self {
            inner,
            failures_max: settings.breaker_failures_max.max(1),
            pause: Duration::from_millis(settings.breaker_pause_ms),
            circuits: Mutex::default(),
        }
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        let port = call.request.url.port_or_known_default().unwrap_or(0);
        let line = (call.tenant.clone(), format!("{}:{port}", call.host()));
        let is_probe = self.enter(&line, call.clock.now_ms()).map_err(|wait| Failure::NotSent(open(call, wait)))?;
        // Dropped without a verdict, the probe leaves the line to the next request.
        let mut probe = Probe { breaker: self, line: is_probe.then_some(&line), until_ms: call.clock.now_ms() };
        let answer = self.inner.send(call).await;
        let verdict = verdict(&answer);
        if verdict != Verdict::None {
            probe.line = None;
            self.judge(&line, is_probe, verdict, call);
        }
        answer
    }

    /// Whether the request that may pass is the probe.
    fn enter(&self, line: &Line, now_ms: UnixMillis) -> Result<bool, Duration> {
        let mut circuits = self.circuits();
        let Some(circuit) = circuits.get_mut(line) else { return Ok(false) };
        match *circuit {
            Circuit::Closed { .. } => Ok(false),
            Circuit::Open { until_ms } if until_ms > now_ms => {
                Err(Duration::from_millis(until_ms.saturating_sub(now_ms).unsigned_abs()))
            }
            Circuit::Open { .. } => {
                *circuit = Circuit::HalfOpen;
                Ok(true)
            }
            Circuit::HalfOpen => Err(self.pause),
        }
    }

    fn judge(&self, line: &Line, is_probe: bool, verdict: Verdict, call: &Call<'_>) {
        let mut circuits = self.circuits();
        let next = self.next(circuits.get(line).copied(), is_probe, verdict, call.clock.now_ms());
        match next {
            Some(circuit) => circuits.insert(line.clone(), circuit),
            None => circuits.remove(line),
        };
        drop(circuits);
        if let Some(Circuit::Open { .. }) = next {
            tracing::warn!(http.host = call.host(), tenant.id = %call.tenant, "`{}` keeps failing and is left alone", call.host());
        }
    }

    fn next(&self, circuit: Option<Circuit>, is_probe: bool, verdict: Verdict, now_ms: UnixMillis) -> Option<Circuit> {
        let pause_ms = i64::try_from(self.pause.as_millis()).unwrap_or(i64::MAX);
        let open = Circuit::Open { until_ms: now_ms.saturating_add(pause_ms) };
        let failures = match circuit {
            // The late answer of a request from before the trouble decides nothing; the probe does.
            Some(settled @ (Circuit::Open { .. } | Circuit::HalfOpen)) if !is_probe => return Some(settled),
            Some(Circuit::Closed { failures }) => failures,
            Some(Circuit::Open { .. } | Circuit::HalfOpen) => self.failures_max,
            None => 0,
        };
        match verdict {
            Verdict::Well => None,
            Verdict::None => circuit,
            Verdict::Failed if failures.saturating_add(1) >= self.failures_max => Some(open),
            Verdict::Failed => Some(Circuit::Closed { failures: failures.saturating_add(1) }),
        }
    }

    fn circuits(&self) -> MutexGuard<'_, HashMap<Line, Circuit>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Probe<'a> {
    breaker: &'a CircuitBreaker,
    line: Option<&'a Line>,
    until_ms: UnixMillis,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if let Some(line) = self.line {
            self.breaker.circuits().insert(line.clone(), Circuit::Open { until_ms: self.until_ms });
        }
    }
}

fn verdict(answer: &Result<HttpResponse, Failure>) -> Verdict {
    match answer {
        Ok(response) if response.status.is_server_error() => Verdict::Failed,
        Ok(_) | Err(Failure::Unusable(_)) => Verdict::Well,
        Err(Failure::Unanswered(_)) => Verdict::Failed,
        Err(Failure::NotSent(_)) => Verdict::None,
    }
}

fn open(call: &Call<'_>, wait: Duration) -> Error {
    let message = format!("`{}` keeps failing and is left alone for a while", call.host());
    Error::new(ErrorCode::UpstreamUnavailable, message).with_hint("try again later").with_retry_after(wait)
}
