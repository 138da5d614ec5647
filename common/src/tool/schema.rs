//! JSON Schemas of arguments and results: made portable for every client, and used to check what comes in.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::error::{Error, Fault, Result};

/// The schema of a tool's arguments: an object without references, null unions or formats that clients do not know.
pub(super) fn input_schema<T: JsonSchema>() -> JsonObject {
    let mut schema = portable::<T>(SchemaSettings::draft2020_12().for_deserialize());
    // A tool without arguments still takes an object, and only an empty one.
    schema.entry("properties").or_insert_with(|| Value::Object(JsonObject::new()));
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    schema
}

/// The schema of a tool's result. The official TypeScript clients (1.32, 2.4) validate failed results against it too, so
/// it also admits `{error}`.
pub(super) fn output_schema<T: JsonSchema>() -> JsonObject {
    let mut schema = portable::<T>(SchemaSettings::draft2020_12().for_serialize());
    if let Some(required) = schema.remove("required") {
        let alternatives = serde_json::json!([{ "required": required }, { "required": ["error"] }]);
        schema.insert("anyOf".to_owned(), alternatives);
    }
    schema
}

/// The same as clients are shown it: without what is taken for granted. Arguments are checked against the whole.
pub(super) fn shown(schema: &JsonObject) -> JsonObject {
    let mut shown = Value::Object(schema.clone());
    leave_out(&mut shown);
    let Value::Object(shown) = shown else { return JsonObject::new() };
    shown
}

/// That a text is not empty, and the words on the items of a list that has its own.
fn leave_out(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("minLength").and_then(Value::as_u64) == Some(1) {
        object.remove("minLength");
    }
    if object.contains_key("description")
        && let Some(Value::Object(items)) = object.get_mut("items")
    {
        items.remove("description");
    }
    for (key, value) in object.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(leave_out),
            ("items" | "additionalProperties", value) => leave_out(value),
            _ => {}
        }
    }
}

fn portable<T: JsonSchema>(settings: SchemaSettings) -> JsonObject {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    normalise(&mut schema);
    let Value::Object(mut object) = schema else { return JsonObject::new() };
    // The type's own name and doc say nothing to a model.
    object.remove("title");
    object.remove("description");
    object.entry("type").or_insert_with(|| "object".into());
    object
}

/// Rewrites what common clients choke on: `["integer", "null"]` (autogen-ext), `anyOf` with null, Rust's number formats
/// (AJV), defaults that say nothing, and single-valued `oneOf` of constants.
fn normalise(schema: &mut Value) {
    match schema {
        Value::Object(object) => normalise_object(object),
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is taken for granted where a field is left out.
fn is_nothing(default: &Value) -> bool {
    match default {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

fn normalise_object(object: &mut JsonObject) {
    unwrap_nullable(object);
    constants_to_enum(object);
    if object.get("default").is_some_and(is_nothing) {
        object.remove("default");
    }
    if object.get("format").and_then(Value::as_str).is_some_and(is_rust_format) {
        object.remove("format");
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for (key, value) in object.iter_mut() {
        // Under `properties` the keys are names, not keywords.
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(normalise),
            ("default" | "examples" | "enum" | "const", _) => {}
            (_, value) => normalise(value),
        }
    }
}

fn is_rust_format(format: &str) -> bool {
    matches!(format, "double" | "float") || format.trim_start_matches('u').starts_with("int")
}

/// `type: [x, null]` and `anyOf: [x, {type: null}]` become plain `x`: an absent field says the same.
fn unwrap_nullable(object: &mut JsonObject) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type") != Some(&Value::from("null")));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            // The field's own description beats the type's.
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
            unwrap_nullable(object);
        }
    }
}

/// `oneOf: [{const: a, description}, …]` becomes `enum: [a, …]`, which every provider accepts, in fewer tokens.
fn constants_to_enum(object: &mut JsonObject) {
    let Some(Value::Array(branches)) = object.get("oneOf") else { return };
    let Some(mut values) = branches.iter().map(branch_values).collect::<Option<Vec<_>>>() else { return };
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), values.drain(..).flatten().collect());
}

fn branch_values(branch: &Value) -> Option<Vec<Value>> {
    match (branch.get("const"), branch.get("enum")) {
        (Some(value), _) => Some(vec![value.clone()]),
        (None, Some(Value::Array(values))) => Some(values.clone()),
        _ => None,
    }
}

/// Some frameworks send `null` for every optional argument they leave out (`CrewAI`), at any depth; an absent field says
/// the same. What is in arguments that are `taken_as_is` no framework has filled in: it stays.
pub(super) fn without_nulls(arguments: JsonObject, taken_as_is: &[&str]) -> JsonObject {
    let given = arguments.into_iter().filter(|(_, value)| !value.is_null());
    let kept = given.map(|(name, value)| {
        let value = if taken_as_is.contains(&name.as_str()) { value } else { nested_without_nulls(value) };
        (name, value)
    });
    kept.collect()
}

