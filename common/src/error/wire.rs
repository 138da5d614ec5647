//! Errors on their way from one process or task to another.

use std::time::Duration;

use serde::Deserialize;

use super::{Error, ErrorCode, ErrorDetails, Inner};

/// What [`super::ErrorBody`] writes. More fields than ours may come from a newer server.
#[derive(Debug, Deserialize)]
pub(crate) struct WireError {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    retry_after_ms: Option<u64>,
    #[serde(default)]
    details: ErrorDetails,
}

impl From<WireError> for Error {
    fn from(wire: WireError) -> Self {
        let mut error = Self::new(wire.code, wire.message);
        error.inner.hint = wire.hint;
        error.inner.retry_after = wire.retry_after_ms.map(Duration::from_millis);
        error.inner.details = wire.details;
        error
    }
}

impl Error {
    /// The same error, with whose it is before what happened.
    #[must_use]
    pub(crate) fn named(mut self, who: &str) -> Self {
        self.inner.message = format!("`{who}`: {}", self.inner.message);
        self
    }

    /// The same error once more, its cause in words: the first one belongs to somebody else.
    #[must_use]
    pub(crate) fn retold(&self) -> Self {
        let inner = Inner {
            code: self.inner.code,
            message: self.inner.message.clone(),
            hint: self.inner.hint.clone(),
            retry_after: self.inner.retry_after,
            details: self.inner.details.clone(),
            source: self.cause().map(Into::into),
        };
        Self { inner: Box::new(inner) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Candidate, Fault, LostChange};
    use crate::plan::{ApprovalMode, Plan, PlanId, ProposedPlan};

    #[test]
    fn an_error_comes_back_as_it_went_out() {
        let proposed = ProposedPlan {
            plan_id: PlanId::at(1_800_000_000_000),
            tool: "send_message".to_owned(),
            plan: Plan::of_one("send an SMS", "Anna"),
            expires_at_ms: 1_800_000_060_000,
            mode: ApprovalMode::Ask,
            arguments_digest: [0; 32],
        };
        let fault = Fault::of_argument("email", "is missing", "an address", Some("\"a@b.de\""));
        let candidate = Candidate { id: "1".to_owned(), name: "Anna".to_owned() };
        let errors = [
            Error::new(ErrorCode::NotFound, "no such contact").with_candidates(vec![candidate]),
            Error::invalid_arguments(vec![fault]),
            Error::new(ErrorCode::RateLimited, "too fast").with_retry_after(Duration::from_millis(1_500)),
            Error::new(ErrorCode::ApprovalRequired, "say yes first").with_hint("ask").with_plan(proposed),
            Error::new(ErrorCode::DeadlineExceeded, "too slow")
                .with_lost_change(LostChange::OutcomeUnknown)
                .with_vendor_trace_id(Some("t".to_owned())),
        ];
        for error in errors {
            let sent = serde_json::to_value(error.body()).unwrap();
            let back = Error::from(serde_json::from_value::<WireError>(sent.clone()).unwrap());
            assert_eq!(serde_json::to_value(back.body()).unwrap(), sent);
        }
    }
}
