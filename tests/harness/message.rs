//! JSON-RPC messages of both protocol eras.

use serde_json::{Value, json};

/// The newest revision that opens a session with `initialize`.
pub const SESSION_REVISION: &str = "2025-11-25";

/// The revision in which every request stands on its own.
pub const STATELESS_REVISION: &str = "2026-07-28";

#[must_use]
pub fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// A request of MCP 2026-07-28.
#[must_use]
pub fn stateless_request(id: u64, method: &str, params: Value) -> Value {
    request(id, method, with_stateless_meta(params))
}

/// Adds what MCP 2026-07-28 wants with every request.
///
/// # Panics
/// If the parameters are no object.
#[must_use]
pub fn with_stateless_meta(mut params: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS_REVISION,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "luminar-tests", "version": "0"},
    });
    params.as_object_mut().expect("parameters are an object").insert("_meta".to_owned(), meta);
    params
}

#[must_use]
pub fn initialize_params() -> Value {
    json!({
        "protocolVersion": SESSION_REVISION,
        "capabilities": {},
        "clientInfo": {"name": "luminar-tests", "version": "0"},
    })
}

#[must_use]
pub fn initialized() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

#[must_use]
pub fn tool_call(name: &str, arguments: &Value) -> Value {
    json!({"name": name, "arguments": arguments})
}
