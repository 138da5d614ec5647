//! Every operation that the emulator answers from its shape, asked once with as little as its specification demands.

use std::collections::BTreeSet;

use mcp_ghl::catalogue::{Bounds, Catalogue, Literal, Media, Operation, Place, Shape, Text, Token};
use mcp_ghl::sandbox::{AGENCY_TOKEN, company_id};
use serde_json::{Map, Value};

use super::{location_id, location_token, operations_v2, operations_v3};
use crate::plain_http::Client;

/// A 24-digit id, which both the vendor's forms of ids accept.
const ID: &str = "6578278e879ad2646715ba9c";

/// Asks all that no handler of the emulator's own answers. Returns the operations asked.
pub(crate) async fn drive(client: &Client) -> BTreeSet<String> {
    let handled: BTreeSet<&str> = operations_v2().into_iter().chain(operations_v3()).collect();
    let mut asked = BTreeSet::new();
    for operation in Catalogue::embedded().unwrap().operations() {
        let wants_login = |token: &Token| matches!(token, Token::LocationLogin | Token::AgencyLogin);
        let is_login_only = !operation.tokens.is_empty() && operation.tokens.iter().all(wants_login);
        if handled.contains(&*operation.id) || operation.family == "oauth" || is_login_only {
            continue;
        }
        let is_agencys = !operation.tokens.is_empty() && !operation.tokens.contains(&Token::Location);
        let client = client.with_version(operation.version.header());
        let client = client.with_token(if is_agencys { AGENCY_TOKEN } else { location_token() });
        let (content_type, body) = body(operation);
        client.send_as(content_type, operation.method.as_str(), &target(operation), &body).await;
        asked.insert(operation.id.to_string());
    }
    asked
}

fn target(operation: &Operation) -> String {
    let mut path = operation.path.to_string();
    for parameter in operation.parameters_in(Place::Path) {
        let value = text_of(&sample(&parameter.shape, &parameter.name));
        path = path.replace(&format!("{{{}}}", parameter.name), &value);
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for parameter in operation.parameters_in(Place::Query).filter(|parameter| parameter.is_required) {
        match sample(&parameter.shape, &parameter.name) {
            Value::Array(items) => {
                for item in &items {
                    query.append_pair(&parameter.name, &text_of(item));
                }
            }
            value => drop(query.append_pair(&parameter.name, &text_of(&value))),
        }
    }
    let query = query.finish();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

fn body(operation: &Operation) -> (&'static str, String) {
    let Some(body) = &operation.body else { return ("application/json", String::new()) };
    let value = sample(&body.shape, "");
    let fields = || value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text_of(value)));
    match body.media {
        Media::Json => ("application/json", value.to_string()),
        Media::Form => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            fields().for_each(|(name, value)| drop(form.append_pair(&name, &value)));
            (body.media.content_type(), form.finish())
        }
        Media::Multipart => {
            let parts: String = fields()
                .map(|(name, value)| {
                    format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                })
                .collect();
            ("multipart/form-data; boundary=edge", format!("{parts}--edge--\r\n"))
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value with what is required alone.
fn sample(shape: &Shape, name: &str) -> Value {
    match shape.resolved() {
        Shape::Any | Shape::Named(_) => Value::Object(Map::new()),
        Shape::Null => Value::Null,
        Shape::Flag => Value::Bool(false),
        Shape::Text(text) => Value::String(text_sample(text, name)),
        Shape::Number(bounds) | Shape::Integer(bounds) => number_sample(bounds),
        Shape::OneOf(literals) => literals.iter().find(|literal| is_location(literal)).unwrap_or(&literals[0]).value(),
        Shape::List(list) => {
            let count = list.items_min.unwrap_or(1).max(1);
            (0..count).map(|_| sample(&list.item, name)).collect()
        }
        Shape::Object(object) => {
            let required = object.fields.iter().filter(|field| field.is_required);
            required.map(|field| (field.name.to_string(), sample(&field.shape, &field.name))).collect()
        }
        Shape::Union(members) => sample(&members[0], name),
    }
}

fn is_location(literal: &Literal) -> bool {
    matches!(literal, Literal::Text(text) if text == "location")
}

fn number_sample(bounds: &Bounds) -> Value {
    bounds.min.clone().or_else(|| bounds.max.clone()).map_or_else(|| Value::from(1), Value::Number)
}

fn text_sample(text: &Text, name: &str) -> String {
    let lower = name.to_lowercase();
    let sample = match (text.format.as_deref(), lower.as_str()) {
        (Some("date-time"), _) => "2026-12-01T09:00:00.000Z".to_owned(),
        (Some("date"), _) => "2026-12-01".to_owned(),
        (Some("email"), _) => "ada@example.com".to_owned(),
        (_, "locationid" | "location_id" | "altid") => location_id().to_owned(),
        (_, "companyid") => company_id(),
        (_, "alttype") => "location".to_owned(),
        (_, "timezone") => "America/New_York".to_owned(),
        (_, name) if name.contains("email") => "ada@example.com".to_owned(),
        (_, name) if name.contains("url") => "https://example.com/a".to_owned(),
        (_, name) if name.contains("date") || name.ends_with("time") => "2026-12-01T09:00:00.000Z".to_owned(),
        _ => ID.to_owned(),
    };
    let min = usize::try_from(text.length_min.unwrap_or(0)).unwrap();
    let max = usize::try_from(text.length_max.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    format!("{sample:x<min$}").chars().take(max).collect()
}
