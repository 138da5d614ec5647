//! The arguments that tools take besides their own; dispatch takes them out before a tool sees the rest.

use rmcp::model::JsonObject;
use serde_json::{Value, json};

use crate::tool::{Access, access};

/// Names a change, so that repeating the call does not make it again.
pub(super) const KEY: &str = "idempotency_key";

/// Names the plan that somebody has said yes to, for clients that can set nothing but arguments.
pub(super) const PLAN: &str = "approval_plan_id";

/// Where a request carries the key outside its arguments, in its `_meta`.
pub(crate) const KEY_IN_META: &str = "luminar/idempotency_key";

/// Where a request names the plan outside its arguments, in its `_meta`.
pub(crate) const PLAN_IN_META: &str = "luminar/plan_id";

/// Adds them to the schema of a tool: the key where something is changed, the plan where it cannot be taken back. What
/// their values look like is checked where they are taken out.
pub(super) fn offer(schema: &mut JsonObject, of: Access) {
    if !of.is_read() {
        add(schema, KEY, "Makes repeats safe.");
    }
    if access::is_irreversible(of) {
        offer_plan(schema);
    }
}

/// Adds the plan to the schema of a tool that waits for a yes.
pub(super) fn offer_plan(schema: &mut JsonObject) {
    add(schema, PLAN, "Approved plan's id.");
}

/// In as few tokens as can be: every tool that changes something carries them.
fn add(schema: &mut JsonObject, name: &str, description: &str) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(name.to_owned(), json!({ "type": "string", "description": description }));
    }
}
