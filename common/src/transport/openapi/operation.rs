//! One operation, and what all have in common: how they fail.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

/// An Operation Object (OpenAPI 3.1.1, section 4.8.10).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    #[serde(rename = "operationId")]
    id: String,
    tags: [String; 1],
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    responses: BTreeMap<&'static str, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<[(); 0]>,
}

impl Operation {
    /// An operation that can so far only fail, in the one shape.
    pub(super) fn new(id: impl Into<String>, tag: &str, summary: &str) -> Self {
        Self {
            id: id.into(),
            tags: [tag.to_owned()],
            summary: summary.to_owned(),
            description: None,
            parameters: Vec::new(),
            request_body: None,
            responses: BTreeMap::from([("default", json!({"$ref": "#/components/responses/Error"}))]),
            security: None,
        }
    }

    /// The same, answering 200 with JSON of this schema.
    pub(super) fn answering(self, schema: Value) -> Self {
        self.answering_with("200", "The answer", Some(("application/json", schema)))
    }

    /// The same, answering so too.
    pub(super) fn answering_with(
        mut self,
        status: &'static str,
        description: &str,
        content: Option<(&str, Value)>,
    ) -> Self {
        let content: BTreeMap<&str, Value> =
            content.into_iter().map(|(kind, schema)| (kind, json!({"schema": schema}))).collect();
        self.responses.insert(status, json!({"description": description, "content": content}));
        self
    }

    pub(super) fn described(mut self, description: Option<String>) -> Self {
        self.description = description;
        self
    }

    pub(super) fn with(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The same, reading a body of JSON.
    pub(super) fn reading(mut self, schema: &Value, is_required: bool) -> Self {
        self.request_body = Some(json!({"required": is_required, "content": {"application/json": {"schema": schema}}}));
        self
    }

    /// The same, open to everybody.
    pub(super) fn without_identity(mut self) -> Self {
        self.security = Some([]);
        self
    }
}

/// A Parameter Object (OpenAPI 3.1.1, section 4.8.12).
#[derive(Serialize)]
pub(super) struct Parameter {
    name: String,
    r#in: &'static str,
    required: bool,
    schema: Value,
}

impl Parameter {
    pub(super) fn in_path(name: &str, schema: Value) -> Self {
        Self { name: name.to_owned(), r#in: "path", required: true, schema }
    }

    pub(super) fn in_header(name: &str) -> Self {
        Self { name: name.to_owned(), r#in: "header", required: false, schema: json!({"type": "string"}) }
    }

    pub(super) fn in_query(name: &str, is_required: bool, schema: Value) -> Self {
        Self { name: name.to_owned(), r#in: "query", required: is_required, schema }
    }
}

/// A path as part of an operation's id.
pub(super) fn slug(path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

pub(super) fn error_response() -> Value {
    json!({
        "description": "What went wrong and what to do next; the status belongs to the code",
        "headers": {
            "Retry-After": {"description": "Seconds until the same request can succeed", "schema": {"type": "integer"}},
        },
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    })
}

pub(super) fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Chosen by who must act, such as `invalid_argument`"},
                "message": {"type": "string"},
                "hint": {"type": "string", "description": "What to do next"},
                "retry_after_ms": {"type": "integer", "minimum": 0},
                "details": {"type": "object", "description": "Faults by field, candidates for a name, the vendor's trace id"},
            },
        }},
    })
}
