//! The door of programs without MCP: every tool by `POST`, some under paths of their own. The same gate, the same dispatch,
//! the same errors, with their HTTP status.

mod alias;
mod nearest;
mod query;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use rmcp::model::{JsonObject, Tool as Definition, ToolAnnotations};
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::error::{Candidate, Error, ErrorCode};
use crate::plan::PlanId;
use crate::tool::{Call, IdempotencyKey};
use crate::transport::body::json_bytes;
use crate::transport::face::Face;
use crate::transport::refusal::refused;

use nearest::nearest;

/// Names a change, so that repeating the request does not make it again (draft-ietf-httpapi-idempotency-key-header-07).
pub(super) const KEY_HEADER: &str = "idempotency-key";

/// Names the plan that somebody has said yes to.
pub(super) const PLAN_HEADER: &str = "luminar-plan-id";

/// Names offered in place of one that is not there.
const CANDIDATES_MAX: usize = 3;

/// The tools of one server, or of all on the port.
#[derive(Debug, Clone)]
struct Rest {
    faces: Arc<[Face]>,
    bounds: Bounds,
}

/// What bounds every request.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) body_bytes_max: usize,
    /// Ends calls that are under way at the end of the drain time.
    pub(super) cut_off: CancellationToken,
}

/// `/api/tools`, `/api/tools/{name}`, the same for each server by its name, and all aliases.
pub(super) fn routes(faces: &[Face], bounds: &Bounds) -> Router {
    let mut router = tool_routes("/api", Rest { faces: faces.into(), bounds: bounds.clone() });
    for face in faces {
        let one = Rest { faces: [face.clone()].into(), bounds: bounds.clone() };
        router = router.merge(tool_routes(&format!("/api/{}", face.server.name), one));
        router = router.merge(alias::routes(face, bounds));
    }
    router
}

fn tool_routes(base: &str, rest: Rest) -> Router {
    Router::new()
        .route(&format!("{base}/tools"), get(list))
        .route(&format!("{base}/tools/{{name}}"), post(call))
        .with_state(rest)
}

/// A tool as the list shows it.
#[derive(Serialize)]
struct Listed {
    name: String,
    server: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<ToolAnnotations>,
    input_schema: Arc<JsonObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Arc<JsonObject>>,
}

impl Listed {
    fn of(server: &'static str, tool: Definition) -> Self {
        Self {
            name: tool.name.into_owned(),
            server,
            title: tool.title,
            description: tool.description.map(std::borrow::Cow::into_owned).unwrap_or_default(),
            annotations: tool.annotations,
            input_schema: tool.input_schema,
            output_schema: tool.output_schema,
        }
    }
}

#[derive(Serialize)]
struct Listing {
    tools: Vec<Listed>,
}

/// The tools that the caller sees, with their schemas.
async fn list(State(rest): State<Rest>, Extension(caller): Extension<Caller>) -> Response {
    let mut tools = Vec::new();
    for face in &*rest.faces {
        let definitions = face.definitions(&caller).into_iter().chain(face.offered(&caller).await);
        tools.extend(definitions.map(|tool| Listed::of(face.server.name, tool)));
    }
    private(Json(Listing { tools }).into_response())
}

/// Calls a tool with the body as its arguments.
async fn call(
    State(rest): State<Rest>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(face) = owner(&rest.faces, &caller, &name).await else {
        return refused(&not_one(&rest.faces, &caller, &name));
    };
    let (parts, body) = request.into_parts();
    let bytes = match json_bytes(&parts.headers, body, rest.bounds.body_bytes_max).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    match arguments(&bytes) {
        Ok(arguments) => {
            let (tool, arguments) = face.server.tools.resolve(&caller, name, arguments).await;
            answer(face, caller, &parts.headers, &rest.bounds, (&tool, arguments)).await
        }
        Err(error) => refused(&error),
    }
}

/// The one server that has a tool of that name; before all others one where it is always there.
async fn owner<'a>(faces: &'a [Face], caller: &Caller, name: &str) -> Option<&'a Face> {
    let mut owners = faces.iter().filter(|face| face.names(caller).contains(&name));
    if let Some(face) = owners.next() {
        return owners.next().is_none().then_some(face);
    }
    for face in faces {
        if face.has_offered(caller, name).await {
            return Some(face);
        }
    }
    None
}

/// A JSON object; nothing at all is an empty one.
fn arguments(bytes: &[u8]) -> Result<JsonObject, Error> {
    if bytes.is_empty() {
        return Ok(JsonObject::new());
    }
    serde_json::from_slice(bytes).map_err(|source| {
        let place = format!("line {}, column {}", source.line(), source.column());
        Error::new(ErrorCode::InvalidArgument, format!("the body is no JSON object ({place})"))
            .with_hint("send the tool's arguments as one object, such as {}")
    })
}

/// What a tool answers over HTTP.
async fn answer(
    face: &Face,
    caller: Caller,
    headers: &HeaderMap,
    bounds: &Bounds,
    (tool, arguments): (&str, JsonObject),
) -> Response {
    let call = match call_of(face, caller, headers, bounds) {
        Ok(call) => call,
        Err(error) => return refused(&error),
    };
    match face.run(call, tool, arguments).await {
        Ok(Ok(answer)) => private(Json::<Value>(answer).into_response()),
        Ok(Err(error)) => private(refused(&error)),
        Err(_) => refused(&Error::new(ErrorCode::NotFound, format!("there is no tool `{tool}`"))),
    }
}

/// The call that a request makes: what its headers say about it.
fn call_of(face: &Face, caller: Caller, headers: &HeaderMap, bounds: &Bounds) -> Result<Call, Error> {
    let given = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let key = given(KEY_HEADER).map(str::parse::<IdempotencyKey>).transpose()?;
    let plan = given(PLAN_HEADER).map(|text| PlanId::parse(text).ok_or_else(no_plan_id)).transpose()?;
    let call = Call::new(caller, bounds.cut_off.child_token(), face.dispatch.deadline());
    let trace_id = given("traceparent").map(str::to_owned);
    Ok(call.with_trace(trace_id).with_idempotency_key(key).with_approval(plan))
}

fn no_plan_id() -> Error {
    let expected = "the `plan_id` of an earlier answer";
    Error::invalid_argument(PLAN_HEADER, "is no plan id", expected, None)
}

/// No server, or more than one, has a tool of that name.
fn not_one(faces: &[Face], caller: &Caller, name: &str) -> Error {
    let named = |id: String, name: &str| Candidate { id, name: name.to_owned() };
    let known = faces.iter().flat_map(|face| face.names(caller).into_iter().map(|tool| (face.server.name, tool)));
    let known: Vec<(&str, &str)> = known.collect();
    let same: Vec<Candidate> = known
        .iter()
        .filter(|(_, tool)| *tool == name)
        .map(|(server, tool)| named(format!("/api/{server}/tools/{tool}"), tool))
        .collect();
    if same.len() > 1 {
        return Error::new(ErrorCode::InvalidArgument, format!("several servers have a tool `{name}`"))
            .with_hint("name the server in the path")
            .with_candidates(same);
    }
    let close = nearest(name, known.iter().map(|(_, tool)| *tool), CANDIDATES_MAX);
    Error::new(ErrorCode::NotFound, format!("there is no tool `{name}`"))
        .with_hint("`GET /api/tools` lists them")
        .with_candidates(close.into_iter().map(|tool| named(format!("/api/tools/{tool}"), tool)).collect())
}

/// Answers are about people: nobody on the way keeps them, and no browser takes them for anything but JSON.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
