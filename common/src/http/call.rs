//! One request on its way down the stack: whose it is, how long it may still take, and how it can fail.

use std::future::Future;
use std::time::Duration;

use super::message::HttpRequest;
use crate::clock::{Clock, UnixMillis};
use crate::error::{Error, ErrorCode};
use crate::tenant::TenantId;

/// What every layer is given.
pub(super) struct Call<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) request: &'a HttpRequest,
    pub(super) clock: &'a Clock,
    ends_at_ms: UnixMillis,
}

impl<'a> Call<'a> {
    pub(super) fn new(tenant: &'a TenantId, request: &'a HttpRequest, clock: &'a Clock, deadline: Duration) -> Self {
        let span_ms = i64::try_from(deadline.as_millis()).unwrap_or(i64::MAX);
        Self { tenant, request, clock, ends_at_ms: clock.now_ms().saturating_add(span_ms) }
    }

    /// What is left of the deadline.
    pub(super) fn remaining(&self) -> Duration {
        let left_ms = self.ends_at_ms.saturating_sub(self.clock.now_ms());
        Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))
    }

    /// Runs `work` for at most `span`, and never beyond the deadline; `None` when the time ran out.
    pub(super) async fn within<T>(&self, span: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.clock.sleep(span.min(self.remaining())) => None,
        }
    }

    /// The host, the only part of the request that errors and logs may name.
    pub(super) fn host(&self) -> &str {
        self.request.url.host_str().unwrap_or("?")
    }

    pub(super) fn out_of_time(&self) -> Error {
        Error::new(ErrorCode::DeadlineExceeded, format!("`{}` was not done in the time allowed", self.host()))
            .with_hint("allow more time or ask for less; before repeating a change, read back whether it took place")
    }
}

/// How a layer reports that there is no answer to return, by what is known about the request.
#[derive(Debug)]
pub(super) enum Failure {
    /// Refused on our side: nothing was sent, and sending it now would be refused again.
    NotSent(Error),
    /// Sent, perhaps; no answer. Another attempt may get one.
    Unanswered(Error),
    /// Answered, but not with anything we can use; another attempt would get the same.
    Unusable(Error),
}

impl Failure {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::NotSent(error) | Self::Unanswered(error) | Self::Unusable(error) => error,
        }
    }
}
