//! Holds values against shapes before anything is sent: every fault at once, with its place, never repeating a value.

use common::error::Fault;
use common::tool::matches_pattern;
use serde_json::{Map, Number, Value};

use crate::catalogue::{Bounds, Field, List, Literal, Object, Rest, Shape, Text};
use crate::names::likeness_percent;

/// Where a value is sent, which decides how strictly its type is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As JSON: a number is no text.
    Json,
    /// As text, in a path, a query or a form: `"5"` and `5` are sent alike, and one value is a list of one.
    Text,
}

/// How alike two names must be, 0 to 100, for one to be offered for the other.
const LIKENESS_MIN: usize = 35;

/// Collects what is wrong with values.
#[derive(Debug)]
pub(super) struct Check {
    reading: Reading,
    pub(super) faults: Vec<Fault>,
}

impl Check {
    pub(super) const fn new(reading: Reading) -> Self {
        Self { reading, faults: Vec::new() }
    }

    /// Holds a value at a place (a JSON Pointer) against its shape.
    pub(super) fn value(&mut self, shape: &Shape, value: &Value, place: &str) {
        let shape = shape.resolved();
        if value.is_null() && (self.reading == Reading::Text || !admits_null(shape)) {
            return self.fault(place, "cannot be emptied by a null: give a value, or leave it out", shape);
        }
        let is_right = match shape {
            Shape::Any | Shape::Named(_) => true,
            Shape::Null => value.is_null(),
            Shape::Flag => value.is_boolean() || self.spells(value, |text| matches!(text, "true" | "false")),
            Shape::Text(text) if is_file(text) => return self.file(value, place),
            Shape::Text(text) => match self.text(value) {
                Some(given) => return self.characters(text, &given, place),
                None => false,
            },
            Shape::Number(bounds) | Shape::Integer(bounds) => match self.number(value) {
                Some(number) => return self.bounds(shape, bounds, &number, place),
                None => false,
            },
            Shape::OneOf(options) => {
                if !options.iter().any(|option| self.is_option(option, value)) {
                    self.fault(place, "is not one of the accepted values", shape);
                }
                return;
            }
            Shape::List(list) => match value {
                Value::Array(items) => return self.items(list, items, place),
                single if self.reading == Reading::Text => return self.value(&list.item, single, place),
                _ => false,
            },
            Shape::Object(object) => match value {
                Value::Object(fields) => return self.fields(object, fields, place),
                _ => false,
            },
            Shape::Union(members) => return self.choice(shape, members, value, place),
        };
        if !is_right {
            self.fault(place, "has the wrong type", shape);
        }
    }

    /// Holds the fields of an object against those that it may have.
    pub(super) fn fields(&mut self, object: &Object, given: &Map<String, Value>, place: &str) {
        for field in &object.fields {
            match given.get(&*field.name) {
                Some(value) => self.value(&field.shape, value, &format!("{place}/{}", field.name)),
                None if field.is_required => self.fault(&format!("{place}/{}", field.name), "is missing", &field.shape),
                None => {}
            }
        }
        for (name, value) in given {
            if object.fields.iter().any(|field| field.name == *name) {
                continue;
            }
            match &object.rest {
                Rest::Any => {}
                Rest::Of(shape) => self.value(shape, value, &format!("{place}/{name}")),
                Rest::None => {
                    let known = object.fields.iter().map(|field| &*field.name);
                    self.faults.push(unknown(place, name, known));
                }
            }
        }
    }

    fn spells(&self, value: &Value, is_meant: impl Fn(&str) -> bool) -> bool {
        self.reading == Reading::Text && value.as_str().is_some_and(is_meant)
    }

    fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) if self.reading == Reading::Text => Some(value.to_string()),
            Value::Number(_) | Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn number(&self, value: &Value) -> Option<Number> {
        match value {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) if self.reading == Reading::Text => text.trim().parse().ok(),
            Value::String(_) | Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn is_option(&self, option: &Literal, value: &Value) -> bool {
        match option {
            Literal::Text(text) => value.as_str() == Some(text),
            Literal::Number(number) => self.number(value).is_some_and(|given| given.as_f64() == number.as_f64()),
            Literal::Flag(flag) => {
                value.as_bool() == Some(*flag) || self.spells(value, |text| text == flag.to_string())
            }
        }
    }

    fn characters(&mut self, text: &Text, given: &str, place: &str) {
        let length = u64::try_from(given.chars().count()).unwrap_or(u64::MAX);
        let problem = if text.length_min.is_some_and(|min| length < min) {
            "is too short"
        } else if text.length_max.is_some_and(|max| length > max) {
            "is too long"
        } else if text.pattern.as_deref().is_some_and(|pattern| !matches_pattern(pattern, given))
            || (text.format.as_deref() == Some("date-time") && !is_instant(given))
        {
            "does not have the right form"
        } else {
            return;
        };
        self.fault(place, problem, &Shape::Text(text.clone()));
    }

    fn bounds(&mut self, shape: &Shape, bounds: &Bounds, number: &Number, place: &str) {
        let Some(given) = number.as_f64() else { return };
        let limit = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
        let problem = if matches!(shape, Shape::Integer(_)) && given.fract() != 0.0 {
            "is not a whole number"
        } else if limit(&bounds.min).is_some_and(|min| given < min) {
            "is too small"
        } else if limit(&bounds.max).is_some_and(|max| given > max) {
            "is too large"
        } else {
            return;
        };
        self.fault(place, problem, shape);
    }

    fn items(&mut self, list: &List, items: &[Value], place: &str) {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        if list.items_min.is_some_and(|min| count < min) {
            self.fault(place, "has too few items", &Shape::List(Box::new(list.clone())));
        } else if list.items_max.is_some_and(|max| count > max) {
            self.fault(place, "has too many items", &Shape::List(Box::new(list.clone())));
        }
        for (index, item) in items.iter().enumerate() {
            self.value(&list.item, item, &format!("{place}/{index}"));
        }
    }

    /// Speaks of the choice that the value comes nearest to.
    fn choice(&mut self, shape: &Shape, members: &[Shape], value: &Value, place: &str) {
        let mut nearest: Option<Vec<Fault>> = None;
        for member in members {
            let mut check = Self::new(self.reading);
            check.value(member, value, place);
            if check.faults.is_empty() {
                return;
            }
            // One that is wrong as a whole says less than one that is wrong in parts.
            let is_inside = check.faults.iter().all(|fault| fault.field != place);
            if is_inside && nearest.as_ref().is_none_or(|best| check.faults.len() < best.len()) {
                nearest = Some(check.faults);
            }
        }
        match nearest {
            Some(faults) => self.faults.extend(faults),
            None => self.fault(place, "fits none of the choices", shape),
        }
    }

    fn file(&mut self, value: &Value, place: &str) {
        let part = |name: &str| value.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if !part("name") || !part("base64") {
            self.faults.push(Fault {
                field: place.to_owned(),
                problem: "is not a file".to_owned(),
                expected: "a file's name and its bytes in Base64".to_owned(),
                example: Some(r#"{"name": "offer.pdf", "type": "application/pdf", "base64": "JVBERi0…"}"#.to_owned()),
            });
        }
    }

    pub(super) fn fault(&mut self, place: &str, problem: &str, shape: &Shape) {
        let example = match shape.resolved() {
            Shape::OneOf(options) => options.first().map(|option| literal(option).to_string()),
            Shape::Text(text) if text.format.as_deref() == Some("date-time") => {
                Some("\"2026-11-20T09:00:00Z\"".to_owned())
            }
            _ => None,
        };
        self.faults.push(Fault {
            field: place.to_owned(),
            problem: problem.to_owned(),
            expected: expected(shape),
            example,
        });
    }
}

/// A name that is not known at a place, with the nearest that is.
pub(super) fn unknown<'a>(place: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Fault {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let given = plain(name);
    let nearest = known.clone().map(|known| (likeness_percent(&given, &plain(known)), known)).max_by_key(|(it, _)| *it);
    let expected = match nearest {
        Some((likeness, nearest)) if likeness >= LIKENESS_MIN => format!("`{nearest}`, perhaps"),
        Some(_) => format!("one of {}", known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        None => "nothing here".to_owned(),
    };
    Fault {
        field: format!("{place}/{name}"),
        problem: "is not a field of this operation".to_owned(),
        expected,
        example: None,
    }
}

/// Whether a text stands for the bytes of a file.
pub(super) fn is_file(text: &Text) -> bool {
    text.format.as_deref() == Some("binary")
}

pub(super) fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::from(text.as_ref()),
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::Flag(flag) => Value::Bool(*flag),
    }
}

/// An instant, or what the vendor takes for one: a date with or without a time.
fn is_instant(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

/// A shape in a few words.
fn expected(shape: &Shape) -> String {
    match shape.resolved() {
        Shape::Any | Shape::Named(_) => "any value".to_owned(),
        Shape::Null => "nothing".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Text(text) => {
            let length = range(text.length_min.as_ref(), text.length_max.as_ref(), " characters");
            let form = text.pattern.as_ref().or(text.format.as_ref());
            format!("text{length}{}", form.map_or_else(String::new, |form| format!(" ({form})")))
        }
        Shape::Number(bounds) => format!("a number{}", range(bounds.min.as_ref(), bounds.max.as_ref(), "")),
        Shape::Integer(bounds) => format!("a whole number{}", range(bounds.min.as_ref(), bounds.max.as_ref(), "")),
        Shape::OneOf(options) => {
            let options: Vec<String> = options.iter().map(|option| literal(option).to_string()).collect();
            format!("one of {}", options.join(", "))
        }
        Shape::List(list) => {
            let count = range(list.items_min.as_ref(), list.items_max.as_ref(), " items");
            format!("a list{count} of {}", expected(&list.item))
        }
        Shape::Object(object) => {
            let name = |field: &Field| format!("`{}`{}", field.name, if field.is_required { "" } else { "?" });
            let names: Vec<String> = object.fields.iter().map(name).collect();
            format!("an object with {}", if names.is_empty() { "any fields".to_owned() } else { names.join(", ") })
        }
        Shape::Union(members) => members.iter().map(expected).collect::<Vec<_>>().join(", or "),
    }
}

/// Whether a null can stand for a value, as far as the vendor says.
fn admits_null(shape: &Shape) -> bool {
    match shape.resolved() {
        Shape::Any | Shape::Null | Shape::Named(_) => true,
        Shape::Union(members) => members.iter().any(admits_null),
        Shape::Flag
        | Shape::Text(_)
        | Shape::Number(_)
        | Shape::Integer(_)
        | Shape::OneOf(_)
        | Shape::List(_)
        | Shape::Object(_) => false,
    }
}

fn range<T: ToString>(min: Option<&T>, max: Option<&T>, unit: &str) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!(" from {} to {}{unit}", min.to_string(), max.to_string()),
        (Some(min), None) => format!(" of at least {}{unit}", min.to_string()),
        (None, Some(max)) => format!(" of at most {}{unit}", max.to_string()),
        (None, None) => String::new(),
    }
}
