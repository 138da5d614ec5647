//! Whether a value has its shape, in the words of the vendor's validator.

use serde_json::{Map, Value};

use crate::catalogue::{Bounds, List, Literal, Object, Rest, Shape, Text};

/// Whether nothing is wrong with a value.
pub(super) fn fits(shape: &Shape, value: &Value) -> bool {
    let mut faults = Vec::new();
    self::value(shape, value, "", &mut faults);
    faults.is_empty()
}

/// Adds every fault of a value. `place` is its path, empty for a body.
pub(super) fn value(shape: &Shape, value: &Value, place: &str, faults: &mut Vec<String>) {
    match shape.resolved() {
        Shape::Any | Shape::Named(_) => {}
        Shape::Null if value.is_null() => {}
        Shape::Null => fault(place, "must be null", faults),
        Shape::Flag if value.is_boolean() => {}
        Shape::Flag => fault(place, "must be a boolean value", faults),
        Shape::Text(expected) => match value {
            Value::String(text) => self::text(expected, text, place, faults),
            _ => fault(place, "must be a string", faults),
        },
        Shape::Number(bounds) => match value.as_f64() {
            Some(number) => self::number(bounds, number, place, faults),
            None => fault(place, "must be a number conforming to the specified constraints", faults),
        },
        Shape::Integer(bounds) => match value.as_f64().filter(|number| number.fract() == 0.0) {
            Some(number) => self::number(bounds, number, place, faults),
            None => fault(place, "must be an integer number", faults),
        },
        Shape::OneOf(literals) => {
            if !literals.iter().any(|literal| literal.value() == *value) {
                let listed: Vec<String> = literals.iter().map(written).collect();
                fault(place, &format!("must be one of the following values: {}", listed.join(", ")), faults);
            }
        }
        Shape::List(list) => match value {
            Value::Array(items) => self::list(list, items, place, faults),
            _ => fault(place, "must be an array", faults),
        },
        Shape::Object(object) => match value {
            Value::Object(fields) => self::object(object, fields, place, faults),
            _ => fault(place, "must be an object", faults),
        },
        Shape::Union(members) => union(members, value, place, faults),
    }
}

/// Adds what the validator says about a value that is not there.
pub(super) fn missing(shape: &Shape, place: &str, faults: &mut Vec<String>) {
    match shape.resolved() {
        Shape::Text(_) => fault(place, "must be a string", faults),
        Shape::List(_) => fault(place, "must be an array", faults),
        Shape::Any
        | Shape::Null
        | Shape::Flag
        | Shape::Number(_)
        | Shape::Integer(_)
        | Shape::OneOf(_)
        | Shape::Object(_)
        | Shape::Union(_)
        | Shape::Named(_) => {}
    }
    fault(place, "should not be empty", faults);
}

fn fault(place: &str, problem: &str, faults: &mut Vec<String>) {
    let place = if place.is_empty() { "the body" } else { place };
    faults.push(format!("{place} {problem}"));
}

fn text(expected: &Text, text: &str, place: &str, faults: &mut Vec<String>) {
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    if let Some(min) = expected.length_min.filter(|min| length < *min) {
        fault(place, &format!("must be longer than or equal to {min} characters"), faults);
    }
    if let Some(max) = expected.length_max.filter(|max| length > *max) {
        fault(place, &format!("must be shorter than or equal to {max} characters"), faults);
    }
}

fn number(bounds: &Bounds, number: f64, place: &str, faults: &mut Vec<String>) {
    if let Some(min) = bounds.min.as_ref().filter(|min| min.as_f64().is_some_and(|min| number < min)) {
        fault(place, &format!("must not be less than {min}"), faults);
    }
    if let Some(max) = bounds.max.as_ref().filter(|max| max.as_f64().is_some_and(|max| number > max)) {
        fault(place, &format!("must not be greater than {max}"), faults);
    }
}

fn list(list: &List, items: &[Value], place: &str, faults: &mut Vec<String>) {
    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
    if let Some(min) = list.items_min.filter(|min| count < *min) {
        fault(place, &format!("must contain at least {min} elements"), faults);
    }
    if let Some(max) = list.items_max.filter(|max| count > *max) {
        fault(place, &format!("must contain no more than {max} elements"), faults);
    }
    for (position, item) in items.iter().enumerate() {
        value(&list.item, item, &inside(place, &position.to_string()), faults);
    }
}

fn object(object: &Object, fields: &Map<String, Value>, place: &str, faults: &mut Vec<String>) {
    for field in &object.fields {
        let place = inside(place, &field.name);
        match fields.get(field.name.as_ref()) {
            None if field.is_required => missing(&field.shape, &place, faults),
            // The vendor's validator skips what is null and need not be there.
            Some(Value::Null) if !field.is_required => {}
            Some(found) => value(&field.shape, found, &place, faults),
            None => {}
        }
    }
    for (name, found) in fields {
        if object.fields.iter().any(|field| field.name == *name) {
            continue;
        }
        match &object.rest {
            Rest::None => faults.push(inside(place, &format!("property {name} should not exist"))),
            Rest::Any => {}
            Rest::Of(shape) => value(shape, found, &inside(place, name), faults),
        }
    }
}

/// The faults of the member that it comes closest to.
fn union(members: &[Shape], found: &Value, place: &str, faults: &mut Vec<String>) {
    let of_member = |member: &Shape| {
        let mut faults = Vec::new();
        value(member, found, place, &mut faults);
        faults
    };
    let closest = members.iter().map(of_member).min_by_key(Vec::len);
    faults.extend(closest.unwrap_or_default());
}

fn inside(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn written(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Flag(flag) => flag.to_string(),
    }
}
