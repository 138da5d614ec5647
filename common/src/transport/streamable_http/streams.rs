//! How many answers may stream at once: each keeps memory for as long as its client listens.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use crate::error::{Error, ErrorCode};
use crate::transport::refusal::refusal;

/// Gives an answer that streams a seat until its last byte, or refuses it; others pass as they are.
pub(super) fn seated(response: Response, seats: &Arc<Semaphore>) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return response;
    }
    let Ok(seat) = Arc::clone(seats).try_acquire_owned() else {
        let error = Error::new(ErrorCode::RateLimited, "too many answers are streaming")
            .with_hint("end a subscription or session, or ask the operator to raise `server.streams_max`")
            .with_retry_after(std::time::Duration::from_secs(30));
        return refusal(&error, StatusCode::SERVICE_UNAVAILABLE);
    };
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            // Captured, and so given back when the stream is dropped.
            let _seat = &seat;
        }))
    })
}
