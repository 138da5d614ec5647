//! Schemas into shapes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Document, Folder, Unreadable};
use crate::catalogue::shape::{Bounds, Field, List, Literal, Named, Object, Rest, Shape, Text};

/// Most references and combinations inside each other that are followed at once.
const DEPTH_MAX: usize = 64;

type Read<T> = Result<T, Unreadable>;

/// Reads the schemas of one document.
#[derive(Debug)]
pub(super) struct Schemas<'d> {
    document: &'d Document,
    folder: &'d Folder,
    /// By reference.
    named: BTreeMap<String, Arc<Named>>,
    /// What is added to the name of each.
    suffix: &'static str,
    side: Side,
    depth: usize,
}

/// Where what is read stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// In a request: what the vendor calls `readOnly` is his to write, and not part of it.
    Given,
    Answered,
}

impl<'d> Schemas<'d> {
    pub(super) const fn new(document: &'d Document, folder: &'d Folder, suffix: &'static str) -> Self {
        Self { document, folder, named: BTreeMap::new(), suffix, side: Side::Answered, depth: 0 }
    }

    /// What a schema of a request means.
    pub(super) fn given(&mut self, schema: &Value) -> Read<Shape> {
        self.side = Side::Given;
        let shape = self.shape(schema);
        self.side = Side::Answered;
        shape
    }

    /// What a schema means.
    pub(super) fn shape(&mut self, schema: &Value) -> Read<Shape> {
        let Some(schema) = schema.as_object() else { return Ok(Shape::Any) };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Unreadable::new(format!("more than {DEPTH_MAX} schemas inside each other")));
        }
        let shape = self.of_object(schema);
        self.depth -= 1;
        shape
    }

    fn of_object(&mut self, schema: &Map<String, Value>) -> Read<Shape> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.referenced(reference);
        }
        if let Some(members) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(members, schema);
        }
        if let Some(members) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array()) {
            let members: Vec<Shape> = members.iter().map(|member| self.shape(member)).collect::<Read<_>>()?;
            return Ok(Shape::union(members));
        }
        let shape = self.plain(schema)?;
        let is_nullable = schema.get("nullable").and_then(Value::as_bool).unwrap_or(false);
        Ok(if is_nullable { Shape::union(vec![shape, Shape::Null]) } else { shape })
    }

    /// A shape by its name. A name that is met inside of its own meaning is told when that is read.
    fn referenced(&mut self, reference: &str) -> Read<Shape> {
        let schema = self.target(reference)?;
        // Of another meaning than in answers. Folding leaves the mark out, or makes a number of it.
        let mark = if self.side == Side::Given && self.hides(schema, &mut BTreeSet::new()) { "+" } else { "" };
        let key = format!("{reference}{mark}");
        if let Some(named) = self.named.get(&key) {
            return Ok(Shape::Named(Arc::clone(named)));
        }
        // The last part is unique in a file; folding makes a short name of it.
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let origin = if reference.starts_with('#') { "" } else { "elsewhere__" };
        let named = Arc::new(Named::new(Cow::Owned(format!("{origin}{name}{}{mark}", self.suffix))));
        self.named.insert(key, Arc::clone(&named));
        let shape = self.shape(schema)?;
        named.tell(shape);
        Ok(Shape::Named(named))
    }

    /// Whether anything in a schema is `readOnly`.
    fn hides(&self, schema: &'d Value, seen: &mut BTreeSet<&'d str>) -> bool {
        match schema {
            Value::Object(fields) => {
                let referenced = fields.get("$ref").and_then(Value::as_str).filter(|reference| seen.insert(reference));
                let target = referenced.and_then(|reference| self.target(reference).ok());
                is_read_only(schema)
                    || target.is_some_and(|target| self.hides(target, seen))
                    || fields.values().any(|field| self.hides(field, seen))
            }
            Value::Array(items) => items.iter().any(|item| self.hides(item, seen)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    fn target(&self, reference: &str) -> Read<&'d Value> {
        let schema = self.folder.schema(self.document, reference);
        schema.ok_or_else(|| Unreadable::new(format!("the reference `{reference}` leads nowhere")))
    }

    /// All of these at once: one object with the fields of all. A single one is meant for itself.
    fn all_of(&mut self, members: &[Value], schema: &Map<String, Value>) -> Read<Shape> {
        let has_own = schema.get("properties").and_then(Value::as_object).is_some_and(|own| !own.is_empty());
        if let ([member], false) = (members, has_own) {
            return self.shape(member);
        }
        let mut whole = Object { fields: Vec::new(), rest: Rest::None };
        let mut shapes: Vec<Shape> = members.iter().map(|member| self.shape(member)).collect::<Read<_>>()?;
        if has_own {
            shapes.push(self.object(schema)?);
        }
        for shape in shapes {
            let Shape::Object(Object { fields, rest }) = shape.resolved() else {
                return Err(Unreadable::new("`allOf` of what are not objects"));
            };
            for field in fields {
                whole.fields.retain(|known| known.name != field.name);
                whole.fields.push(field.clone());
            }
            if *rest != Rest::None {
                whole.rest = rest.clone();
            }
        }
        Ok(Shape::Object(whole))
    }

    /// A schema without references and combinations.
    fn plain(&mut self, schema: &Map<String, Value>) -> Read<Shape> {
        if let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|values| !values.is_empty()) {
            return choice(values);
        }
        match schema.get("type") {
            Some(Value::String(kind)) => self.of_kind(kind, schema),
            // OpenAPI 3.1.
            Some(Value::Array(kinds)) => {
                let kinds = kinds.iter().filter_map(Value::as_str);
                Ok(Shape::union(kinds.map(|kind| self.of_kind(kind, schema)).collect::<Read<_>>()?))
            }
            _ if schema.contains_key("properties") => self.object(schema),
            _ if schema.contains_key("items") => self.list(schema),
            _ => Ok(Shape::Any),
        }
    }

    fn of_kind(&mut self, kind: &str, schema: &Map<String, Value>) -> Read<Shape> {
        Ok(match kind {
            "string" => Shape::Text(text(schema)),
            "number" => Shape::Number(bounds(schema)),
            "integer" => Shape::Integer(bounds(schema)),
            "boolean" => Shape::Flag,
            "null" => Shape::Null,
            "any" => Shape::Any,
            "array" => self.list(schema)?,
            "object" => self.object_or_example(schema)?,
            other => return Err(Unreadable::new(format!("`{other}` is no type"))),
        })
    }

    fn list(&mut self, schema: &Map<String, Value>) -> Read<Shape> {
        let item = schema.get("items").map_or(Ok(Shape::Any), |items| self.shape(items))?;
        let (items_min, items_max) = (count(schema, "minItems"), count(schema, "maxItems"));
        Ok(Shape::List(Box::new(List { item, items_min, items_max })))
    }

    /// An object that names no field but shows an example of something else is something else: so are a contact's
    /// `dateOfBirth` and an opportunity's `monetaryValue` (specification of 2026-06-19).
    fn object_or_example(&mut self, schema: &Map<String, Value>) -> Read<Shape> {
        let has_fields = schema.get("properties").and_then(Value::as_object).is_some_and(|own| !own.is_empty());
        match schema.get("example") {
            Some(example) if !has_fields => Ok(match example {
                Value::String(_) => Shape::Text(text(schema)),
                Value::Number(_) => Shape::Number(bounds(schema)),
                Value::Bool(_) => Shape::Flag,
                Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => choice(items)?,
                Value::Array(_) => self.list(schema)?,
                Value::Null | Value::Object(_) => self.object(schema)?,
            }),
            _ => self.object(schema),
        }
    }

    fn object(&mut self, schema: &Map<String, Value>) -> Read<Shape> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let required: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        let side = self.side;
        let properties = properties.into_iter().flatten();
        for (name, property) in properties.filter(|(_, it)| side == Side::Answered || !is_read_only(it)) {
            let is_required = required.contains(&name.as_str());
            fields.push(Field { name: Cow::Owned(name.clone()), is_required, shape: self.shape(property)? });
        }
        let rest = match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => Rest::Any,
            Some(Value::Bool(false)) => Rest::None,
            Some(more) if more.as_object().is_some_and(|more| !more.is_empty()) => {
                Rest::Of(Box::new(self.shape(more)?))
            }
            Some(_) => Rest::Any,
            None if fields.is_empty() => Rest::Any,
            None => Rest::None,
        };
        Ok(Shape::Object(Object { fields, rest }))
    }
}

