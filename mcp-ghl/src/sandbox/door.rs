//! What every request passes: token, version, rate limits, ordered faults, and the log.

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::sandbox::Sandbox;
use crate::sandbox::access::{Access, AppGrant, Grant, bearer};
use crate::sandbox::errors::Refusal;
use crate::sandbox::faults::{self, FaultKind};
use crate::sandbox::limits::Budget;
use crate::sandbox::operations::{self, Found, Matched};
use crate::sandbox::store;
use crate::sandbox::version::Generation;

/// Who asks for what generation; every handler receives one.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) grant: Grant,
    /// Absent for a private integration token.
    pub(crate) app: Option<AppGrant>,
    pub(crate) generation: Generation,
    /// Absent where the vendor's specification knows nothing of this.
    pub(crate) matched: Option<Matched>,
    /// `http://127.0.0.1:4140`, for links to the next page.
    pub(crate) origin: String,
}

pub(crate) async fn pass(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let target = request.uri().to_string();
    let version = request.headers().get("version").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let token = bearer(request.headers()).map(str::to_owned);

    let (budget, response) = match token_access(&sandbox, token).await {
        Ok(access) => {
            send_scheduled(&sandbox).await;
            let mut budget = sandbox.inner.limits.spend(access.spender(), sandbox.now_ms());
            let answer = answer(&sandbox, access, &mut budget, request, next).await;
            (Some(budget), answer.unwrap_or_else(IntoResponse::into_response))
        }
        Err(refusal) => (None, refusal.into_response()),
    };

    tell_changes(&sandbox).await;
    sandbox.inner.requests.record(sandbox.now_ms(), &method, target, version, response.status());
    with_budget(response, budget.as_ref())
}

/// What every request without a token passes: ordered faults and the log.
pub(crate) async fn pass_unnamed(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let target = request.uri().to_string();
    let version = request.headers().get("version").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = match sandbox.ready().await {
        Ok(()) => {
            send_scheduled(&sandbox).await;
            with_fault(&sandbox, None, request, next).await
        }
        Err(error) => Err(error.into()),
    };
    let response = answer.unwrap_or_else(IntoResponse::into_response);
    tell_changes(&sandbox).await;
    sandbox.inner.requests.record(sandbox.now_ms(), &method, target, version, response.status());
    response
}

/// What was to go out by now has gone out before anybody looks.
async fn send_scheduled(sandbox: &Sandbox) {
    if let Err(error) = sandbox.send_scheduled().await {
        tracing::error!(error = ?error, "scheduled messages could not be sent, the next request tries again");
    }
}

/// The change is made by then: that its webhook is late is no reason to refuse it.
async fn tell_changes(sandbox: &Sandbox) {
    if let Err(error) = sandbox.tell_changes().await {
        tracing::error!(error = ?error, "changes could not be told, the next request tries again");
    }
}

async fn token_access(sandbox: &Sandbox, token: Option<String>) -> Result<Access, Refusal> {
    sandbox.ready().await?;
    let token = token.ok_or_else(Refusal::invalid_token)?;
    let mut connection = store::read(sandbox.db()).await?;
    store::tokens::access(&mut connection, &token, sandbox.now_ms()).await?.ok_or_else(Refusal::invalid_token)
}

async fn answer(
    sandbox: &Sandbox,
    access: Access,
    budget: &mut Budget,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    if budget.is_exceeded {
        return Err(Refusal::too_many_requests());
    }
    let generation = Generation::of(request.headers())?;
    let matched = operation(&request, generation, access.app.is_some())?;
    if let Some(matched) = &matched {
        access.require(matched.operation)?;
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let origin = format!("http://{host}");
    request.extensions_mut().insert(Call { grant: access.grant, app: access.app, generation, matched, origin });
    with_fault(sandbox, Some(budget), request, next).await
}

/// What the vendor has there in this generation; nothing is not refused here, as that is not the last word.
///
/// # Errors
/// 400 for what v3 has removed; 401 for an app where the vendor has no rule for it.
fn operation(request: &Request, generation: Generation, is_app: bool) -> Result<Option<Matched>, Refusal> {
    let Found { v2, v3 } = operations::at(request.method(), request.uri().path())?;
    match (generation, v2, v3) {
        (Generation::V2, Some(matched), _) | (Generation::V3, _, Some(matched)) => Ok(Some(matched)),
        (Generation::V3, Some(_), None) => Err(Refusal::removed_in_v3(&request.uri().to_string())),
        (_, None, _) if is_app && request.extensions().get::<MatchedPath>().is_some() => {
            Err(Refusal::unauthorized("This route is not yet supported by the IAM Service."))
        }
        (_, None, _) => Ok(None),
    }
}

/// `budget` is absent for a request without a token.
async fn with_fault(
    sandbox: &Sandbox,
    budget: Option<&mut Budget>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let fault = sandbox.inner.faults.take(request.method(), request.uri().path(), sandbox.now_ms());
    let Some(fault) = fault else { return Ok(next.run(request).await) };
    match (fault.kind, budget) {
        (FaultKind::RateLimited, Some(budget)) => budget.empty_window(),
        (FaultKind::DailyLimitSpent, Some(budget)) => budget.empty_day(),
        (_, _) => {}
    }
    faults::apply(sandbox, fault, request, next).await
}

fn with_budget(mut response: Response, budget: Option<&Budget>) -> Response {
    if let Some(budget) = budget {
        budget.write_to(response.headers_mut());
    }
    response
}
