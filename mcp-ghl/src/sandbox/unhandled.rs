//! Operations without a handler: answered from their shape if the vendor has them.

use axum::body::Bytes;
use axum::extract::{Extension, FromRequest, MatchedPath, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf};
use crate::sandbox::{Sandbox, shapes};

/// What no route has.
pub(crate) async fn answer(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    method: Method,
    uri: Uri,
    bytes: Bytes,
) -> Answer {
    match &call.matched {
        Some(matched) => shapes::answer(&sandbox, &call, matched, uri.query().unwrap_or_default(), &bytes).await,
        None => Err(Refusal::no_such_route(method.as_str(), uri.path())),
    }
}

/// Stands before every handler: a path with gaps may have swallowed another operation, as `/messages/{id}` does with
/// `/messages/export`. That one has no handler.
pub(crate) async fn pass_swallowed(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let call = request.extensions().get::<Call>().cloned();
    let handled = request.extensions().get::<MatchedPath>().cloned();
    let (Some(call), Some(handled)) = (call, handled) else { return next.run(request).await };
    let Some(matched) = call.matched.as_ref().filter(|matched| !matched.is_at(handled.as_str())) else {
        return next.run(request).await;
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    match Bytes::from_request(request, &sandbox).await {
        Ok(bytes) => {
            let answer = shapes::answer(&sandbox, &call, matched, &query, &bytes).await;
            answer.unwrap_or_else(IntoResponse::into_response)
        }
        Err(rejection) => rejection.into_response(),
    }
}
