//! The booking flow: three calls, a note, an event or three days, one more call. What storms and figures are made with.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use common::error::{Error, ErrorCode};
use common::tenant::TenantId;
use mcp_orchestrator::engine::{Answering, Definitions};
use mcp_orchestrator::workflow::Workflow;
use mcp_orchestrator::workflow::task::{Call, Emit, HttpCall, HttpOutput, TaskKind};
use serde_json::json;

use crate::flow::{listen_for_contact, race, set, template, wait, workflow};

/// The steps that call, in their order.
pub(crate) const CALLS: [&str; 4] = ["slack", "crm", "value", "retarget"];

/// Every step that leaves a row in the trace, the fork's branches apart.
pub(crate) const STEPS: [&str; 7] = ["slack", "crm", "value", "note", "booked-or-late", "retarget", "done"];

/// The flow under two names: `kept`, whose event comes, and `late`, whose time runs out.
#[derive(Debug)]
pub(crate) struct Bookings {
    workflows: HashMap<&'static str, Arc<Workflow>>,
}

impl Bookings {
    /// `late_after` is the three days of those that are late; `far` is where calls go.
    pub(crate) fn new(far: &str, late_after: Duration) -> Self {
        let flow = |name, span| (name, Arc::new(booking(name, far, span)));
        Self { workflows: HashMap::from([flow("kept", Duration::from_hours(72)), flow("late", late_after)]) }
    }
}

impl Definitions for Bookings {
    fn get<'a>(&'a self, _: &'a TenantId, name: &'a str, _: i64) -> Answering<'a, Arc<Workflow>> {
        let found = self.workflows.get(name).cloned();
        Box::pin(async move { found.ok_or_else(|| Error::new(ErrorCode::NotFound, "there is no such workflow")) })
    }

    fn current<'a>(&'a self, tenant: &'a TenantId, name: &'a str, _: Option<&'a str>) -> Answering<'a, i64> {
        Box::pin(async move { self.get(tenant, name, 1).await.map(|_| 1) })
    }
}

fn booking(name: &str, far: &str, span: Duration) -> Workflow {
    let emit = Emit { kind: template(json!("BookingHandled")), data: Some(template(json!("${ . }"))), subject: None };
    let branches = vec![("booked", listen_for_contact("Booked")), ("late", wait(span))];
    let steps = vec![
        ("slack", post(far, "slack")),
        ("crm", post(far, "crm")),
        ("value", post(far, "value")),
        ("note", set(json!({ "noted": true }))),
        ("booked-or-late", race(branches)),
        ("retarget", post(far, "retarget")),
        ("done", TaskKind::Emit(emit)),
    ];
    workflow(name, steps)
}

fn post(far: &str, step: &str) -> TaskKind {
    TaskKind::Call(Call::Http(Box::new(HttpCall {
        method: "POST".to_owned(),
        endpoint: template(json!(format!("{far}/{step}"))),
        headers: None,
        query: None,
        body: Some(template(json!({ "contact": "${ $workflow.input.contact }" }))),
        output: HttpOutput::Content,
    })))
}
