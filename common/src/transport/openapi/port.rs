//! The routes that belong to no server: health, figures, this document.

use serde_json::{Value, json};

use crate::transport::openapi::Paths;
use crate::transport::openapi::operation::{Operation, Parameter};

const TAG: &str = "port";
const INBOX_TAG: &str = "approvals";

pub(super) fn describe(paths: &mut Paths) {
    for (path, id, summary) in [
        ("/health", "get_health", "Whether the process and its parts work, with reasons"),
        ("/healthz", "get_healthz", "The same"),
        ("/health/ready", "get_health_ready", "The same, for readiness probes"),
        ("/health/live", "get_health_live", "Whether the process answers"),
    ] {
        let failing = Some(("application/json", report_schema()));
        let health = Operation::new(id, TAG, summary)
            .answering(report_schema())
            .answering_with("503", "Something does not work", failing)
            .without_identity();
        paths.add(path, "get", &health);
    }
    inbox(paths);
    let text = Some(("application/openmetrics-text", json!({"type": "string"})));
    let figures = Operation::new("get_metrics", TAG, "Figures for Prometheus");
    paths.add("/metrics", "get", &figures.answering_with("200", "OpenMetrics text", text));
    let document = Operation::new("get_openapi", TAG, "This document");
    paths.add("/openapi.json", "get", &document.answering(json!({"type": "object"})));
}

/// The plans that wait for a yes.
fn inbox(paths: &mut Paths) {
    let plan = || json!({"type": "object", "description": "A plan, who asked for it, and what became of it"});
    let list =
        Operation::new("list_approvals", INBOX_TAG, "Plans that wait: an administrator's all, others' their own");
    let plans =
        json!({"type": "object", "required": ["plans"], "properties": {"plans": {"type": "array", "items": plan()}}});
    paths.add("/api/approvals", "get", &list.answering(plans));
    for (path, method, id, summary) in [
        ("/api/approvals/{plan_id}", "get", "get_approval", "One plan"),
        ("/api/approvals/{plan_id}/approve", "post", "approve_plan", "Say yes to another caller's plan"),
        ("/api/approvals/{plan_id}/refuse", "post", "refuse_plan", "Say no to a plan"),
    ] {
        let plan_id = Parameter::in_path("plan_id", json!({"type": "string"}));
        paths.add(path, method, &Operation::new(id, INBOX_TAG, summary).with(plan_id).answering(plan()));
    }
}

fn report_schema() -> Value {
    let status = json!({"enum": ["ok", "failed"]});
    json!({
        "type": "object",
        "required": ["status", "checks"],
        "properties": {
            "status": status,
            "checks": {"type": "array", "items": {
                "type": "object",
                "required": ["name", "status", "reason"],
                "properties": {"name": {"type": "string"}, "status": status, "reason": {"type": "string"}},
            }},
        },
    })
}
