//! Bodies of requests: JSON and nothing else, within a bound.

use axum::body::{self, Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::error::{Error, ErrorCode};
use crate::transport::refusal::refusal;

/// The bytes of a JSON body, or the refusal: 415 for any other kind, 413 beyond `bytes_max`, 400 if it broke off.
///
/// The kinds that a page may send to another site without being asked first (forms, plain text, none at all: the
/// "simple" ones of the Fetch standard) are thereby refused.
pub(super) async fn json_bytes(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, Response> {
    if !is_json(headers) {
        let error = Error::new(ErrorCode::InvalidArgument, "only JSON is read here")
            .with_hint("send `Content-Type: application/json`");
        return Err(refusal(&error, StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > bytes_max) {
        return Err(too_large(bytes_max));
    }
    body::to_bytes(body, bytes_max).await.map_err(|source| {
        let is_too_large = std::error::Error::source(&source).is_some_and(|cause| cause.to_string().contains("limit"));
        if is_too_large {
            return too_large(bytes_max);
        }
        refusal(&Error::new(ErrorCode::InvalidArgument, "the request broke off"), StatusCode::BAD_REQUEST)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn too_large(bytes_max: usize) -> Response {
    let error = Error::new(ErrorCode::InvalidArgument, format!("the request has more than {bytes_max} bytes"))
        .with_hint("send less, or ask the operator to raise `server.body_bytes_max`");
    refusal(&error, StatusCode::PAYLOAD_TOO_LARGE)
}
