//! A request as its operation reads it.

use serde_json::{Map, Value};

use super::check;
use crate::catalogue::{Media, Operation, Place, Position, Shape};
use crate::sandbox::access::Grant;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::operations::Matched;

/// What was asked, checked.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) operation: &'static Operation,
    pub(super) grant: &'a Grant,
    pub(super) ids: &'a [(&'static str, String)],
    pub(super) query: Map<String, Value>,
    /// Null where there is none, and for files.
    pub(super) body: Value,
    /// Makes the same answer of the same request.
    pub(super) seed: String,
}

impl<'a> Asked<'a> {
    /// Unknown query parameters are ignored, as the vendor does; unknown fields of a body are not.
    pub(super) fn read(call: &'a Call, matched: &'a Matched, query: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        let operation = matched.operation;
        let mut faults = Vec::new();
        let query_values = read_query(operation, query, &mut faults);
        let body = read_body(operation, bytes, &mut faults)?;
        if !faults.is_empty() {
            return Err(Refusal::unprocessable(faults));
        }
        let ids: Vec<String> = matched.ids.iter().map(|(name, id)| format!("{name}={id}")).collect();
        let seed = format!("{} {} {query} {body}", operation.id, ids.join("&"));
        let asked = Self { operation, grant: &call.grant, ids: &matched.ids, query: query_values, body, seed };
        asked.require_location()?;
        Ok(asked)
    }

    /// A value by its name: of the path, then of the query.
    pub(super) fn named(&self, name: &str) -> Option<Value> {
        let of_path = self.ids.iter().find(|(known, _)| *known == name).map(|(_, id)| Value::from(id.as_str()));
        of_path.or_else(|| self.query.get(name).cloned())
    }

    /// Whether a page behind the first is asked for: nothing is there.
    pub(super) fn is_behind_first_page(&self) -> bool {
        let Some(paging) = &self.operation.paging else { return false };
        let asked = |name: &str| self.query.get(name).or_else(|| self.body.get(name));
        let is_above = |name: &str, first: f64| {
            asked(name).is_some_and(|value| {
                value.as_f64().or_else(|| value.as_str()?.parse().ok()).is_some_and(|number| number > first)
            })
        };
        match &paging.position {
            Position::Records(name) => is_above(name, 0.0),
            Position::Number { name, first } => is_above(name, f64::from(*first)),
            Position::After(marks) => marks.iter().any(|mark| asked(&mark.name).is_some_and(|value| !value.is_null())),
        }
    }

    /// A location's token reaches that location only, wherever the request names it.
    fn require_location(&self) -> Result<(), Refusal> {
        let Grant::Location { location_id, .. } = self.grant else { return Ok(()) };
        let text = |name: &str| {
            let value = self.named(name).or_else(|| self.body.get(name).cloned())?;
            value.as_str().map(str::to_owned)
        };
        let by_alt = (text("altType").as_deref() == Some("location")).then(|| text("altId")).flatten();
        for asked in [text("locationId"), text("location_id"), by_alt].into_iter().flatten() {
            if asked != *location_id {
                return Err(Refusal::other_location());
            }
        }
        Ok(())
    }
}

fn read_query(operation: &Operation, query: &str, faults: &mut Vec<String>) -> Map<String, Value> {
    let mut values = Map::new();
    for parameter in operation.parameters_in(Place::Query) {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let list_name = format!("{}[]", parameter.name);
        let texts: Vec<String> = pairs
            .filter(|(name, _)| *name == parameter.name || *name == list_name)
            .map(|(_, value)| value.into_owned())
            .filter(|text| !text.is_empty())
            .collect();
        match texts.first() {
            None if parameter.is_required => check::missing(&parameter.shape, &parameter.name, faults),
            None => {}
            Some(first) => {
                let value = if parameter.shape.is_list() {
                    let items = if texts.len() == 1 { first.split(',').map(str::to_owned).collect() } else { texts };
                    Value::Array(items.into_iter().map(|item| of_text(&item_shape(&parameter.shape), item)).collect())
                } else {
                    of_text(&parameter.shape, first.clone())
                };
                check::value(&parameter.shape, &value, &parameter.name, faults);
                values.insert(parameter.name.to_string(), value);
            }
        }
    }
    values
}

fn item_shape(shape: &Shape) -> Shape {
    if let Shape::List(list) = shape.resolved() { list.item.clone() } else { Shape::Any }
}

/// Text as the value that it stands for, where the shape has such a value; else as text.
fn of_text(shape: &Shape, text: String) -> Value {
    let read = serde_json::from_str::<Value>(&text).ok().filter(|value| !value.is_string());
    match read {
        Some(value) if check::fits(shape, &value) && !matches!(shape.resolved(), Shape::Any) => value,
        Some(_) | None => Value::String(text),
    }
}

fn read_body(operation: &Operation, bytes: &[u8], faults: &mut Vec<String>) -> Result<Value, Refusal> {
    let Some(body) = &operation.body else { return Ok(Value::Null) };
    let value = match body.media {
        // Files are taken unread.
        Media::Multipart => return Ok(Value::Null),
        _ if bytes.is_empty() && !body.is_required => return Ok(Value::Null),
        _ if bytes.is_empty() => Value::Object(Map::new()),
        Media::Json => serde_json::from_slice(bytes).map_err(|_| Refusal::bad_request("Unexpected token in JSON"))?,
        Media::Form => {
            let shape_of = |name: &str| body.shape.field(name).map_or(&Shape::Any, |field| &field.shape);
            let pairs = url::form_urlencoded::parse(bytes);
            Value::Object(
                pairs
                    .map(|(name, text)| {
                        let value = of_text(shape_of(&name), text.into_owned());
                        (name.into_owned(), value)
                    })
                    .collect(),
            )
        }
    };
    check::value(&body.shape, &value, "", faults);
    Ok(value)
}
