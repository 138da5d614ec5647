//! Every operation that the emulator answers from its shape, asked once with as little as its specification demands.

use std::collections::BTreeSet;

use axum::http::Method;
use mcp_ghl::catalogue::{Bounds, Catalogue, Literal, Media, Operation, Place, Shape, Text, Token};
use mcp_ghl::sandbox::{AGENCY_TOKEN, company_id};
use serde_json::{Map, Value};

use super::{location_id, location_token, operations_v2, operations_v3};
use crate::plain_http::{Answer, Client};

/// What the oracle does not accept, and why that is not the emulator's fault.
pub(crate) const UNJUDGED: &[(&str, &str)] = &[
    ("ad-manager.fb-get-reporting-list", "only the dated specification demands `campaignId`; the catalogue follows v3"),
    (
        "ad-manager.fb-update-custom-audience",
        "only the dated specification demands a description; the catalogue follows v3",
    ),
    ("conversations.upload-file-attachments", "Prism reads a list in a multipart body as text"),
    ("email-isv.verify-email", "`oneOf` with members that fit each other's values"),
    ("locations.GET-all-or-email-sms-templates", "`oneOf` with members that fit each other's values"),
    ("social-planner.get-oauth-accounts", "`oneOf` with members that fit each other's values"),
    ("social-planner.attach-oauth-accounts", "`oneOf` with members that fit each other's values"),
    ("social-planner.get-upload-status", "demands `_id` of an object whose properties have it as `id`"),
    ("social-planner.get-csv-post", "demands `_id` of an object whose properties have it as `id`"),
    ("none", "an operation that the dated specification has not and that asks for a dated version all the same"),
];

/// A value from outside of the operation's own.
struct Sampler {
    /// 24 hexadecimal digits, the longest of the vendor's forms; each operation has its own, as some take records away.
    id: String,
    /// Stands at the end of the path instead: of a record that is there.
    record: Option<String>,
}

/// Collections that handlers read and shapes fill: what is changed or taken away in them must be there.
const COLLECTIONS: [&str; 4] = ["/associations/", "/invoices/", "/products/", "/products/{productId}/price"];

/// The operation that makes what another changes or takes away.
fn maker(operation: &Operation) -> Option<&'static Operation> {
    if !operation.path.ends_with('}') || operation.method == Method::GET {
        return None;
    }
    let (collection, _) = operation.path.rsplit_once('/')?;
    let path = COLLECTIONS.iter().find(|path| path.trim_end_matches('/') == collection)?;
    Catalogue::embedded().unwrap().by_route(&Method::POST, path)
}

/// What was asked.
#[derive(Default)]
pub(crate) struct Driven {
    pub from_shapes: BTreeSet<String>,
    /// Handlers that do not know the sampled id.
    pub refused_by_handlers: BTreeSet<String>,
}

/// Asks all that is not driven elsewhere.
pub(crate) async fn drive(client: &Client) -> Driven {
    let handled: BTreeSet<&str> = operations_v2().into_iter().chain(operations_v3()).collect();
    let mut driven = Driven::default();
    for (number, operation) in Catalogue::embedded().unwrap().operations().enumerate() {
        let wants_login = |token: &Token| matches!(token, Token::LocationLogin | Token::AgencyLogin);
        let is_login_only = !operation.tokens.is_empty() && operation.tokens.iter().all(wants_login);
        // The catalogue tells apart what the vendor calls the same in both generations.
        let id = operation.id.trim_end_matches("-v2");
        if handled.contains(id) || operation.family == "oauth" || is_login_only {
            continue;
        }
        let is_agencys = !operation.tokens.is_empty() && !operation.tokens.contains(&Token::Location);
        let client = client.with_version(operation.version.header());
        let client = client.with_token(if is_agencys { AGENCY_TOKEN } else { location_token() });
        let mut sampler = Sampler { id: format!("6578278e879ad264{number:08x}"), record: None };
        if let Some(maker) = maker(operation) {
            let made = sampler.ask(&client, maker).await;
            let id = made.body.get("_id").or_else(|| made.body.get("id"));
            sampler.record = id.and_then(Value::as_str).map(str::to_owned);
        }
        let answer = sampler.ask(&client, operation).await;
        let message = answer.body["message"].as_str().unwrap_or_default();
        // A shape's own refusals.
        let is_shapes = ["Record with id", "Unexpected token", "Endpoint"].iter().any(|own| message.starts_with(own));
        let is_handlers = answer.status == 400 && !is_shapes;
        let asked = if is_handlers { &mut driven.refused_by_handlers } else { &mut driven.from_shapes };
        asked.insert(id.to_owned());
    }
    driven
}

