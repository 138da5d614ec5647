//! A step that calls a tool of a connected server.

use common::error::{Error, ErrorCode};
use common::peer::{PeerCall, Peers};
use common::plan::{ApprovalMode, PlanId};
use common::tool::IdempotencyKey;
use serde_json::{Map, Value};

use super::{Called, Errand, failure};
use crate::interpreter::Failure;

pub(super) async fn call(peers: &Peers, errand: Errand<'_>, (server, tool, arguments): (&str, &str, &Value)) -> Called {
    let arguments = match arguments {
        Value::Object(arguments) => arguments.clone(),
        Value::Null => Map::new(),
        _ => {
            let title = format!("the arguments of `{tool}` are no object");
            return Called::Failed(Box::new(failure::configuration(title, "give them by name")));
        }
    };
    let key = match errand.call.idempotency_key.parse::<IdempotencyKey>() {
        Ok(key) => key,
        Err(error) => return Called::Failed(Box::new(failure::of(&error))),
    };
    let ask = async |approval: Option<PlanId>| {
        let call = PeerCall {
            server: server.to_owned(),
            tool: tool.to_owned(),
            arguments: arguments.clone(),
            idempotency_key: Some(key.clone()),
            approval,
            trace_id: None,
            deadline: errand.deadline,
            cancel: errand.cancel.clone(),
        };
        peers.call(&errand.acting.caller(errand.tenant), call).await
    };
    let mut answer = ask(errand.approval).await;
    // Where the settings leave it to the caller, the caller is the workflow that its author has published.
    if let Err(error) = &answer
        && let Some(plan) = plan_of(error)
        && plan.mode == ApprovalMode::Plan
    {
        answer = ask(Some(plan.plan_id)).await;
    }
    match answer {
        Ok(value) => Called::Answered(value),
        Err(error) => match plan_of(&error) {
            Some(plan) => Called::NeedsYes(Box::new(plan.clone())),
            None => Called::Failed(Box::new(failed(peers, &errand, server, &error))),
        },
    }
}

/// What the step gets. A change that may have been made at a server that knows no key is never made again unseen.
fn failed(peers: &Peers, errand: &Errand<'_>, server: &str, error: &Error) -> Failure {
    let failure = failure::of(error);
    let knows_key = || peers.servers(errand.tenant).iter().any(|known| known.name == server && known.is_of_suite);
    let is_transient = failure.is_transient && (!error.is_outcome_unknown() || knows_key());
    Failure { is_transient, ..failure }
}

fn plan_of(error: &Error) -> Option<&common::plan::ProposedPlan> {
    error.details().plan.as_deref().filter(|_| error.code() == ErrorCode::ApprovalRequired)
}
