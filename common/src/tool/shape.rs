//! What a value has to be where only the running program knows: the input of a workflow, the arguments of a tool of
//! another server.

use std::fmt;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::error::{Error, ErrorCode, Fault, Result};
use crate::tool::schema;

/// A JSON Schema, compiled. Nothing outside of it is looked up.
pub struct Shape {
    schema: JsonObject,
    validator: Validator,
}

impl Shape {
    /// Compiles a schema.
    ///
    /// # Errors
    /// `failed_precondition` if it is none.
    pub fn new(schema: &JsonObject) -> Result<Self> {
        let validator = jsonschema::validator_for(&Value::Object(schema.clone())).map_err(|error| {
            let message = format!("`{}` of the schema is not what JSON Schema has there", error.instance_path());
            Error::new(ErrorCode::FailedPrecondition, message)
        })?;
        Ok(Self { schema: schema.clone(), validator })
    }

    /// Whether a value has this shape.
    ///
    /// # Errors
    /// `invalid_argument` with one fault for each thing that is wrong, its place as a JSON Pointer into the value.
    pub fn check(&self, value: &Value) -> Result<()> {
        schema::check(&self.validator, &self.schema, value)
    }

    /// What is wrong with a value of which some parts, by their JSON Pointers, are known only later: what is in these
    /// places, and rules about the whole of what they are in, are not looked at.
    #[must_use]
    pub fn faults_of_known(&self, value: &Value, unknown: &[String]) -> Vec<Fault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(value) {
            let place = error.instance_path().as_str();
            let is_unknown = unknown.iter().any(|unknown| is_at_or_below(place, unknown));
            let has_unknown = unknown.iter().any(|unknown| is_at_or_below(unknown, place));
            if !is_unknown && (!has_unknown || is_about_names(error.kind())) {
                faults.extend(schema::faults_of(&self.schema, &error));
            }
        }
        faults
    }
}

fn is_at_or_below(place: &str, other: &str) -> bool {
    place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether it holds whatever the values are.
const fn is_about_names(kind: &ValidationErrorKind) -> bool {
    matches!(
        kind,
        ValidationErrorKind::Required { .. }
            | ValidationErrorKind::AdditionalProperties { .. }
            | ValidationErrorKind::Type { .. }
            | ValidationErrorKind::MinItems { .. }
            | ValidationErrorKind::MaxItems { .. }
    )
}

impl fmt::Debug for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Shape").field(&self.schema).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(schema: &Value) -> Shape {
        Shape::new(schema.as_object().unwrap()).unwrap()
    }

    #[test]
    fn what_is_known_only_later_is_not_held_against_a_value() {
        let shape = shape(&json!({
            "type": "object",
            "properties": {"contact": {"type": "string"}, "count": {"type": "integer"}, "tags": {"type": "array"}},
            "required": ["contact"],
            "additionalProperties": false,
        }));
        let faults = |value: Value, unknown: &[&str]| {
            let unknown: Vec<String> = unknown.iter().map(|&place| place.to_owned()).collect();
            let faults = shape.faults_of_known(&value, &unknown);
            faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert_eq!(faults(json!({"contact": "${ .id }", "count": "${ .n }"}), &["/contact", "/count"]), [""; 0]);
        assert_eq!(faults(json!({"contact": 7, "count": "${ .n }"}), &["/count"]), ["/contact"]);
        assert_eq!(faults(json!({"count": "${ .n }"}), &["/count"]), ["/contact"]);
        let wrong = json!({"contact": "a", "conut": "${ .n }"});
        assert_eq!(faults(wrong, &["/conut"]), ["/conut"], "a name is known even if its value is not");
        assert_eq!(faults(json!("${ .all }"), &[""]), [""; 0]);
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        let schema = json!({"type": "objekt"});
        assert_eq!(Shape::new(schema.as_object().unwrap()).unwrap_err().code(), ErrorCode::FailedPrecondition);
    }
}
