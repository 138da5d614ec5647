//! The approvals inbox over REST, behind the same gate as everything else on the port.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Serialize;

use crate::audit::Decision;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::plan::PlanId;
use crate::tool::{Approvals, InboxItem, Voice};
use crate::transport::refusal::{refusal, status_of};

#[derive(Serialize)]
struct Inbox {
    plans: Vec<InboxItem>,
}

/// `GET /api/approvals`, `GET /api/approvals/{id}`, `POST /api/approvals/{id}/approve` and `…/refuse`. The gate in front
/// of them has to have put the [`Caller`] into the request.
pub(super) fn routes(approvals: Approvals) -> Router {
    Router::new()
        .route("/api/approvals", get(list))
        .route("/api/approvals/{plan_id}", get(show))
        .route("/api/approvals/{plan_id}/approve", post(approve))
        .route("/api/approvals/{plan_id}/refuse", post(refuse))
        .with_state(approvals)
}

async fn list(State(approvals): State<Approvals>, Extension(caller): Extension<Caller>) -> Response {
    answer(approvals.inbox(&caller).await.map(|plans| Inbox { plans }))
}

async fn show(
    State(approvals): State<Approvals>,
    Extension(caller): Extension<Caller>,
    Path(plan_id): Path<String>,
) -> Response {
    let shown = async { approvals.show(&caller, parsed(&plan_id)?).await };
    answer(shown.await)
}

async fn approve(
    State(approvals): State<Approvals>,
    Extension(caller): Extension<Caller>,
    Path(plan_id): Path<String>,
) -> Response {
    decide(&approvals, &caller, &plan_id, Decision::Approved).await
}

async fn refuse(
    State(approvals): State<Approvals>,
    Extension(caller): Extension<Caller>,
    Path(plan_id): Path<String>,
) -> Response {
    decide(&approvals, &caller, &plan_id, Decision::Refused).await
}

async fn decide(approvals: &Approvals, caller: &Caller, plan_id: &str, decision: Decision) -> Response {
    let decided = async { approvals.decide(caller, Voice::Request, parsed(plan_id)?, decision).await };
    answer(decided.await)
}

fn parsed(plan_id: &str) -> Result<PlanId> {
    PlanId::parse(plan_id).ok_or_else(|| Error::invalid_argument("plan_id", "is no plan id", "`pln_` and a UUID", None))
}

fn answer<T: Serialize>(outcome: Result<T>) -> Response {
    match outcome {
        Ok(body) => Json(body).into_response(),
        Err(error) => refusal(&error, status_of(&error)),
    }
}