fn is_read_only(schema: &Value) -> bool {
    schema.get("readOnly").and_then(Value::as_bool).unwrap_or(false)
}

/// One of these values. Lists among them are opened: the vendor nests some.
fn choice(values: &[Value]) -> Read<Shape> {
    let mut members = Vec::new();
    for value in values {
        members.push(match value {
            Value::String(text) => Shape::OneOf(vec![Literal::Text(Cow::Owned(text.clone()))]),
            Value::Number(number) => Shape::OneOf(vec![Literal::Number(number.clone())]),
            Value::Bool(flag) => Shape::OneOf(vec![Literal::Flag(*flag)]),
            Value::Null => Shape::Null,
            Value::Array(inner) => choice(inner)?,
            Value::Object(_) => return Err(Unreadable::new("an enum of objects")),
        });
    }
    Ok(Shape::union(members))
}

fn text(schema: &Map<String, Value>) -> Text {
    let word = |key: &str| schema.get(key).and_then(Value::as_str).map(|text| Cow::Owned(text.to_owned()));
    Text {
        format: word("format"),
        length_min: count(schema, "minLength"),
        length_max: count(schema, "maxLength"),
        pattern: word("pattern"),
    }
}

fn bounds(schema: &Map<String, Value>) -> Bounds {
    let number = |key: &str| schema.get(key).and_then(Value::as_number).cloned();
    Bounds { min: number("minimum"), max: number("maximum") }
}

fn count(schema: &Map<String, Value>, key: &str) -> Option<u64> {
    schema.get(key).and_then(Value::as_u64)
}
