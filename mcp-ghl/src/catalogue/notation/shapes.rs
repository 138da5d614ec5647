//! Shapes, read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Number;

use super::Unreadable;
use crate::catalogue::shape::{Bounds, Field, List, Literal, Name, Named, Object, Rest, Shape, Text};

/// Deepest nesting that is read. The deepest of the vendor's is 14.
const DEPTH_MAX: usize = 48;

/// The named shapes of a family.
pub(super) type Names = BTreeMap<&'static str, Arc<Named>>;

/// Reads one line from left to right.
#[derive(Debug)]
pub(super) struct Reader<'n> {
    rest: &'static str,
    names: &'n mut Names,
    depth: usize,
}

type Read<T> = Result<T, Unreadable>;

/// What may follow a shape.
struct Suffix {
    min: Option<u64>,
    max: Option<u64>,
}

impl<'n> Reader<'n> {
    pub(super) fn new(line: &'static str, names: &'n mut Names) -> Self {
        Self { rest: line.trim_start(), names, depth: 0 }
    }

    /// The whole of what is left, as one shape.
    pub(super) fn whole(mut self) -> Read<Shape> {
        let shape = self.shape()?;
        if self.rest.is_empty() { Ok(shape) } else { Err(Unreadable::new("the end of the line after a shape")) }
    }

