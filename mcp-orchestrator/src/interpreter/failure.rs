//! Failures of the interpreter's own, in the DSL's words: its standard error types
//! (specification 1.0, dsl-reference, "Standard Error Types").

use common::error::Error;
use serde_json::Value;

use super::input::Failure;

/// What the DSL's own error types begin with.
const STANDARD: &str = "https://serverlessworkflow.io/spec/1.0.0/errors/";

impl Failure {
    fn standard(kind: &str, status: u16, title: String) -> Self {
        Self {
            kind: format!("{STANDARD}{kind}"),
            status,
            title,
            detail: None,
            hint: None,
            instance: None,
            retry_after_ms: None,
            is_transient: false,
            attempts: None,
        }
    }

    /// An expression that could not be worked out.
    #[must_use]
    pub fn expression(what: &str, error: &Error) -> Self {
        let mut failure = Self::standard("expression", 400, format!("`{what}` could not be worked out"));
        failure.detail = Some(error.message().to_owned());
        failure.hint = error.hint().map(str::to_owned);
        failure
    }

    /// An expression that gave something of the wrong form.
    #[must_use]
    pub fn wrong_form(what: &str, expected: &str, given: &Value) -> Self {
        let given = match given {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Self::standard("expression", 400, format!("`{what}` gave {given} where {expected} is needed"))
    }

    /// Time that ran out.
    #[must_use]
    pub fn timeout(title: String) -> Self {
        Self { is_transient: true, ..Self::standard("timeout", 408, title) }
    }

    /// Somebody outside who answered with an error, or did not answer.
    #[must_use]
    pub fn communication(status: u16, title: String) -> Self {
        Self { is_transient: status == 429 || status >= 500, ..Self::standard("communication", status, title) }
    }

    /// A person's no.
    #[must_use]
    pub fn refused(by: &str) -> Self {
        Self::standard("authorization", 403, format!("{by} said no"))
    }

    /// A limit of the interpreter.
    #[must_use]
    pub fn limit(title: String, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..Self::standard("runtime", 500, title) }
    }

    /// A definition that passed validation and still cannot be run.
    #[must_use]
    pub fn configuration(title: String) -> Self {
        Self::standard("configuration", 400, title)
    }

    /// As expressions see it in `catch`: what RFC 7807 names, and the DSL with it.
    #[must_use]
    pub(super) fn as_error(&self) -> Value {
        let mut error = serde_json::json!({ "type": self.kind, "status": self.status, "title": self.title });
        let Some(fields) = error.as_object_mut() else { return error };
        if let Some(detail) = &self.detail {
            fields.insert("detail".to_owned(), Value::from(detail.as_str()));
        }
        if let Some(instance) = &self.instance {
            fields.insert("instance".to_owned(), Value::from(instance.0.as_str()));
        }
        error
    }
}
