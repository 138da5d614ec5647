//! Asking the person in front of the client: by the answer itself in the modern era (MCP 2026-07-28, multi round-trip
//! requests), by a request from server to client in the older ones.

use rmcp::RoleServer;
use rmcp::model::{
    BooleanSchema, CallToolRequestParams, ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, InputRequest, InputRequests, InputRequiredResult,
};
use rmcp::service::{Peer, RequestContext};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorCode, Result};
use crate::plan::{ApprovalMode, PlanId, ProposedPlan};
use crate::tool::{Answer, Approvals, PLAN_IN_META, Said, plan_in_words};

/// The name of our one question among the input requests.
const QUESTION: &str = "approval";

/// The field of the form.
const FIELD: &str = "approve";

/// How the person in front of the client can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The client asks and then calls again.
    CallAgain,
    /// The client asks while the call waits.
    Wait,
    /// It cannot.
    None,
}

impl Way {
    /// The way of the client behind a request.
    pub(super) fn of(context: &RequestContext<RoleServer>, is_modern: bool) -> Self {
        match context.client_capabilities() {
            Some(capabilities) if shows_forms(&capabilities) && is_modern => Self::CallAgain,
            Some(capabilities) if shows_forms(&capabilities) => Self::Wait,
            _ => Self::None,
        }
    }
}

/// A client that names no mode shows forms (MCP 2025-11-25, elicitation capability).
fn shows_forms(capabilities: &ClientCapabilities) -> bool {
    capabilities.elicitation.as_ref().is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

/// The plan that a person has to be asked about, if that is what a call came to.
pub(super) fn open_question(outcome: &Result<Value>) -> Option<&ProposedPlan> {
    let error = outcome.as_ref().err().filter(|error| error.code() == ErrorCode::ApprovalRequired)?;
    error.details().plan.as_deref().filter(|proposed| proposed.mode == ApprovalMode::Ask)
}

/// The plan that a request names in its `_meta`.
///
/// # Errors
/// `invalid_argument` if it is no plan id.
pub(super) fn named(context: &RequestContext<RoleServer>) -> Result<Option<PlanId>> {
    let Some(named) = context.meta.get(PLAN_IN_META) else { return Ok(None) };
    named.as_str().and_then(PlanId::parse).map(Some).ok_or_else(|| {
        let expected = "the `plan_id` of an earlier answer";
        Error::invalid_argument("_meta", format!("`{PLAN_IN_META}` is no plan id"), expected, None)
    })
}

/// The answer that a request of the modern era brings, if it brings one to our question.
pub(super) fn answer(request: &mut CallToolRequestParams) -> Option<Answer> {
    let state = request.request_state.take()?;
    let response = request.input_responses.as_mut()?.remove(QUESTION)?;
    let said = serde_json::from_value(response).map_or(Said::Nothing, |result| said(&result));
    Some(Answer { state, said })
}

/// The question as a result that the client answers by calling again.
pub(super) fn result(proposed: &ProposedPlan, state: String) -> Result<InputRequiredResult> {
    let question = InputRequest::Elicitation(ElicitRequest::new(form(proposed)?));
    let questions: InputRequests = [(QUESTION.to_owned(), question)].into();
    Ok(InputRequiredResult::new(Some(questions), Some(state)))
}

/// Asks while the call waits: until there is an answer, the plan expires, or the client goes.
pub(super) async fn ask(
    peer: &Peer<RoleServer>,
    approvals: &Approvals,
    proposed: &ProposedPlan,
    gone: &CancellationToken,
) -> Said {
    let Ok(form) = form(proposed) else { return Said::Nothing };
    tokio::select! {
        answered = peer.create_elicitation(form) => answered.map_or(Said::Nothing, |result| said(&result)),
        () = approvals.expired(proposed) => Said::Nothing,
        () = gone.cancelled() => Said::Nothing,
    }
}

/// One yes or no, under the plan in words.
fn form(proposed: &ProposedPlan) -> Result<ElicitRequestParams> {
    let field = |field: BooleanSchema| field.title("Approve").description("Yes: do exactly this, once. No: do not.");
    let schema = ElicitationSchema::builder().required_bool_with(FIELD, field).build();
    let requested_schema = schema.map_err(|source| Error::internal("the question could not be put", source))?;
    let message = format!("`{}` asks for your approval: {}.", proposed.tool, plan_in_words(&proposed.plan));
    Ok(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema })
}

/// Only an accepted form with a yes in it is a yes.
fn said(result: &ElicitResult) -> Said {
    let approved = result.content.as_ref().and_then(|content| content.get(FIELD)).and_then(Value::as_bool);
    match (&result.action, approved) {
        (ElicitationAction::Accept, Some(true)) => Said::Yes,
        (ElicitationAction::Accept, Some(false)) | (ElicitationAction::Decline, _) => Said::No,
        _ => Said::Nothing,
    }
}
