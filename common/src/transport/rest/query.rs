//! A query string read as a tool's schema says.

use rmcp::model::JsonObject;
use serde_json::Value;

use crate::tool::Alias;

/// The arguments in a query: a repeated name is a list. What does not fit its type stays text, for the tool's own check to
/// name it.
pub(super) fn arguments(alias: &Alias, schema: &JsonObject, query: &str) -> JsonObject {
    let mut arguments = JsonObject::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let argument = alias.argument(&name);
        let property = schema.get("properties").and_then(|properties| properties.get(argument));
        let is_list = property.is_some_and(|property| has_type(property, "array"));
        if is_list {
            let item = property.and_then(|property| property.get("items"));
            let list = arguments.entry(argument).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(typed(item, text.into_owned()));
            }
        } else {
            arguments.insert(argument.to_owned(), typed(property, text.into_owned()));
        }
    }
    arguments
}

fn typed(schema: Option<&Value>, text: String) -> Value {
    let is = |kind| schema.is_some_and(|schema| has_type(schema, kind));
    let parsed = match text.as_str() {
        "true" | "false" if is("boolean") => Some(Value::Bool(text == "true")),
        number if is("integer") => number.parse::<i64>().ok().map(Value::from),
        number if is("number") => number.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or(Value::String(text))
}

fn has_type(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_becomes_what_the_schema_says_and_else_stays_text() {
        const ALIAS: Alias = Alias::get("/x", "search_x").renaming(&[("tag", "tags")]);
        let schema = json!({"properties": {
            "limit": {"type": "integer"}, "share": {"type": "number"}, "deep": {"type": "boolean"}, "query": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
        }});
        let read = |query| Value::Object(arguments(&ALIAS, schema.as_object().unwrap(), query));
        assert_eq!(
            read("limit=5&share=0.5&deep=true&query=12&tag=a%20b&tag=c&other=1"),
            json!({"limit": 5, "share": 0.5, "deep": true, "query": "12", "tags": ["a b", "c"], "other": "1"})
        );
        assert_eq!(read("limit=five&deep=yes"), json!({"limit": "five", "deep": "yes"}));
        assert_eq!(read(""), json!({}));
    }
}
