//! What a JSON schema says, as a flat list of facts: so that two schemas which say the same in other ways are equal.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The facts by the place that they are about: `customFields[].id` has `type string`.
pub(crate) type Facts = BTreeMap<String, BTreeSet<String>>;

/// The facts of a schema whose references lead into `root`.
pub(crate) fn of(root: &Value, schema: &Value) -> Facts {
    facts(root, schema, false)
}

/// The same for a request, without what only answers have.
pub(crate) fn of_request(root: &Value, schema: &Value) -> Facts {
    facts(root, schema, true)
}

fn facts(root: &Value, schema: &Value, is_request: bool) -> Facts {
    let mut facts = Facts::new();
    walk(&Scene { root, is_request, around: Vec::new() }, schema, "", &mut facts);
    facts
}

struct Scene<'r> {
    root: &'r Value,
    is_request: bool,
    /// References that are being followed.
    around: Vec<&'r str>,
}

impl Scene<'_> {
    fn properties<'s>(&self, schema: &'s Map<String, Value>) -> Vec<(&'s String, &'s Value)> {
        let all = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        all.filter(|(_, property)| !self.is_request || property["readOnly"] != true).collect()
    }
}

fn walk<'r>(scene: &Scene<'r>, schema: &'r Value, place: &str, facts: &mut Facts) {
    let Some(schema) = schema.as_object() else { return };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if scene.around.contains(&reference) {
            return;
        }
        let target = scene.root.pointer(reference.trim_start_matches('#')).expect("references lead somewhere");
        let around = scene.around.iter().copied().chain([reference]).collect();
        return walk(&Scene { around, ..*scene }, target, place, facts);
    }
    for members in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(*key)?.as_array()) {
        for member in members {
            walk(scene, member, place, facts);
        }
    }
    let own = own(schema, &scene.properties(schema));
    if !own.is_empty() {
        facts.entry(place.to_owned()).or_default().extend(own);
    }
    for (name, property) in scene.properties(schema) {
        walk(scene, property, &format!("{place}.{name}"), facts);
    }
    if let Some(items) = schema.get("items") {
        walk(scene, items, &format!("{place}[]"), facts);
    }
    if let Some(rest) = schema.get("additionalProperties") {
        walk(scene, rest, &format!("{place}.*"), facts);
    }
}

/// What a schema says of the value itself.
fn own(schema: &Map<String, Value>, properties: &[(&String, &Value)]) -> Vec<String> {
    let mut own = Vec::new();
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        own.extend(
            values.iter().map(|value| if value.is_null() { "null".to_owned() } else { format!("may be {value}") }),
        );
    } else if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        own.push(if kind == "null" { "null".to_owned() } else { format!("type {kind}") });
    } else if schema.contains_key("properties") {
        own.push("type object".to_owned());
    }
    if schema.contains_key("type") && schema.get("nullable") == Some(&Value::Bool(true)) {
        own.push("null".to_owned());
    }
    own.extend(properties.iter().map(|(name, _)| format!("has {name}")));
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    own.extend(
        required
            .filter_map(Value::as_str)
            .filter(|name| properties.iter().any(|(own, _)| own == name))
            .map(|name| format!("needs {name}")),
    );
    for bound in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"] {
        // 1 and 1.0 are the same.
        own.extend(schema.get(bound).and_then(Value::as_f64).map(|number| format!("{bound} {number}")));
    }
    for word in ["format", "pattern"] {
        own.extend(schema.get(word).and_then(Value::as_str).map(|text| format!("{word} {text}")));
    }
    own
}
