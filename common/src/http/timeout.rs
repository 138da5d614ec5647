//! Timeout: one attempt ends after `request_timeout_ms`, or at the call's deadline where that is sooner.

use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, Failure};
use super::egress::Egress;
use super::message::HttpResponse;
use super::settings::HttpSettings;
use crate::error::{Error, ErrorCode};

pub(super) struct Timeout {
    inner: Arc<Egress>,
    request_timeout: Duration,
}

impl Timeout {
    pub(super) fn new(settings: &HttpSettings, inner: Arc<Egress>) -> Self {
        Self { inner, request_timeout: Duration::from_millis(settings.request_timeout_ms) }
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        if call.remaining().is_zero() {
            return Err(Failure::NotSent(call.out_of_time()));
        }
        match call.within(self.request_timeout, self.inner.send(call)).await {
            Some(answer) => answer,
            None if call.remaining().is_zero() => Err(Failure::Unanswered(call.out_of_time())),
            None => Err(Failure::Unanswered(self.too_slow(call))),
        }
    }

    fn too_slow(&self, call: &Call<'_>) -> Error {
        let timeout_ms = self.request_timeout.as_millis();
        let message = format!("`{}` did not answer within {timeout_ms} ms", call.host());
        Error::new(ErrorCode::UpstreamUnavailable, message)
            .with_hint("try again later; before repeating a change, read back whether it took place")
    }
}
