//! Tools under paths of their own.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::auth::Caller;
use crate::error::{Error, ErrorCode};
use crate::tool::{Alias, AliasMethod, AliasSource};
use crate::transport::body::json_bytes;
use crate::transport::face::Face;
use crate::transport::refusal::refused;
use crate::transport::rest::{Bounds, answer, arguments, query};

/// The aliases of one server.
pub(super) fn routes(face: &Face, bounds: &Bounds) -> Router {
    let mut router = Router::new();
    for alias in face.server.aliases {
        let method = match alias.method {
            AliasMethod::Get => MethodFilter::GET,
            AliasMethod::Post => MethodFilter::POST,
            AliasMethod::Put => MethodFilter::PUT,
            AliasMethod::Delete => MethodFilter::DELETE,
        };
        let stand_in = Arc::new(StandIn { alias, face: face.clone(), bounds: bounds.clone() });
        let serve =
            move |Extension(caller): Extension<Caller>, Path(path): Path<HashMap<String, String>>, request: Request| {
                let stand_in = Arc::clone(&stand_in);
                async move { stand_in.serve(caller, path, request).await }
            };
        router = router.route(alias.path, on(method, serve));
    }
    router
}

/// An alias, ready to be asked.
struct StandIn {
    alias: &'static Alias,
    face: Face,
    bounds: Bounds,
}

impl StandIn {
    async fn serve(&self, caller: Caller, path: HashMap<String, String>, request: Request) -> Response {
        let Some(tool) = self.face.server.tools.definition(self.alias.tool) else {
            return refused(&Error::new(ErrorCode::NotFound, "nothing is here"));
        };
        let (parts, body) = request.into_parts();
        let mut given = match self.alias.source {
            AliasSource::Query => {
                query::arguments(self.alias, &tool.input_schema, parts.uri.query().unwrap_or_default())
            }
            AliasSource::Body => JsonObject::new(),
        };
        if self.alias.method.has_body() {
            let bytes = match json_bytes(&parts.headers, body, self.bounds.body_bytes_max).await {
                Ok(bytes) => bytes,
                Err(refusal) => return refusal,
            };
            match arguments(&bytes) {
                Ok(body) => given.extend(body.into_iter().map(|(name, value)| (self.argument(&name), value))),
                Err(error) => return refused(&error),
            }
        }
        given.extend(path.into_iter().map(|(name, segment)| (self.argument(&name), Value::String(segment))));
        answer(&self.face, caller, &parts.headers, &self.bounds, (self.alias.tool, given)).await
    }

    fn argument(&self, outside: &str) -> String {
        self.alias.argument(outside).to_owned()
    }
}
