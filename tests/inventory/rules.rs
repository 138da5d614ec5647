//! What every tool definition has to be, whatever the tool.

use serde_json::Value;

/// MCP 2025-11-25 allows 128; the function APIs of some models refuse more than 64.
const NAME_CHARACTERS_MAX: usize = 64;

/// The function APIs of some models refuse longer descriptions.
const DESCRIPTION_CHARACTERS_MAX: usize = 1_024;

/// Names that the design has given, which are their own noun.
const GIVEN_NAMES: &[&str] = &["reconcile"];

const ANNOTATIONS: &[&str] = &["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

/// Everything wrong with one definition.
pub(crate) fn violations(tool: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let text = |key: &str| tool[key].as_str().unwrap_or_default();
    if !is_verb_noun(text("name")) && !GIVEN_NAMES.contains(&text("name")) {
        found.push("the name is not `verb_noun`".to_owned());
    }
    if text("title").is_empty() {
        found.push("no title".to_owned());
    }
    let description = text("description").chars().count();
    if description == 0 || description > DESCRIPTION_CHARACTERS_MAX {
        found.push(format!("the description has {description} characters, wanted 1 to {DESCRIPTION_CHARACTERS_MAX}"));
    }
    let unset = ANNOTATIONS.iter().filter(|annotation| !tool["annotations"][annotation].is_boolean());
    found.extend(unset.map(|annotation| format!("annotation `{annotation}` is not set")));
    for key in ["inputSchema", "outputSchema"] {
        if tool[key]["type"] != "object" {
            found.push(format!("{key} is no object"));
        }
        check_schema(&tool[key], key, &mut found);
    }
    let combinators = ["anyOf", "oneOf", "allOf"].into_iter().filter(|key| tool["inputSchema"].get(key).is_some());
    found.extend(combinators.map(|key| format!("inputSchema begins with `{key}`, which some clients refuse")));
    found
}

fn is_verb_noun(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let is_word = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
    let all = |word: &&str| word.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit());
    name.len() <= NAME_CHARACTERS_MAX && words.len() >= 2 && words.iter().all(|word| is_word(word) && all(word))
}

/// What clients stumble over: autogen over lists of types and references, AJV over unknown formats.
fn check_schema(schema: &Value, place: &str, found: &mut Vec<String>) {
    let Value::Object(keys) = schema else { return };
    for key in ["$schema", "$ref", "$defs", "definitions"] {
        if keys.contains_key(key) {
            found.push(format!("{place} has `{key}`"));
        }
    }
    if schema["type"].is_array() {
        found.push(format!("{place} has a list of types"));
    }
    if schema["format"].as_str().is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
        found.push(format!("{place} has a format that JSON Schema does not know: {}", schema["format"]));
    }
    if keys.get("default").is_some_and(Value::is_null) {
        found.push(format!("{place} has `null` as its default"));
    }
    if let Some(Value::Object(properties)) = keys.get("properties") {
        for (name, property) in properties {
            let place = format!("{place}/{name}");
            if property["description"].as_str().is_none_or(str::is_empty) {
                found.push(format!("{place} is not described"));
            }
            check_schema(property, &place, found);
        }
    }
    check_schema(&schema["items"], &format!("{place}/items"), found);
    check_schema(&schema["additionalProperties"], &format!("{place}/*"), found);
    for key in ["anyOf", "oneOf", "allOf"] {
        for (at, part) in schema[key].as_array().into_iter().flatten().enumerate() {
            check_schema(part, &format!("{place}/{key}/{at}"), found);
        }
    }
}
