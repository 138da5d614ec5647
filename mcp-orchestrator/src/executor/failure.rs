//! Errors of calls in the DSL's words: its standard error types (specification 1.0, dsl-reference, "Standard Error
//! Types").

use common::error::{Error, ErrorCode};

use crate::interpreter::Failure;

/// What the DSL's own error types begin with.
const STANDARD: &str = "https://serverlessworkflow.io/spec/1.0.0/errors/";

/// An error of ours as workflows see it.
pub(crate) fn of(error: &Error) -> Failure {
    let code = error.code();
    let (kind, is_transient) = match code {
        ErrorCode::InvalidArgument => ("validation", false),
        ErrorCode::Unauthenticated => ("authentication", false),
        ErrorCode::PermissionDenied | ErrorCode::EntitlementRequired | ErrorCode::ApprovalRequired => {
            ("authorization", false)
        }
        ErrorCode::FailedPrecondition => ("configuration", false),
        ErrorCode::DeadlineExceeded => ("timeout", true),
        ErrorCode::RateLimited | ErrorCode::UpstreamUnavailable => ("communication", true),
        ErrorCode::NotFound | ErrorCode::Conflict | ErrorCode::UpstreamRejected => ("communication", false),
        ErrorCode::Internal => ("runtime", false),
    };
    Failure {
        // RFC 9110: what the DSL calls a timeout is 408 there.
        status: if code == ErrorCode::DeadlineExceeded { 408 } else { code.http_status() },
        title: error.message().to_owned(),
        detail: Some(code.as_str().to_owned()),
        hint: error.hint().map(str::to_owned),
        retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        is_transient,
        ..standard(kind)
    }
}

/// An answer of HTTP that is none of success.
pub(super) fn of_status(status: u16, host: &str, body: String, retry_after_ms: Option<u64>) -> Failure {
    let kind = match status {
        401 => "authentication",
        403 => "authorization",
        408 => "timeout",
        _ => "communication",
    };
    Failure {
        status,
        title: format!("`{host}` answered {status}"),
        detail: Some(body).filter(|body| !body.is_empty()),
        retry_after_ms,
        // RFC 9110 and RFC 6585: the same request can succeed later.
        is_transient: matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
        ..standard(kind)
    }
}

pub(super) fn configuration(title: String, hint: &str) -> Failure {
    Failure { status: 400, title, hint: Some(hint.to_owned()), ..standard("configuration") }
}

pub(super) fn unknown_connector(connector: &str) -> Failure {
    configuration(format!("there is no connector called `{connector}`"), "call a tool or HTTP instead")
}

pub(super) fn cancelled(reason: &str) -> Failure {
    Failure {
        status: 499,
        title: "the run was cancelled".to_owned(),
        detail: Some(reason.to_owned()),
        ..standard("runtime")
    }
}

fn standard(kind: &str) -> Failure {
    Failure {
        kind: format!("{STANDARD}{kind}"),
        status: 500,
        title: String::new(),
        detail: None,
        hint: None,
        instance: None,
        retry_after_ms: None,
        is_transient: false,
        attempts: None,
    }
}
