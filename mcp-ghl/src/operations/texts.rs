//! Values in places that know only text: paths, queries, headers and forms.

use serde_json::Value;

/// The texts under one name: a list is the same name again and again.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        single => vec![text(single)],
    }
}

/// One text: its own, or the JSON of what is none.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
