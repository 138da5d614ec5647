//! `GET /openapi.json`: every route of the port as an OpenAPI 3.1 document, each tool with its own path and schemas. It shows
//! what the caller may see.

mod mcp;
mod operation;
mod port;
mod tools;

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use crate::auth::Caller;
use crate::transport::face::Face;

use operation::{Operation, error_response, error_schema};

/// What is where on the port.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// The servers whose tools are served over plain HTTP.
    pub(super) faces: Vec<Face>,
    pub(super) has_sse: bool,
    pub(super) has_sessions: bool,
    pub(super) needs_token: bool,
}

/// Where one server is.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: &'static str,
    /// Its paths begin with these; the empty one is the root of the port.
    pub(super) bases: Vec<String>,
    pub(super) toolsets: Vec<&'static str>,
}

pub(super) fn routes(layout: Layout) -> Router {
    let serve = async |State(layout): State<Arc<Layout>>, Extension(caller): Extension<Caller>| {
        Json(document(&layout, &caller))
    };
    Router::new().route("/openapi.json", get(serve)).with_state(Arc::new(layout))
}

/// Operations by path and method.
#[derive(Default)]
struct Paths {
    paths: Map<String, Value>,
}

impl Paths {
    fn add(&mut self, path: &str, method: &str, operation: &Operation) {
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        if let (Value::Object(item), Ok(operation)) = (item, serde_json::to_value(operation)) {
            item.insert(method.to_owned(), operation);
        }
    }
}

fn document(layout: &Layout, caller: &Caller) -> Value {
    let mut paths = Paths::default();
    tools::describe(&mut paths, &layout.faces, caller);
    for place in &layout.places {
        mcp::describe(&mut paths, place, layout);
    }
    port::describe(&mut paths);
    let (schemes, needed) = if layout.needs_token {
        (json!({"token": {"type": "http", "scheme": "bearer"}}), json!([{"token": []}]))
    } else {
        (json!({}), json!([]))
    };
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Luminar",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tools of marketing systems over plain HTTP, and where the same tools speak MCP.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": needed,
        "paths": paths.paths,
        "components": {
            "schemas": {"Error": error_schema()},
            "responses": {"Error": error_response()},
            "securitySchemes": schemes,
        },
    })
}
