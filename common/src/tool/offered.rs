//! Tools that are there for some tenants only, and come and go while the program runs. Each is one of the server's own
//! tools that has been told in advance what it is about: a call of one *is* a call of that, down the same path.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;

use super::Access;
use super::added::{self, KEY, PLAN};
use crate::auth::Caller;
use crate::error::Result;
use crate::tenant::TenantId;
use crate::tool::{Registry, Surface};

/// One of them, as its tenant's clients see it.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Nobody else's: one that a tool of the server has is not shown.
    pub name: String,
    pub title: String,
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub input_schema: JsonObject,
}

/// What they are, or what one is, some time later.
pub type Finding<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Whoever has such tools. Asked at each `tools/list`, and at each call of a tool that the server does not have.
pub trait MoreTools: fmt::Debug + Send + Sync {
    /// The tool of the server that all of them are.
    fn served_by(&self) -> &'static str;

    /// Those of a tenant, always in the same order; no more than clients can bear.
    fn of<'a>(&'a self, tenant: &'a TenantId) -> Finding<'a, Vec<Offered>>;

    /// What a call of one says to the tool that it is; none if the tenant has no tool of that name.
    fn arguments<'a>(
        &'a self,
        tenant: &'a TenantId,
        name: &'a str,
        given: JsonObject,
    ) -> Finding<'a, Option<JsonObject>>;
}

impl Registry {
    /// Those that come and go, for a request that sees the tool that they are.
    pub(crate) async fn offered(&self, surface: &Surface, caller: &Caller) -> Vec<Definition> {
        let Some(more) = self.more() else { return Vec::new() };
        let Some(entry) = self.find(surface, caller, more.served_by()) else { return Vec::new() };
        let offered = match more.of(caller.tenant()).await {
            Ok(offered) => offered,
            Err(error) => {
                // The list of what is always there must not fail with them.
                tracing::warn!(error.cause = error.cause(), "some tools are not listed: {}", error.message());
                return Vec::new();
            }
        };
        let is_free = |tool: &Offered| self.definition(&tool.name).is_none();
        let (base, access) = (entry.definition(), entry.access);
        offered.into_iter().filter(is_free).map(|tool| tool.define(base, access)).collect()
    }

    /// The tool and arguments that a call comes down to: its own, or, where the server has no such tool, those of the one
    /// that it is.
    pub(crate) async fn resolve(&self, caller: &Caller, name: String, given: JsonObject) -> (String, JsonObject) {
        let Some(more) = self.more().filter(|_| self.definition(&name).is_none()) else { return (name, given) };
        let (mut ours, mut theirs) = (JsonObject::new(), JsonObject::new());
        for (key, value) in given.clone() {
            let of_path = key == KEY || key == PLAN;
            if of_path {
                ours.insert(key, value)
            } else {
                theirs.insert(key, value)
            };
        }
        match more.arguments(caller.tenant(), &name, theirs).await {
            Ok(Some(mut arguments)) => {
                arguments.extend(ours);
                (more.served_by().to_owned(), arguments)
            }
            Ok(None) => (name, given),
            Err(error) => {
                tracing::warn!(error.cause = error.cause(), "a tool was not found: {}", error.message());
                (name, given)
            }
        }
    }
}

impl Offered {
    /// As the tool that it is, under its own name and with its own arguments.
    fn define(mut self, base: &Definition, class: Access) -> Definition {
        self.input_schema.entry("type").or_insert_with(|| "object".into());
        self.input_schema.entry("properties").or_insert_with(|| Value::Object(JsonObject::new()));
        added::offer(&mut self.input_schema, class);
        let mut definition = base.clone();
        definition.name = self.name.into();
        definition.title = Some(self.title.clone());
        definition.description = Some(self.description.into());
        definition.input_schema = Arc::new(self.input_schema);
        if let Some(annotations) = &mut definition.annotations {
            annotations.title = Some(self.title);
        }
        definition
    }
}
