//! Families and shapes, written.

use std::fmt::{self, Display, Formatter};

use super::shapes::is_of_name;
use crate::catalogue::Family;
use crate::catalogue::operation::{Operation, Parameter, Place};
use crate::catalogue::shape::{Bounds, Field, Literal, Object, Rest, Shape, Text, definitions};

/// The file of a family.
pub(super) fn family(family: &Family) -> String {
    let mut text = format!("family {}\n", family.name);
    let mut names = definitions(family.operations.iter().flat_map(Operation::shapes));
    names.sort_by(|one, other| one.name().cmp(other.name()));
    if !names.is_empty() {
        text.push('\n');
    }
    for named in names {
        text.push_str(&format!("type {} = {}\n", named.name(), Written::stored(named.shape())));
    }
    for operation in &family.operations {
        text.push_str(&format!("\n{}: {}\n", operation.local_id(), operation.summary));
        for (key, rest) in facts(operation) {
            let space = if rest.is_empty() { "" } else { " " };
            text.push_str(&format!(" {key}{space}{rest}\n"));
        }
    }
    text
}

/// The lines of an operation: a key, and what it has.
fn facts(operation: &Operation) -> Vec<(&'static str, String)> {
    let Operation { method, path, version, older, generation, access, paging, body, .. } = operation;
    let older = older.as_ref().map(|date| format!(" {date}")).unwrap_or_default();
    let only_v2 = generation.mark().map(|mark| format!(" {mark}")).unwrap_or_default();
    let mut facts = vec![("call", format!("{method} {path} {}{older}{only_v2}", version.header()))];
    facts.push(("access", access.as_str().to_owned()));
    if !operation.tokens.is_empty() {
        let tokens: Vec<&str> = operation.tokens.iter().map(|token| token.as_str()).collect();
        facts.push(("token", tokens.join(" ")));
    }
    if !operation.scopes.is_empty() {
        facts.push(("scope", operation.scopes.join(" ")));
    }
    if operation.is_deprecated {
        facts.push(("deprecated", String::new()));
    }
    if let Some(paging) = paging {
        facts.push(("pages", paging.to_string()));
    }
    for place in [Place::Path, Place::Query, Place::Header] {
        let parameters = operation.parameters_in(place).filter(|it| place != Place::Path || it.shape != Shape::TEXT);
        let parameters: Vec<Field> = parameters.map(Parameter::as_field).collect();
        if !parameters.is_empty() {
            facts.push((place.as_str(), fields(parameters, Names::Kept)));
        }
    }
    if let Some(body) = body {
        let optional = if body.is_required { "" } else { "? " };
        facts.push(("body", format!("{optional}{} {}", body.media.as_str(), Written::stored(&body.shape))));
    }
    let answer = operation.answer.as_ref().map(|shape| format!(" {}", Written::stored(shape))).unwrap_or_default();
    facts.push(("answer", format!("{}{answer}", operation.status)));
    facts
}

/// What a call takes.
pub(super) fn signature(operation: &Operation) -> String {
    let mut parts = Vec::new();
    for place in [Place::Path, Place::Query, Place::Header] {
        let parameters: Vec<Field> = operation.parameters_in(place).map(Parameter::as_field).collect();
        if !parameters.is_empty() {
            parts.push(format!("{} {}", place.as_str(), fields(parameters, Names::Resolved)));
        }
    }
    if let Some(body) = &operation.body {
        let optional = if body.is_required { "" } else { "?" };
        let shape = Written { shape: &body.shape, names: Names::Resolved, inside: None };
        parts.push(format!("body{optional} {shape}"));
    }
    parts.join(" ")
}

fn fields(fields: Vec<Field>, names: Names) -> String {
    let shape = Shape::Object(Object { fields, rest: Rest::None });
    Written { shape: &shape, names, inside: None }.to_string()
}

/// What becomes of names of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// They stand for themselves: the file tells what they mean.
    Kept,
    /// What they mean stands there, but for a name inside of what it means itself.
    Resolved,
}

/// A shape on its way to text.
#[derive(Clone, Copy)]
struct Written<'s> {
    shape: &'s Shape,
    names: Names,
    inside: Option<&'s Inside<'s>>,
}

/// The names around a shape, innermost first.
struct Inside<'s> {
    name: &'s str,
    around: Option<&'s Inside<'s>>,
}

impl<'s> Written<'s> {
    const fn stored(shape: &'s Shape) -> Self {
        Self { shape, names: Names::Kept, inside: None }
    }

    const fn of(self, shape: &'s Shape) -> Self {
        Self { shape, ..self }
    }