/// A null in a list has a place, and stays: the schema says what it thinks of it.
fn nested_without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(without_nulls(object, &[])),
        Value::Array(items) => Value::Array(items.into_iter().map(nested_without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Whether a text matches a regular expression (ECMA-262) as JSON Schema means it; nothing matches what is none.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let compiled = jsonschema::validator_for(&serde_json::json!({ "pattern": pattern }));
    compiled.is_ok_and(|validator| validator.is_valid(&Value::from(text)))
}

/// Checks arguments against the schema and reports every fault at once, never repeating a value.
///
/// # Errors
/// `invalid_argument` with one fault for each thing that is wrong.
pub(super) fn check(validator: &Validator, schema: &JsonObject, arguments: &Value) -> Result<()> {
    if validator.is_valid(arguments) {
        return Ok(());
    }
    let faults = validator.iter_errors(arguments).flat_map(|error| faults_of(schema, &error)).collect();
    Err(Error::invalid_arguments(faults))
}

pub(super) fn faults_of(schema: &JsonObject, error: &ValidationError<'_>) -> Vec<Fault> {
    let place = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![fault(schema, format!("{place}/{name}"), "is missing".to_owned())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| Fault {
                field: format!("{place}/{name}"),
                problem: "is not an argument of this tool".to_owned(),
                expected: format!("one of {}", property_names(schema, place)),
                example: None,
            })
            .collect(),
        kind => vec![fault(schema, place.to_owned(), problem_of(kind))],
    }
}

fn problem_of(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { .. } => "has the wrong type".to_owned(),
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            "is not one of the accepted values".to_owned()
        }
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::ExclusiveMinimum { .. } => "is too small".to_owned(),
        ValidationErrorKind::Maximum { .. } | ValidationErrorKind::ExclusiveMaximum { .. } => "is too large".to_owned(),
        ValidationErrorKind::MinLength { .. } => "is too short".to_owned(),
        ValidationErrorKind::MaxLength { .. } => "is too long".to_owned(),
        ValidationErrorKind::MinItems { .. } => "has too few items".to_owned(),
        ValidationErrorKind::MaxItems { .. } => "has too many items".to_owned(),
        ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
            "does not have the right form".to_owned()
        }
        other => format!("breaks the rule `{}`", other.keyword()),
    }
}

fn fault(schema: &JsonObject, field: String, problem: String) -> Fault {
    let property = property_at(schema, &field);
    Fault {
        problem,
        expected: property.map_or_else(|| "see the tool's schema".to_owned(), expectation),
        example: property.and_then(example),
        field,
    }
}

/// The schema of the value at a JSON Pointer into the arguments. There are no references to follow.
fn property_at<'schema>(schema: &'schema JsonObject, pointer: &str) -> Option<&'schema JsonObject> {
    let mut segments = pointer.split('/').skip(1);
    segments.try_fold(schema, |here, segment| {
        let below = match here.get("properties").and_then(|properties| properties.get(segment)) {
            Some(property) => Some(property),
            None if segment.bytes().all(|byte| byte.is_ascii_digit()) => here.get("items"),
            None => here.get("additionalProperties"),
        };
        below.and_then(Value::as_object)
    })
}

fn property_names(schema: &JsonObject, place: &str) -> String {
    let names = property_at(schema, place).and_then(|object| object.get("properties")).and_then(Value::as_object);
    names.map_or_else(String::new, |names| names.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

/// A schema in words: `integer from 1 to 100`, `one of "open", "won"`, `string of at most 75 characters`.
fn expectation(property: &JsonObject) -> String {
    if let Some(Value::Array(values)) = property.get("enum") {
        return format!("one of {}", values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "));
    }
    let kind = property.get("type").and_then(Value::as_str).unwrap_or("value");
    let bound = |key: &str| property.get(key).map(Value::to_string);
    let unit = if kind == "array" { "items" } else { "characters" };
    let range = match (bound("minimum"), bound("maximum")) {
        (Some(low), Some(high)) => format!(" from {low} to {high}"),
        (Some(low), None) => format!(" of at least {low}"),
        (None, Some(high)) => format!(" of at most {high}"),
        (None, None) => match (bound("minLength").or(bound("minItems")), bound("maxLength").or(bound("maxItems"))) {
            (Some(low), Some(high)) => format!(" of {low} to {high} {unit}"),
            (Some(low), None) => format!(" of at least {low} {unit}"),
            (None, Some(high)) => format!(" of at most {high} {unit}"),
            (None, None) => String::new(),
        },
    };
    let form = match property.get("format").or_else(|| property.get("pattern")).and_then(Value::as_str) {
        Some(form) => format!(" ({form})"),
        None => String::new(),
    };
    format!("{kind}{range}{form}")
}

fn example(property: &JsonObject) -> Option<String> {
    let stated = property.get("examples").and_then(|examples| examples.get(0)).or_else(|| property.get("default"));
    let first_option = property.get("enum").and_then(|values| values.get(0));
    if let Some(value) = stated.or(first_option) {
        return Some(value.to_string());
    }
    match property.get("type").and_then(Value::as_str)? {
        "integer" | "number" => Some(property.get("minimum").map_or_else(|| "1".to_owned(), Value::to_string)),
        "boolean" => Some("true".to_owned()),
        "array" => {
            let item = property.get("items").and_then(Value::as_object).and_then(example)?;
            Some(format!("[{item}]"))
        }
        _ => None,
    }
}
