//! Path items into operations.

use std::borrow::Cow;

use http::Method;
use serde_json::{Map, Value};

use super::schemas::Schemas;
use super::{Document, Folder, Unreadable};
use crate::catalogue::operation::{Body, Generation, Media, Operation, Parameter, Place, Token, Version, placeholders};
use crate::catalogue::shape::{Name, Shape};

type Read<T> = Result<T, Unreadable>;

/// Families that v3 has renamed (specifications of 2026-06-19).
const RENAMED: [(&str, &str); 3] =
    [("ad-manager", "ad-publishing"), ("saas-api", "saas"), ("social-media-posting", "social-planner")];

/// The methods of a path item.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

pub(super) fn read(document: &Document, folder: &Folder) -> Result<Vec<Operation>, Vec<Unreadable>> {
    let generation = document.generation();
    let mut schemas = Schemas::new(document, folder, if generation == Generation::V2 { "V2" } else { "" });
    let (mut operations, mut faults) = (Vec::new(), Vec::new());
    for (path, item) in document.paths() {
        for (method, json) in METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?))) {
            let source = Source { document, path, item, json, generation };
            match source.operation(method, &mut schemas) {
                Ok(operation) => operations.push(operation),
                Err(Unreadable { why, .. }) => {
                    faults.push(Unreadable { place: Some(format!("{} {path}", method.to_uppercase())), why });
                }
            }
        }
    }
    if faults.is_empty() { Ok(operations) } else { Err(faults) }
}

/// An operation as a document has it.
struct Source<'d> {
    document: &'d Document,
    path: &'d str,
    item: &'d Map<String, Value>,
    json: &'d Value,
    generation: Generation,
}

impl Source<'_> {
    fn operation(&self, method: &str, schemas: &mut Schemas<'_>) -> Read<Operation> {
        let Self { path, json, generation, .. } = self;
        let summary = json.get("summary").and_then(Value::as_str).unwrap_or_default();
        let (family, local_id) = self.id()?;
        let mut operation = Operation::unknown(&family, &local_id, Cow::Owned(one_line(summary)));
        let method = Method::from_bytes(method.to_uppercase().as_bytes());
        operation.method = method.map_err(|_| Unreadable::new("the method is none"))?;
        operation.path = Cow::Owned((*path).to_owned());
        operation.generation = *generation;
        operation.version = match version_of(json) {
            Some("v3") => Version::V3,
            Some(date) => Version::Dated(Cow::Owned(date.to_owned())),
            None if *generation == Generation::V3 => Version::V3,
            None => Version::Dated(Cow::Borrowed(DATED)),
        };
        operation.parameters = self.parameters(schemas)?;
        operation.body = json.get("requestBody").map(|body| self::body(body, schemas)).transpose()?.flatten();
        (operation.status, operation.answer) = answer(json, schemas)?;
        (operation.tokens, operation.scopes) = security(json)?;
        operation.is_deprecated = json.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
        Ok(operation)
    }

    /// The family, and the operation's own part of the id. A merged file says both apart.
    fn id(&self) -> Read<(Name, String)> {
        let word = |key: &str| self.json.get(key).and_then(Value::as_str);
        let family = word("x-ghl-family").unwrap_or_else(|| self.document.family());
        let id = word("x-ghl-operation-id").or_else(|| word("operationId"));
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| Unreadable::new("`operationId` is missing"))?;
        let local_id = id.strip_prefix(family).and_then(|rest| rest.strip_prefix('.')).unwrap_or(id);
        let family = RENAMED.iter().find(|(old, _)| *old == family).map_or(family, |(_, new)| *new);
        Ok((Cow::Owned(family.to_owned()), local_id.split_whitespace().collect::<Vec<_>>().join("-")))
    }

    /// Those of the path in its order, then those of the query, then headers.
    fn parameters(&self, schemas: &mut Schemas<'_>) -> Read<Vec<Parameter>> {
        let lists = [self.json.get("parameters"), self.item.get("parameters")];
        let mut given: Vec<Parameter> = Vec::new();
        for json in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
            if let Some(parameter) = parameter(json, schemas)?
                && !given.iter().any(|known| known.name == parameter.name && known.place == parameter.place)
            {
                given.push(parameter);
            }
        }
        // The vendor leaves some of the path out of the list, and calls some optional.
        let mut parameters: Vec<Parameter> = Vec::new();
        for name in placeholders(self.path) {
            let known = given.iter().find(|known| known.place == Place::Path && known.name == name);
            let shape = known.map_or(Shape::TEXT, |known| known.shape.clone());
            parameters.push(Parameter { shape, ..Parameter::of_path(Cow::Owned(name.to_owned())) });
        }
        for place in [Place::Query, Place::Header] {
            parameters.extend(given.iter().filter(|known| known.place == place).cloned());
        }
        Ok(parameters)
    }
}

