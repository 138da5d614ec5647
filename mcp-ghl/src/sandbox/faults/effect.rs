//! What a fault does to a call.

use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use super::{Fault, FaultKind};
use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;

/// Longest answer that can be spoilt, in bytes; a longer one is lost whole.
const SPOILT_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(crate) async fn apply(sandbox: &Sandbox, fault: Fault, request: Request, next: Next) -> Result<Response, Refusal> {
    match fault.kind {
        FaultKind::RateLimited | FaultKind::DailyLimitSpent => Err(Refusal::too_many_requests()),
        FaultKind::ServerError => Err(Refusal::server_error()),
        FaultKind::BadGateway => Err(Refusal::bad_gateway()),
        FaultKind::Unavailable => Err(Refusal::unavailable()),
        FaultKind::Timeout => {
            sandbox.inner.time.sleep(fault.delay()).await;
            Err(Refusal::gateway_timeout())
        }
        FaultKind::Slow => {
            sandbox.inner.time.sleep(fault.delay()).await;
            Ok(next.run(request).await)
        }
        FaultKind::ConnectionReset => Ok(broken_off(StatusCode::OK, None)),
        FaultKind::TruncatedBody => Ok(truncated(next.run(request).await).await),
        FaultKind::MalformedJson => Ok(malformed(next.run(request).await).await),
        // The vendor's worst habit: a 422 for something that was done (highlevel-api-docs issue 64).
        FaultKind::DoneButUnprocessable => {
            let problem = "The request could not be processed".to_owned();
            done_but(Refusal::unprocessable(vec![problem]), request, next).await
        }
        FaultKind::DoneButServerError => done_but(Refusal::server_error(), request, next).await,
    }
}

/// Does what is asked and answers a change that succeeded with a refusal.
async fn done_but(refusal: Refusal, request: Request, next: Next) -> Result<Response, Refusal> {
    let is_read = request.method() == Method::GET;
    let response = next.run(request).await;
    if is_read || !response.status().is_success() {
        return Ok(response);
    }
    Err(refusal)
}

/// Half of the body, under the length of the whole.
async fn truncated(response: Response) -> Response {
    let (status, whole) = parts(response).await;
    let half = whole.slice(..whole.len() / 2);
    let mut response = broken_off(status, Some(half));
    response.headers_mut().insert(header::CONTENT_LENGTH, whole.len().into());
    response
}

/// Half of the body, as if that were all.
async fn malformed(response: Response) -> Response {
    let (status, whole) = parts(response).await;
    let half = whole.slice(..whole.len() / 2);
    (status, [(header::CONTENT_TYPE, "application/json")], half).into_response()
}

async fn parts(response: Response) -> (StatusCode, Bytes) {
    let status = response.status();
    (status, to_bytes(response.into_body(), SPOILT_BYTES_MAX).await.unwrap_or_default())
}

/// What there is of a body, on which the server closes the connection. Without anything not even the status is sent.
fn broken_off(status: StatusCode, piece: Option<Bytes>) -> Response {
    let is_sent = piece.is_some();
    let end = stream::once(async move {
        if is_sent {
            // The server writes what it has when the next piece is not there yet.
            tokio::task::yield_now().await;
        }
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::iter(piece.map(Ok)).chain(end));
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
