//! The arguments that tools take besides their own; dispatch takes them out before a tool sees the rest.

use rmcp::model::JsonObject;
use serde_json::{Value, json};

use crate::tool::{Access, access};

/// Names a change, so that repeating the call does not make it again.
pub(super) const KEY: &str = "idempotency_key";

/// Names the plan that somebody has said yes to, for clients that can set nothing but arguments.
pub(super) const PLAN: &str = "approval_plan_id";

/// Adds them to the schema of a tool, in as few tokens as can be: the key where something is changed, the plan where it
/// cannot be taken back. What their values look like is checked where they are taken out.
pub(super) fn offer(schema: &mut JsonObject, of: Access) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    let mut add = |name: &str, description: &str| {
        properties.insert(name.to_owned(), json!({ "type": "string", "description": description }));
    };
    if !of.is_read() {
        add(KEY, "Makes repeating the call safe.");
    }
    if access::is_irreversible(of) {
        add(PLAN, "Approved plan's id.");
    }
}
