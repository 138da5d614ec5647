//! Health over HTTP, for load balancers and people. No identity needed, so no reason says more than what is wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::health::{Check, Report, Status, examine};

/// A check that has not answered by then has failed: the whole answer takes at most 100 ms.
const PATIENCE: Duration = Duration::from_millis(80);

/// `/health`, `/healthz` and `/health/ready` (the process and its parts, with reasons) and `/health/live` (the process answers).
pub(super) fn routes(checks: Vec<Check>) -> Router {
    let checks: Arc<[Check]> = checks.into();
    let ready = move || {
        let checks = Arc::clone(&checks);
        async move { answer(examine(&checks, PATIENCE).await) }
    };
    Router::new()
        .route("/health", get(ready.clone()))
        .route("/healthz", get(ready.clone()))
        .route("/health/ready", get(ready))
        .route("/health/live", get(|| async { answer(examine(&[], PATIENCE).await) }))
}

fn answer(report: Report) -> Response {
    let status = match report.status {
        Status::Ok => StatusCode::OK,
        Status::Failed => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report)).into_response()
}