    fn is_inside(self, name: &str) -> bool {
        let mut inside = self.inside;
        while let Some(Inside { name: outer, around }) = inside {
            if *outer == name {
                return true;
            }
            inside = *around;
        }
        false
    }
}

impl Display for Written<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.shape {
            Shape::Any => f.write_str("any"),
            Shape::Null => f.write_str("null"),
            Shape::Flag => f.write_str("boolean"),
            Shape::Text(text) => write_text(f, text),
            Shape::Number(bounds) => write_number(f, "number", bounds),
            Shape::Integer(bounds) => write_number(f, "integer", bounds),
            Shape::OneOf(values) => joined(f, values, |f, value| write_literal(f, value)),
            Shape::List(list) => {
                let item = self.of(&list.item);
                let is_choice = match &list.item {
                    Shape::OneOf(values) => values.len() > 1,
                    other => matches!(other, Shape::Union(_)),
                };
                if is_choice {
                    write!(f, "({item})")?
                } else {
                    write!(f, "{item}")?
                }
                write!(f, "[{}]", Range(list.items_min, list.items_max))
            }
            Shape::Object(object) => self.write_object(f, object),
            Shape::Union(members) => joined(f, members, |f, member| write!(f, "{}", self.of(member))),
            Shape::Named(named) if self.names == Names::Kept || self.is_inside(named.name()) => {
                f.write_str(named.name())
            }
            Shape::Named(named) => {
                let inside = Inside { name: named.name(), around: self.inside };
                let meaning = Written { shape: named.shape(), names: self.names, inside: Some(&inside) };
                write!(f, "{meaning}")
            }
        }
    }
}

impl Written<'_> {
    fn write_object(&self, f: &mut Formatter<'_>, object: &Object) -> fmt::Result {
        f.write_str("{")?;
        let mut separator = "";
        for Field { name, is_required, shape } in &object.fields {
            f.write_str(separator)?;
            separator = ", ";
            if !name.is_empty() && name.chars().all(is_of_name) {
                f.write_str(name)?
            } else {
                quote(f, name)?
            }
            f.write_str(if *is_required { "" } else { "?" })?;
            if *shape != Shape::TEXT {
                write!(f, ": {}", self.of(shape))?;
            }
        }
        match &object.rest {
            Rest::None => {}
            Rest::Any => write!(f, "{separator}...")?,
            Rest::Of(shape) => write!(f, "{separator}...: {}", self.of(shape))?,
        }
        f.write_str("}")
    }
}

fn write_text(f: &mut Formatter<'_>, text: &Text) -> fmt::Result {
    let Text { format, length_min, length_max, pattern } = text;
    f.write_str("string")?;
    if *text == Text::default() {
        return Ok(());
    }
    let mut separator = "(";
    if let Some(format) = format {
        write!(f, "{separator}{format}")?;
        separator = " ";
    }
    if length_min.is_some() || length_max.is_some() {
        write!(f, "{separator}{}", Range(*length_min, *length_max))?;
        separator = " ";
    }
    if let Some(pattern) = pattern {
        f.write_str(separator)?;
        quote(f, pattern)?;
    }
    f.write_str(")")
}

fn write_number(f: &mut Formatter<'_>, name: &str, bounds: &Bounds) -> fmt::Result {
    match bounds {
        Bounds { min: None, max: None } => f.write_str(name),
        Bounds { min: Some(min), max: None } => write!(f, "{name}({min}..)"),
        Bounds { min: None, max: Some(max) } => write!(f, "{name}(..{max})"),
        Bounds { min: Some(min), max: Some(max) } => write!(f, "{name}({min}..{max})"),
    }
}

fn write_literal(f: &mut Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Text(text) => quote(f, text),
        Literal::Number(number) => write!(f, "{number}"),
        Literal::Flag(flag) => write!(f, "{flag}"),
    }
}

/// In quotation marks, on one line.
fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    for each in text.chars() {
        match each {
            '\\' | '\'' => write!(f, "\\{each}")?,
            _ => write!(f, "{each}")?,
        }
    }
    f.write_str("'")
}

fn joined<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    write_item: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str("|")?;
        }
        write_item(f, item)?;
    }
    Ok(())
}

/// From a count to a count, both included; nothing if there is neither.
struct Range(Option<u64>, Option<u64>);

impl Display for Range {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self(None, None) => Ok(()),
            Self(Some(min), None) => write!(f, "{min}.."),
            Self(None, Some(max)) => write!(f, "..{max}"),
            Self(Some(min), Some(max)) => write!(f, "{min}..{max}"),
        }
    }
}
