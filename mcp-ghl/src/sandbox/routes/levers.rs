//! `/__sandbox/…`: what a test or rehearsal may pull. Not part of GoHighLevel.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::faults::{LogLine, Order};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/__sandbox/faults", post(order))
        .route("/__sandbox/reset", post(reset))
        .route("/__sandbox/requests", get(requests))
}

async fn order(State(sandbox): State<Sandbox>, Json(order): Json<Order>) -> Result<StatusCode, Refusal> {
    if sandbox.inner.levers.order(order) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::bad_request("too many faults are waiting, reset first"))
}

async fn reset(State(sandbox): State<Sandbox>) -> Result<StatusCode, Refusal> {
    sandbox.ready().await?;
    sandbox.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn requests(State(sandbox): State<Sandbox>) -> Json<Vec<LogLine>> {
    Json(sandbox.inner.levers.log())
}
