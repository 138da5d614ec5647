//! `/__sandbox/…`: what a test or rehearsal may pull. Not part of GoHighLevel.

mod clock;
mod guide;
mod inbound;
mod webhooks;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::faults::Order;
use crate::sandbox::requests::LogLine;
use crate::sandbox::routes::automation::{self, Enrolment};
use crate::sandbox::store;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/__sandbox", get(guide::show))
        .route("/__sandbox/clock", get(clock::show).post(clock::set).delete(clock::reset))
        .route("/__sandbox/events", post(webhooks::happen))
        .route("/__sandbox/faults", get(waiting).post(order).delete(call_off))
        .route("/__sandbox/reset", post(reset))
        .route("/__sandbox/inbound-message", post(inbound::write))
        .route("/__sandbox/requests", get(requests))
        .route("/__sandbox/enrolments/{location_id}", get(enrolments))
        .route("/__sandbox/search-lag", post(lag))
        .route("/__sandbox/webhook-key", get(webhooks::key))
        .route("/__sandbox/webhooks", get(webhooks::log))
}

async fn order(State(sandbox): State<Sandbox>, Json(order): Json<Order>) -> Result<StatusCode, Refusal> {
    if sandbox.inner.faults.order(order.resolved()?, sandbox.now_ms()) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::bad_request("too many faults are waiting, reset first"))
}

async fn waiting(State(sandbox): State<Sandbox>) -> Json<Vec<Order>> {
    Json(sandbox.inner.faults.waiting(sandbox.now_ms()))
}

async fn call_off(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.inner.faults.reset();
    StatusCode::NO_CONTENT
}

async fn reset(State(sandbox): State<Sandbox>) -> Result<StatusCode, Refusal> {
    sandbox.ready().await?;
    sandbox.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How late search is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    lag_ms: u32,
}

async fn lag(State(sandbox): State<Sandbox>, Json(lag): Json<Lag>) -> Result<StatusCode, Refusal> {
    sandbox.ready().await?;
    sandbox.set_search_lag(lag.lag_ms).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn requests(State(sandbox): State<Sandbox>) -> Json<Vec<LogLine>> {
    Json(sandbox.inner.requests.lines())
}

/// Who is in which workflow or campaign; the vendor shows it nowhere.
async fn enrolments(
    State(sandbox): State<Sandbox>,
    Path(location_id): Path<String>,
) -> Result<Json<Vec<Enrolment>>, Refusal> {
    sandbox.ready().await?;
    let mut connection = store::read(sandbox.db()).await?;
    Ok(Json(automation::enrolments(&mut connection, &location_id).await?))
}
