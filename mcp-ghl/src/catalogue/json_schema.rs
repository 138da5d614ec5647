//! Shapes as JSON schemas, for whoever checks values with a validator.

use serde_json::{Map, Value, json};

use super::naming::definitions;
use super::shape::{Bounds, Field, List, Literal, Object, Rest, Shape, Text};

impl Shape {
    /// The JSON schema (draft 2020-12) of its values. An object refuses fields that it does not name, unless it is open.
    pub fn json_schema(&self) -> Value {
        let mut schema = keywords(self);
        let names = definitions([self]);
        if !names.is_empty() {
            let meanings = names.into_iter().map(|named| (named.name().to_owned(), keywords(named.shape()).into()));
            schema.insert("$defs".to_owned(), Value::Object(meanings.collect()));
        }
        Value::Object(schema)
    }
}

/// The schema of a shape, whose names are defined at the root.
fn keywords(shape: &Shape) -> Map<String, Value> {
    match shape {
        Shape::Any => Map::new(),
        Shape::Null => of_type("null"),
        Shape::Flag => of_type("boolean"),
        Shape::Text(text) => text_keywords(text),
        Shape::Number(bounds) => number_keywords("number", bounds),
        Shape::Integer(bounds) => number_keywords("integer", bounds),
        Shape::OneOf(values) => one("enum", values.iter().map(Literal::value).collect()),
        Shape::List(list) => list_keywords(list),
        Shape::Object(object) => object_keywords(object),
        Shape::Union(members) => one("anyOf", members.iter().map(keywords).map(Value::Object).collect()),
        Shape::Named(named) => one("$ref", format!("#/$defs/{}", named.name()).into()),
    }
}

impl Literal {
    /// As JSON.
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_ref()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Flag(flag) => Value::Bool(*flag),
        }
    }
}

fn one(keyword: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(keyword.to_owned(), value)])
}

fn of_type(name: &str) -> Map<String, Value> {
    one("type", name.into())
}

fn text_keywords(text: &Text) -> Map<String, Value> {
    let Text { format, length_min, length_max, pattern } = text;
    let mut schema = of_type("string");
    insert(&mut schema, "format", format.as_deref());
    insert(&mut schema, "minLength", *length_min);
    insert(&mut schema, "maxLength", *length_max);
    insert(&mut schema, "pattern", pattern.as_deref());
    schema
}

fn number_keywords(name: &str, bounds: &Bounds) -> Map<String, Value> {
    let mut schema = of_type(name);
    insert(&mut schema, "minimum", bounds.min.clone());
    insert(&mut schema, "maximum", bounds.max.clone());
    schema
}

fn list_keywords(list: &List) -> Map<String, Value> {
    let mut schema = of_type("array");
    schema.insert("items".to_owned(), keywords(&list.item).into());
    insert(&mut schema, "minItems", list.items_min);
    insert(&mut schema, "maxItems", list.items_max);
    schema
}

fn object_keywords(object: &Object) -> Map<String, Value> {
    let mut schema = of_type("object");
    if !object.fields.is_empty() {
        let fields = object.fields.iter().map(|field| (field.name.to_string(), keywords(&field.shape).into()));
        schema.insert("properties".to_owned(), Value::Object(fields.collect()));
    }
    let required = object.fields.iter().filter(|field| field.is_required);
    let required: Vec<&str> = required.map(|Field { name, .. }| &**name).collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    match &object.rest {
        Rest::None => insert(&mut schema, "additionalProperties", Some(false)),
        Rest::Any => {}
        Rest::Of(shape) => insert(&mut schema, "additionalProperties", Some(keywords(shape))),
    }
    schema
}

fn insert(schema: &mut Map<String, Value>, keyword: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        schema.insert(keyword.to_owned(), value.into());
    }
}
