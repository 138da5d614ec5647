//! The routes that belong to no server: health, figures, this document.

use serde_json::{Value, json};

use crate::transport::openapi::Paths;
use crate::transport::openapi::operation::Operation;

const TAG: &str = "port";

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
    let text = Some(("application/openmetrics-text", json!({"type": "string"})));
    let figures = Operation::new("get_metrics", TAG, "Figures for Prometheus");
    paths.add("/metrics", "get", &figures.answering_with("200", "OpenMetrics text", text));
    let document = Operation::new("get_openapi", TAG, "This document");
    paths.add("/openapi.json", "get", &document.answering(json!({"type": "object"})));
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