    fn shape(&mut self) -> Read<Shape> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Unreadable::new(format!("at most {DEPTH_MAX} shapes inside each other")));
        }
        let mut members = vec![self.listed()?];
        while self.take("|") {
            members.push(self.listed()?);
        }
        self.depth -= 1;
        Ok(Shape::union(members))
    }

    /// A shape with its brackets.
    fn listed(&mut self) -> Read<Shape> {
        let mut shape = self.single()?;
        while self.take("[") {
            let Suffix { min, max } = self.range("]")?;
            shape = Shape::List(Box::new(List { item: shape, items_min: min, items_max: max }));
        }
        Ok(shape)
    }

    fn single(&mut self) -> Read<Shape> {
        if self.take("(") {
            let shape = self.shape()?;
            self.demand(")")?;
            return Ok(shape);
        }
        if self.rest.starts_with('{') {
            return Ok(Shape::Object(self.object()?));
        }
        if self.rest.starts_with('\'') {
            return Ok(Shape::OneOf(vec![Literal::Text(self.quoted()?)]));
        }
        if self.rest.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Ok(Shape::OneOf(vec![Literal::Number(self.number()?)]));
        }
        let word = self.word(|each| each.is_ascii_alphanumeric() || each == '_')?;
        Ok(match word {
            "any" => Shape::Any,
            "null" => Shape::Null,
            "boolean" => Shape::Flag,
            "true" => Shape::OneOf(vec![Literal::Flag(true)]),
            "false" => Shape::OneOf(vec![Literal::Flag(false)]),
            "string" => Shape::Text(self.text()?),
            "number" => Shape::Number(self.bounds()?),
            "integer" => Shape::Integer(self.bounds()?),
            name => Shape::Named(self.named(name)),
        })
    }

    /// The shape of that name, which may be told later.
    pub(super) fn named(&mut self, name: &'static str) -> Arc<Named> {
        let named = self.names.entry(name).or_insert_with(|| Arc::new(Named::new(Cow::Borrowed(name))));
        Arc::clone(named)
    }

    /// An object in its braces.
    fn object(&mut self) -> Read<Object> {
        self.demand("{")?;
        let mut object = Object { fields: Vec::new(), rest: Rest::None };
        while !self.take("}") {
            if self.take("...") {
                object.rest = if self.take(":") { Rest::Of(Box::new(self.shape()?)) } else { Rest::Any };
                self.demand("}")?;
                break;
            }
            object.fields.push(self.field()?);
            if !self.take(",") {
                self.demand("}")?;
                break;
            }
        }
        Ok(object)
    }

    fn field(&mut self) -> Read<Field> {
        let name = if self.rest.starts_with('\'') { self.quoted()? } else { Cow::Borrowed(self.word(is_of_name)?) };
        let is_required = !self.take("?");
        let shape = if self.take(":") { self.shape()? } else { Shape::TEXT };
        Ok(Field { name, is_required, shape })
    }

    /// What is asked of a text, in its parentheses.
    fn text(&mut self) -> Read<Text> {
        let mut text = Text::default();
        if !self.take("(") {
            return Ok(text);
        }
        while !self.take(")") {
            if self.rest.starts_with('\'') {
                text.pattern = Some(self.quoted()?);
            } else if self.rest.starts_with(|first: char| first == '.' || first.is_ascii_digit()) {
                let Suffix { min, max } = self.range("")?;
                (text.length_min, text.length_max) = (min, max);
            } else {
                text.format = Some(Cow::Borrowed(self.word(is_of_name)?));
            }
        }
        Ok(text)
    }

    /// The bounds of a number, in their parentheses.
    fn bounds(&mut self) -> Read<Bounds> {
        let mut bounds = Bounds::default();
        if self.take("(") {
            if !self.take("..") {
                bounds.min = Some(self.number()?);
                self.demand("..")?;
            }
            if !self.take(")") {
                bounds.max = Some(self.number()?);
                self.demand(")")?;
            }
        }
        Ok(bounds)
    }

    /// `1..50` up to that end, where either number may be missing, or both with their dots.
    fn range(&mut self, end: &str) -> Read<Suffix> {
        let min = self.count()?;
        let max = if self.take("..") { self.count()? } else { None };
        self.demand(end)?;
        Ok(Suffix { min, max })
    }

    fn count(&mut self) -> Read<Option<u64>> {
        let digits = self.while_(|each| each.is_ascii_digit());
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| Unreadable::new("a number that is not so large"))
    }

    fn number(&mut self) -> Read<Number> {
        // The dots of a range are not a number's.
        let end = self.rest.find("..").unwrap_or(self.rest.len());
        let (ahead, _) = self.rest.split_at(end);
        let length = ahead.find(|each: char| !matches!(each, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'));
        let (digits, _) = ahead.split_at(length.unwrap_or(ahead.len()));
        let number = digits.parse().map_err(|_| Unreadable::new("a number"))?;
        self.skip(digits.len());
        Ok(number)
    }

    /// A text in its quotation marks; a backslash stands before a mark and a backslash of its own.
    fn quoted(&mut self) -> Read<Name> {
        // Spaces after the first mark belong to the text.
        self.rest = self.rest.strip_prefix('\'').ok_or_else(|| Unreadable::new("a quotation mark"))?;
        let end = self.rest.find(['\'', '\\']).ok_or_else(unclosed)?;
        if self.rest.split_at(end).1.starts_with('\'') {
            let (text, _) = self.rest.split_at(end);
            self.skip(end + 1);
            return Ok(Cow::Borrowed(text));
        }
        let (mut text, mut is_escaped) = (String::new(), false);
        for (at, each) in self.rest.char_indices() {
            match each {
                '\\' if !is_escaped => is_escaped = true,
                '\'' if !is_escaped => {
                    self.skip(at + 1);
                    return Ok(Cow::Owned(text));
                }
                _ => {
                    text.push(each);
                    is_escaped = false;
                }
            }
        }
        Err(unclosed())
    }

    fn word(&mut self, is_part: impl Fn(char) -> bool) -> Read<&'static str> {
        let word = self.while_(is_part);
        if word.is_empty() { Err(Unreadable::new("a name or a shape")) } else { Ok(word) }
    }

    fn while_(&mut self, is_part: impl Fn(char) -> bool) -> &'static str {
        let end = self.rest.find(|each| !is_part(each)).unwrap_or(self.rest.len());
        let (word, _) = self.rest.split_at(end);
        self.skip(end);
        word
    }

    /// Goes past this sign if it is next.
    fn take(&mut self, sign: &str) -> bool {
        let is_next = self.rest.starts_with(sign);
        if is_next {
            self.skip(sign.len());
        }
        is_next
    }

    fn demand(&mut self, sign: &str) -> Read<()> {
        if self.take(sign) { Ok(()) } else { Err(Unreadable::new(format!("`{sign}`"))) }
    }

    /// Goes on by so many bytes, and past spaces.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default().trim_start_matches(' ');
    }
}

/// Whether a field's name may have the letter without quotation marks.
pub(super) fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$' | '-')
}

fn unclosed() -> Unreadable {
    Unreadable::new("a closing quotation mark")
}
