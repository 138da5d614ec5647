//! The tools: each under its name, all of a server under one path, and those with paths of their own.

use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::{Map, Value, json};

use crate::auth::Caller;
use crate::tool::{Alias, AliasMethod, AliasSource};
use crate::transport::face::Face;
use crate::transport::openapi::Paths;
use crate::transport::openapi::operation::{Operation, Parameter, slug};
use crate::transport::rest::{KEY_HEADER, PLAN_HEADER};

pub(super) fn describe(paths: &mut Paths, faces: &[Face], caller: &Caller) {
    if !faces.is_empty() {
        let list = Operation::new("list_tools", "tools", "List the tools with their schemas");
        paths.add("/api/tools", "get", &list.answering(listing()));
    }
    for face in faces {
        let name = face.server.name;
        let definitions = face.definitions(caller);
        let list = Operation::new(format!("list_{name}_tools"), name, "List the tools of this server");
        paths.add(&format!("/api/{name}/tools"), "get", &list.answering(listing()));
        paths.add(&format!("/api/{name}/tools/{{name}}"), "post", &by_name(name, &definitions));
        for tool in &definitions {
            let schema = Value::Object(JsonObject::clone(&tool.input_schema));
            let call = call(&tool.name, name, tool).reading(&schema, !required(tool).is_empty());
            paths.add(&format!("/api/tools/{}", tool.name), "post", &call);
        }
        for alias in face.server.aliases {
            if let Some(tool) = definitions.iter().find(|tool| tool.name == alias.tool) {
                paths.add(alias.path, method(alias), &stand_in(alias, name, tool));
            }
        }
    }
}

fn listing() -> Value {
    let tool = json!({
        "type": "object",
        "required": ["name", "server", "description", "input_schema"],
        "properties": {
            "name": {"type": "string"}, "server": {"type": "string"}, "title": {"type": "string"},
            "description": {"type": "string"}, "annotations": {"type": "object"},
            "input_schema": {"type": "object"}, "output_schema": {"type": "object"},
        },
    });
    json!({"type": "object", "required": ["tools"], "properties": {"tools": {"type": "array", "items": tool}}})
}

/// Any tool of a server, for when another server has one of the same name.
fn by_name(server: &str, definitions: &[Definition]) -> Operation {
    let names: Vec<&str> = definitions.iter().map(|tool| tool.name.as_ref()).collect();
    Operation::new(format!("call_{server}_tool"), server, "Call a tool of this server")
        .with(Parameter::in_path("name", json!({"type": "string", "enum": names})))
        .reading(&json!({"type": "object"}), false)
        .answering(json!({"type": "object"}))
}

fn call(id: &str, server: &str, tool: &Definition) -> Operation {
    let answer = tool.output_schema.as_deref().cloned().map_or_else(|| json!({"type": "object"}), Value::Object);
    let call = Operation::new(id, server, tool.title.as_deref().unwrap_or(&tool.name))
        .described(tool.description.as_deref().map(str::to_owned))
        .answering(answer);
    let is_read = tool.annotations.as_ref().and_then(|hints| hints.read_only_hint).unwrap_or(false);
    if is_read { call } else { call.with(Parameter::in_header(KEY_HEADER)).with(Parameter::in_header(PLAN_HEADER)) }
}

fn method(alias: &Alias) -> &'static str {
    match alias.method {
        AliasMethod::Get => "get",
        AliasMethod::Post => "post",
        AliasMethod::Put => "put",
        AliasMethod::Delete => "delete",
    }
}

fn stand_in(alias: &Alias, server: &str, tool: &Definition) -> Operation {
    let mut call = call(&format!("{}_{}", method(alias), slug(alias.path)), server, tool);
    let (mut fields, mut fields_required) = (Map::new(), Vec::new());
    for (argument, schema) in properties(tool) {
        let outside = alias.outside(argument);
        let is_required = required(tool).contains(&argument);
        if alias.parameters().any(|parameter| parameter == outside) {
            call = call.with(Parameter::in_path(outside, schema.clone()));
            continue;
        }
        match alias.source {
            // A query has no form for objects that everybody agrees on.
            AliasSource::Query if schema.get("type").is_some_and(|kind| kind == "object") => {}
            AliasSource::Query => call = call.with(Parameter::in_query(outside, is_required, schema.clone())),
            AliasSource::Body => {
                fields.insert(outside.to_owned(), schema.clone());
                fields_required.extend(is_required.then_some(outside));
            }
        }
    }
    match alias.source {
        AliasSource::Query => call,
        AliasSource::Body => {
            let is_required = !fields_required.is_empty();
            let schema = json!({
                "type": "object", "properties": fields, "required": fields_required, "additionalProperties": false,
            });
            call.reading(&schema, is_required)
        }
    }
}

fn properties(tool: &Definition) -> impl Iterator<Item = (&str, &Value)> {
    let properties = tool.input_schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn required(tool: &Definition) -> Vec<&str> {
    let required = tool.input_schema.get("required").and_then(Value::as_array);
    required.into_iter().flatten().filter_map(Value::as_str).collect()
}