/// The dated version of an operation that does not say: that of most (specification of 2026-06-19).
const DATED: &str = "2021-07-28";

/// The version that an operation asks for.
pub(super) fn version_of(operation: &Value) -> Option<&str> {
    let parameters = operation.get("parameters")?.as_array()?;
    let version = parameters.iter().find(|parameter| is_named(parameter, "version"))?;
    version.pointer("/schema/enum/0")?.as_str()
}

fn is_named(parameter: &Value, name: &str) -> bool {
    let is_header = parameter.get("in").and_then(Value::as_str) == Some("header");
    is_header && parameter.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// A parameter, unless the client itself takes care of it.
fn parameter(json: &Value, schemas: &mut Schemas<'_>) -> Read<Option<Parameter>> {
    if is_named(json, "version") || is_named(json, "authorization") {
        return Ok(None);
    }
    let name = json.get("name").and_then(Value::as_str).ok_or_else(|| Unreadable::new("a parameter without a name"))?;
    let place = match json.get("in").and_then(Value::as_str) {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        _ => return Err(Unreadable::new(format!("parameter `{name}` is in no known place"))),
    };
    let is_required = json.get("required").and_then(Value::as_bool).unwrap_or(false);
    let mut shape = schemas.given(json.get("schema").unwrap_or(json))?;
    if shape == Shape::Any {
        shape = schemas.given(json)?;
    }
    Ok(Some(Parameter { name: Cow::Owned(name.to_owned()), place, is_required, shape }))
}

/// The body, in the first of the ways to write it that we can write.
fn body(json: &Value, schemas: &mut Schemas<'_>) -> Read<Option<Body>> {
    let Some(content) = json.get("content").and_then(Value::as_object) else { return Ok(None) };
    let media = [Media::Json, Media::Form, Media::Multipart];
    let found = media.into_iter().find_map(|media| Some((media, content.get(media.content_type())?)));
    let (media, content) = found.ok_or_else(|| Unreadable::new("the body is neither JSON nor a form"))?;
    let shape = content.get("schema").map_or(Ok(Shape::Any), |schema| schemas.given(schema))?;
    let is_required = json.get("required").and_then(Value::as_bool).unwrap_or(false);
    Ok(Some(Body { media, is_required, shape }))
}

/// The first status of success, and what it says.
fn answer(json: &Value, schemas: &mut Schemas<'_>) -> Read<(u16, Option<Shape>)> {
    let responses = json.get("responses").and_then(Value::as_object);
    let success = responses.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let Some((status, response)) = success else { return Ok((200, None)) };
    let schema = response.get("content").and_then(|content| content.get(Media::Json.content_type())?.get("schema"));
    let shape = schema.map(|schema| schemas.shape(schema)).transpose()?;
    Ok((status.parse().unwrap_or(200), shape))
}

/// Which tokens will do, and the scopes that they need.
fn security(json: &Value) -> Read<(Vec<Token>, Vec<Name>)> {
    let (mut tokens, mut scopes) = (Vec::new(), Vec::<Name>::new());
    let requirements = json.get("security").and_then(Value::as_array).into_iter().flatten();
    for (scheme, needed) in requirements.filter_map(Value::as_object).flatten() {
        let token = match scheme.as_str() {
            // Both say "sub-account": the specification of 2026-06-19 uses either.
            "bearer" | "Location-Access" => Token::Location,
            "Location-Access-Only" => Token::LocationLogin,
            "Agency-Access" => Token::Agency,
            "Agency-Access-Only" => Token::AgencyLogin,
            other => return Err(Unreadable::new(format!("`{other}` is no known kind of token"))),
        };
        if !tokens.contains(&token) {
            tokens.push(token);
        }
        for scope in needed.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(Cow::Owned(scope.to_owned()));
            }
        }
    }
    Ok((tokens, scopes))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
