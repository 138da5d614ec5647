//! What goes wrong outside tools, as errors of the protocol.

use rmcp::ErrorData;
use rmcp::model::{ErrorCode as RpcCode, PaginatedRequestParams};
use serde::Serialize;

use crate::error::{Error, ErrorBody, ErrorCode};

/// A failure outside tools becomes a protocol error, with our body as its data.
pub(super) fn protocol_error(error: &Error) -> ErrorData {
    let code = match error.code() {
        ErrorCode::NotFound => RpcCode::RESOURCE_NOT_FOUND,
        ErrorCode::InvalidArgument => RpcCode::INVALID_PARAMS,
        ErrorCode::Unauthenticated
        | ErrorCode::PermissionDenied
        | ErrorCode::EntitlementRequired
        | ErrorCode::ApprovalRequired
        | ErrorCode::Conflict
        | ErrorCode::FailedPrecondition
        | ErrorCode::RateLimited
        | ErrorCode::UpstreamUnavailable
        | ErrorCode::UpstreamRejected
        | ErrorCode::DeadlineExceeded
        | ErrorCode::Internal => RpcCode::INTERNAL_ERROR,
    };
    ErrorData::new(code, error.to_string(), serde_json::to_value(error.body()).ok())
}

/// What could not be read, with its address (SEP-2164).
pub(super) fn unread(error: &Error, uri: &str) -> ErrorData {
    #[derive(Serialize)]
    struct Unread<'a> {
        uri: &'a str,
        #[serde(flatten)]
        error: ErrorBody<'a>,
    }
    let data = serde_json::to_value(Unread { uri, error: error.body() }).ok();
    ErrorData { data, ..protocol_error(error) }
}

/// Every list is one page, so no cursor was ever handed out.
pub(super) fn refuse_cursor(request: Option<&PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor.as_ref()) {
        Some(_) => Err(ErrorData::invalid_params("unknown cursor: this list has one page", None)),
        None => Ok(()),
    }
}
