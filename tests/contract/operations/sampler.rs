//! Draws an operation's arguments from its shapes.

use fastrand::Rng;
use mcp_ghl::catalogue::{Bounds, Field, List, Literal, Media, Object, Operation, Place, Position, Rest, Shape, Text};
use serde_json::{Map, Number, Value, json};

/// How deep optional parts are filled in; what is required is, however deep.
const DEPTH_MAX: usize = 4;

/// What is filled in by the tools from `location`.
const FILLED: [&str; 5] = ["locationId", "location_id", "altId", "altType", "companyId"];

/// How much is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Width {
    /// What is required.
    Least,
    /// Everything.
    Whole,
    /// Some of the optional parts.
    Some,
}

impl Width {
    pub(super) const ALL: [Self; 3] = [Self::Least, Self::Whole, Self::Some];
}

pub(super) struct Sampler {
    random: Rng,
}

impl Sampler {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed) }
    }

    pub(super) fn arguments(&mut self, operation: &Operation, width: Width) -> Value {
        let mut arguments = Map::new();
        for parameter in &operation.parameters {
            let is_ours = FILLED.contains(&&*parameter.name)
                || begins_page(operation, &parameter.name)
                || (parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("version"));
            if !is_ours && self.is_given(parameter.is_required, width, 0) {
                let value = match parameter.place {
                    Place::Path => self.path_value(&parameter.name, &parameter.shape, width),
                    Place::Query | Place::Header => self.value(&parameter.name, &parameter.shape, width, 1),
                };
                arguments.insert(parameter.name.to_string(), value);
            }
        }
        let Some(body) = &operation.body else { return Value::Object(arguments) };
        match body.shape.resolved() {
            Shape::Object(object) => {
                for field in &object.fields {
                    let is_ours = FILLED.contains(&&*field.name)
                        || begins_page(operation, &field.name)
                        || arguments.contains_key(&*field.name);
                    if !is_ours && self.is_given(field.is_required, width, 0) {
                        let value = self.value(&field.name, &field.shape, width, 1);
                        arguments.insert(field.name.to_string(), value);
                    }
                }
            }
            shape if body.is_required || width != Width::Least => {
                let value = match (body.media, shape) {
                    (Media::Form | Media::Multipart, Shape::Any) => json!({"sample": "any"}),
                    _ => self.value("body", shape, width, 0),
                };
                arguments.insert("body".to_owned(), value);
            }
            _ => {}
        }
        Value::Object(arguments)
    }

    fn is_given(&mut self, is_required: bool, width: Width, depth: usize) -> bool {
        is_required
            || match width {
                Width::Least => false,
                Width::Whole => depth < DEPTH_MAX,
                Width::Some => depth < DEPTH_MAX && self.random.bool(),
            }
    }

    /// Something that may stand between two slashes.
    fn path_value(&mut self, name: &str, shape: &Shape, width: Width) -> Value {
        match shape.resolved() {
            Shape::Text(text) if text.pattern.is_none() => json!(self.id()),
            Shape::Any => json!(self.id()),
            shape => self.value(name, shape, width, 1),
        }
    }

    fn id(&mut self) -> String {
        std::iter::repeat_with(|| self.random.alphanumeric()).take(20).collect()
    }

    fn value(&mut self, name: &str, shape: &Shape, width: Width, depth: usize) -> Value {
        match shape.resolved() {
            Shape::Any | Shape::Named(_) => json!("any"),
            Shape::Null => Value::Null,
            Shape::Flag => json!(self.random.bool()),
            Shape::Text(text) => self.text(name, text),
            Shape::Number(bounds) | Shape::Integer(bounds) => Value::Number(self.number(bounds)),
            Shape::OneOf(options) => match self.random.choice(options) {
                Some(Literal::Text(text)) => json!(text),
                Some(Literal::Number(number)) => Value::Number(number.clone()),
                Some(Literal::Flag(flag)) => json!(flag),
                None => Value::Null,
            },
            Shape::List(list) => self.list(name, list, width, depth),
            Shape::Object(object) => self.object(object, width, depth),
            Shape::Union(members) => {
                let members: Vec<&Shape> = members.iter().filter(|it| !matches!(it.resolved(), Shape::Null)).collect();
                match self.random.choice(members) {
                    Some(member) => self.value(name, member, width, depth),
                    None => Value::Null,
                }
            }
        }
    }

    fn list(&mut self, name: &str, list: &List, width: Width, depth: usize) -> Value {
        let least = list.items_min.unwrap_or(1).max(1);
        let most = list.items_max.unwrap_or(2).min(2).max(least);
        let count = self.random.u64(least..=most);
        (0..count).map(|_| self.value(name, &list.item, width, depth + 1)).collect()
    }

    fn object(&mut self, object: &Object, width: Width, depth: usize) -> Value {
        let mut fields = Map::new();
        for Field { name, is_required, shape } in &object.fields {
            if self.is_given(*is_required, width, depth) {
                fields.insert(name.to_string(), self.value(name, shape, width, depth + 1));
            }
        }
        if let Rest::Of(shape) = &object.rest
            && width == Width::Whole
        {
            fields.insert("key".to_owned(), self.value("key", shape, width, depth + 1));
        }
        Value::Object(fields)
    }

    fn number(&mut self, bounds: &Bounds) -> Number {
        let least = bounds.min.as_ref().and_then(Number::as_f64).unwrap_or(1.0);
        let most = bounds.max.as_ref().and_then(Number::as_f64).unwrap_or(least + 20.0).min(least + 20.0);
        #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
        let (least, most) = (least.ceil() as i64, most.floor() as i64);
        Number::from(self.random.i64(least..=most.max(least)))
    }

    fn text(&mut self, name: &str, text: &Text) -> Value {
        if text.format.as_deref() == Some("binary") {
            return json!({"name": "sample.txt", "type": "text/plain", "base64": "c2FtcGxl"});
        }
        let words = match text.format.as_deref() {
            Some("date-time") => "2026-12-01T10:00:00Z".to_owned(),
            Some("date") => "2026-12-01".to_owned(),
            Some("time") => "10:00:00Z".to_owned(),
            Some("email") => "sample@example.com".to_owned(),
            Some("uri" | "url") => "https://example.com/sample".to_owned(),
            Some("uuid") => "0e8b1a52-6f0c-4c43-9c0e-0f6a2b6d1c11".to_owned(),
            _ if text.pattern.is_some() => by_pattern(text.pattern.as_deref().unwrap_or_default()),
            _ if name.to_lowercase().ends_with("email") => "sample@example.com".to_owned(),
            _ => format!("sample {}", self.random.u16(..)),
        };
        let longest = text.length_max.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX));
        let shortest = text.length_min.map_or(0, |length| usize::try_from(length).unwrap_or(0));
        let padded: String = words.chars().chain(std::iter::repeat('x')).take(words.len().max(shortest)).collect();
        json!(padded.chars().take(longest).collect::<String>())
    }
}

/// A text for each kind of pattern that the specifications of 2026-06-19 have.
fn by_pattern(pattern: &str) -> String {
    let texts = [
        "sample",
        "10:00",
        "2026-12-01",
        "#aabbcc",
        "+12025550143",
        "0123456789abcdef01234567",
        "https://example.com",
        "5",
        "en-US",
        "12:30 PM",
        "America/New_York",
    ];
    let compiled = jsonschema::options().build(&json!({"pattern": pattern}));
    let fits = |text: &&&str| compiled.as_ref().is_ok_and(|pattern| pattern.is_valid(&json!(text)));
    texts.iter().find(fits).map_or_else(|| format!("nothing fits {pattern}"), |text| (*text).to_owned())
}

fn begins_page(operation: &Operation, name: &str) -> bool {
    operation.paging.as_ref().is_some_and(|paging| match &paging.position {
        Position::Records(position) | Position::Number { name: position, .. } => position == name,
        Position::After(marks) => marks.iter().any(|mark| mark.name == name),
    })
}
