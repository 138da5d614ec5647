//! The answers of these doors: JSON, and an error in the shape of all errors.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::error::{Error, ErrorBody};
use serde::Serialize;

#[derive(Serialize)]
struct Refusal<'a> {
    error: ErrorBody<'a>,
}

/// An error with a status of the door's choice, and `Retry-After` where there is one.
pub(super) fn refusal(error: &Error, status: StatusCode) -> Response {
    let mut response = (status, Json(Refusal { error: error.body() })).into_response();
    if let Some(wait) = error.retry_after() {
        // Whole seconds, rounded up (RFC 9110, section 10.2.3).
        let seconds = u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An error with the status of its code.
pub(super) fn refused(error: &Error) -> Response {
    refusal(error, StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}
