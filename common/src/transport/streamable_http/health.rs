//! Whether the process lives and is ready, with reasons, within 100 ms.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::join_all;
use serde::Serialize;

use crate::error::Result;

/// A check that has not answered by then has failed.
const PATIENCE: Duration = Duration::from_millis(80);

type Probe = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// One thing that has to work before requests can be served.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Probe,
}

impl Check {
    /// A named check; its error's message becomes the reason.
    pub fn new<F>(name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self { name, probe: Arc::new(move || Box::pin(probe())) }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Check").field(&self.name).finish()
    }
}

/// All checks of the process.
#[derive(Debug, Clone, Default)]
pub struct Health {
    checks: Vec<Check>,
}

impl Health {
    /// Adds a check.
    #[must_use]
    pub fn with(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    async fn report(&self) -> Report {
        let checks = join_all(self.checks.iter().map(look)).await;
        let is_ready = checks.iter().all(|check| check.reason.is_none());
        Report { status: if is_ready { "ok" } else { "unavailable" }, checks }
    }
}

async fn look(check: &Check) -> CheckReport {
    let reason = match tokio::time::timeout(PATIENCE, (check.probe)()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.message().to_owned()),
        Err(_) => Some(format!("no answer within {} ms", PATIENCE.as_millis())),
    };
    CheckReport { name: check.name, status: if reason.is_none() { "ok" } else { "failed" }, reason }
}

#[derive(Debug, Serialize)]
struct Report {
    status: &'static str,
    checks: Vec<CheckReport>,
}

#[derive(Debug, Serialize)]
struct CheckReport {
    name: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// `/health` (with reasons), `/health/live` (the process answers) and `/health/ready` (so do its parts). No identity needed.
pub(super) fn routes(health: Health) -> Router {
    let ready = move || {
        let health = health.clone();
        async move { answer(health.report().await) }
    };
    Router::new()
        .route("/health", get(ready.clone()))
        .route("/health/ready", get(ready))
        .route("/health/live", get(|| async { answer(Report { status: "ok", checks: Vec::new() }) }))
}

fn answer(report: Report) -> Response {
    let status = if report.status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report)).into_response()
}
