//! What is answered instead of the protocol: an error in the shape of all errors, with its HTTP status.

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::{Error, ErrorBody, ErrorCode};

/// A refusal with the status of its code.
pub(super) fn refused(error: &Error) -> Response {
    refusal(error, status_of(error))
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: ErrorBody<'a>,
}

/// The status that belongs to the error's code.
pub(in crate::transport) fn status_of(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The answer, with `Retry-After` and `WWW-Authenticate` where they belong.
pub(in crate::transport) fn refusal(error: &Error, status: StatusCode) -> Response {
    let mut response = (status, Json(Refusal { error: error.body() })).into_response();
    if let Some(wait) = error.retry_after() {
        // Whole seconds, rounded up (RFC 9110, section 10.2.3).
        response.headers_mut().insert(
            header::RETRY_AFTER,
            HeaderValue::from(wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)),
        );
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What is answered where nothing is.
pub(super) async fn no_route(uri: Uri) -> Response {
    refused(&Error::new(ErrorCode::NotFound, format!("nothing is at {}", uri.path())).with_hint("see /openapi.json"))
}

/// What is answered where something is, but not by that method.
pub(super) async fn no_method(method: Method, uri: Uri) -> Response {
    let message = format!("{} does not answer {method}", uri.path());
    let error = Error::new(ErrorCode::InvalidArgument, message).with_hint("see /openapi.json");
    refusal(&error, StatusCode::METHOD_NOT_ALLOWED)
}