impl Sampler {
    async fn ask(&self, client: &Client, operation: &Operation) -> Answer {
        let (content_type, body) = self.body(operation);
        client.send_as(content_type, operation.method.as_str(), &self.target(operation), &body).await
    }

    fn target(&self, operation: &Operation) -> String {
        let mut path = operation.path.to_string();
        if let Some((collection, id)) = self.record.as_ref().and_then(|id| Some((path.rsplit_once('/')?.0, id))) {
            path = format!("{collection}/{id}");
        }
        for parameter in operation.parameters_in(Place::Path) {
            let value = text_of(&self.sample(&parameter.shape, &parameter.name));
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for parameter in operation.parameters_in(Place::Query).filter(|parameter| parameter.is_required) {
            match self.sample(&parameter.shape, &parameter.name) {
                Value::Array(items) => {
                    for item in &items {
                        query.append_pair(&parameter.name, &text_of(item));
                    }
                }
                value => {
                    query.append_pair(&parameter.name, &text_of(&value));
                }
            }
        }
        let query = query.finish();
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    fn body(&self, operation: &Operation) -> (&'static str, String) {
        let Some(body) = &operation.body else { return ("application/json", String::new()) };
        let value = self.sample(&body.shape, "");
        let fields = || value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text_of(value)));
        match body.media {
            Media::Json => ("application/json", value.to_string()),
            Media::Form => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields() {
                    form.append_pair(&name, &value);
                }
                (body.media.content_type(), form.finish())
            }
            Media::Multipart => {
                let part = |(name, value): (String, String)| {
                    format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                };
                let parts: Vec<String> = fields().map(part).collect();
                ("multipart/form-data; boundary=edge", format!("{}--edge--\r\n", parts.concat()))
            }
        }
    }

    /// A value with what is required alone.
    fn sample(&self, shape: &Shape, name: &str) -> Value {
        match shape.resolved() {
            Shape::Any | Shape::Named(_) => Value::Object(Map::new()),
            Shape::Null => Value::Null,
            Shape::Flag => Value::Bool(false),
            Shape::Text(text) => Value::String(self.text_sample(text, name)),
            Shape::Number(bounds) | Shape::Integer(bounds) => number_sample(bounds),
            Shape::OneOf(literals) => {
                literals.iter().find(|literal| is_location(literal)).unwrap_or(&literals[0]).value()
            }
            Shape::List(list) => {
                let count = list.items_min.unwrap_or(1).max(1);
                (0..count).map(|_| self.sample(&list.item, name)).collect()
            }
            Shape::Object(object) => {
                let required = object.fields.iter().filter(|field| field.is_required);
                required.map(|field| (field.name.to_string(), self.sample(&field.shape, &field.name))).collect()
            }
            Shape::Union(members) => self.sample(&members[0], name),
        }
    }

    fn text_sample(&self, text: &Text, name: &str) -> String {
        let lower = name.to_lowercase();
        let pattern = text.pattern.as_deref().unwrap_or_default();
        let sample = match (text.format.as_deref(), lower.as_str()) {
            _ if pattern.contains("\\d{4}-") => "2026-12-01".to_owned(),
            _ if pattern.contains("[0-5][0-9]") => "09:00".to_owned(),
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
            _ => self.id.clone(),
        };
        let min = usize::try_from(text.length_min.unwrap_or(0)).unwrap();
        let max = usize::try_from(text.length_max.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        format!("{sample:x<min$}").chars().take(max).collect()
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_location(literal: &Literal) -> bool {
    matches!(literal, Literal::Text(text) if text == "location")
}

fn number_sample(bounds: &Bounds) -> Value {
    bounds.min.clone().or_else(|| bounds.max.clone()).map_or_else(|| Value::from(1), Value::Number)
}
