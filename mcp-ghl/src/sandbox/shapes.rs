//! What no handler knows answers from its shape: checked as the vendor checks, and the same answer for the same request.
//! What is made in such a family can be read, changed and taken away again.

mod asked;
mod check;
mod invent;
mod keep;
mod plausible;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::sandbox::Sandbox;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::operations::Matched;
use asked::Asked;

/// Answers an operation of the catalogue.
///
/// # Errors
/// 422 with every fault of query and body; 403 for another location; the vendor's for a record that is gone.
pub(crate) async fn answer(
    sandbox: &Sandbox,
    call: &Call,
    matched: &Matched,
    query: &str,
    body: &[u8],
) -> Result<Response, Refusal> {
    let asked = Asked::read(call, matched, query, body)?;
    let status = StatusCode::from_u16(matched.operation.status).unwrap_or(StatusCode::OK);
    let answer = keep::answer(sandbox, &asked).await?;
    if status == StatusCode::NO_CONTENT {
        return Ok(status.into_response());
    }
    Ok((status, Json(answer)).into_response())
}
