//! Shapes, written.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use super::shapes::is_of_name;
use crate::catalogue::shape::{Bounds, Field, Literal, Object, Rest, Shape, Text};

/// Fields in their braces.
pub(super) fn fields(fields: Vec<Field>, names: &Names) -> String {
    let shape = Shape::Object(Object { fields, rest: Rest::None });
    Written { shape: &shape, names }.to_string()
}

/// Which names of shapes stand for themselves; in place of others stands what they mean.
#[derive(Debug)]
pub(super) enum Names {
    /// All: the file tells what they mean.
    All,
    /// These, for readers who do not see the file.
    Some(BTreeSet<String>),
}

impl Names {
    pub(super) fn keep(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.contains(name),
        }
    }
}

/// Values of a choice that readers see; a few of the vendor's have hundreds.
const VALUES_SHOWN_MAX: usize = 24;

/// A meaning that is told apart if it is meant more than once, in characters.
const LONG_CHARACTERS: usize = 60;

/// A shape on its way to text.
#[derive(Clone, Copy)]
pub(super) struct Written<'s> {
    pub(super) shape: &'s Shape,
    pub(super) names: &'s Names,
}

impl<'s> Written<'s> {
    pub(super) const fn stored(shape: &'s Shape) -> Self {
        Self { shape, names: &Names::All }
    }

    const fn of(self, shape: &'s Shape) -> Self {
        Self { shape, names: self.names }
    }

    pub(super) fn is_long(self) -> bool {
        self.to_string().len() > LONG_CHARACTERS
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
            Shape::OneOf(values) => self.write_choice(f, values),
            Shape::List(list) => {
                let item = self.of(&list.item);
                let is_choice = self.is_choice(&list.item);
                if is_choice {
                    write!(f, "({item})")?;
                } else {
                    write!(f, "{item}")?;
                }
                write!(f, "[{}]", Range(list.items_min, list.items_max))
            }
            Shape::Object(object) => self.write_object(f, object),
            Shape::Union(members) => joined(f, members, |f, member| write!(f, "{}", self.of(member))),
            Shape::Named(named) if self.names.keep(named.name()) => f.write_str(named.name()),
            Shape::Named(named) => write!(f, "{}", self.of(named.shape())),
        }
    }
}

impl Written<'_> {
    /// Whether it is written with bars between.
    fn is_choice(&self, shape: &Shape) -> bool {
        match shape {
            Shape::OneOf(values) => values.len() > 1,
            Shape::Named(named) if !self.names.keep(named.name()) => self.is_choice(named.shape()),
            other => matches!(other, Shape::Union(_)),
        }
    }

    fn write_choice(&self, f: &mut Formatter<'_>, values: &[Literal]) -> fmt::Result {
        let is_stored = matches!(self.names, Names::All);
        let shown = if is_stored { values.len() } else { values.len().min(VALUES_SHOWN_MAX) };
        let (shown, others) = values.split_at(shown);
        joined(f, shown, write_literal)?;
        if others.is_empty() { Ok(()) } else { write!(f, "|… {} more", others.len()) }
    }

    fn write_object(&self, f: &mut Formatter<'_>, object: &Object) -> fmt::Result {
        f.write_str("{")?;
        let mut separator = "";
        for Field { name, is_required, shape } in &object.fields {
            f.write_str(separator)?;
            separator = ", ";
            if !name.is_empty() && name.chars().all(is_of_name) {
                f.write_str(name)?;
            } else {
                quote(f, name)?;
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
