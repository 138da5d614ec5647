//! What a value may be: the facts of a JSON schema that matter to a caller, without its prose.

use std::borrow::Cow;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, OnceLock};

use serde_json::Number;

/// A word of the vendor's: borrowed from the embedded text, owned if read at run time.
pub type Name = Cow<'static, str>;

/// What a value may be. A value that may be null is a [`Shape::Union`] with [`Shape::Null`].
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// The vendor does not say.
    Any,
    Null,
    /// True or false.
    Flag,
    Text(Text),
    Number(Bounds),
    /// A number without a fraction.
    Integer(Bounds),
    /// One of these values; never empty.
    OneOf(Vec<Literal>),
    List(Box<List>),
    Object(Object),
    /// Any of these; at least two.
    Union(Vec<Shape>),
    /// A shape that stands once and is meant in several places, or in itself.
    Named(Arc<Named>),
}

/// Text, and what is asked of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// A format of JSON Schema: `date-time`, or `binary` for a file.
    pub format: Option<Name>,
    /// In characters.
    pub length_min: Option<u64>,
    /// In characters.
    pub length_max: Option<u64>,
    /// A regular expression (ECMA-262).
    pub pattern: Option<Name>,
}

/// Between which numbers, both included.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    pub min: Option<Number>,
    pub max: Option<Number>,
}

/// A value that stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Text(Name),
    Number(Number),
    Flag(bool),
}

/// Values of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub item: Shape,
    pub items_min: Option<u64>,
    pub items_max: Option<u64>,
}

/// Fields by name, in the vendor's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub fields: Vec<Field>,
    pub rest: Rest,
}

/// Which fields an object may have besides those that it names.
#[derive(Debug, Clone, PartialEq)]
pub enum Rest {
    /// None. The vendor forbids them, or names fields and says nothing of others.
    None,
    /// Any.
    Any,
    /// Any name, with values of this shape: a map.
    Of(Box<Shape>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: Name,
    pub is_required: bool,
    pub shape: Shape,
}

/// A shape with a name, unique in its family.
pub struct Named {
    name: Name,
    // Set once, after its name: a shape may mean itself.
    shape: OnceLock<Shape>,
}

/// What [`Named::shape`] is before it is told.
static UNTOLD: Shape = Shape::Any;

impl Named {
    pub(super) const fn new(name: Name) -> Self {
        Self { name, shape: OnceLock::new() }
    }

    /// Tells what the name means; not if it has been told.
    pub(super) fn tell(&self, shape: Shape) -> bool {
        self.shape.set(shape).is_ok()
    }

    pub(super) fn is_told(&self) -> bool {
        self.shape.get().is_some()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the name means.
    pub fn shape(&self) -> &Shape {
        self.shape.get().unwrap_or(&UNTOLD)
    }
}

/// By name, as it may contain itself.
impl Debug for Named {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Named").field(&self.name).finish()
    }
}

/// By name: whoever compares shapes of two catalogues compares their definitions too.
impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Shape {
    /// Any text.
    pub const TEXT: Self = Self::Text(Text { format: None, length_min: None, length_max: None, pattern: None });

    /// An object of which nothing is known.
    pub const fn open_object() -> Self {
        Self::Object(Object { fields: Vec::new(), rest: Rest::Any })
    }

    /// Any of these, written in one way only: choices inside are opened, values gathered, repetitions dropped.
    pub(super) fn union(members: Vec<Self>) -> Self {
        let mut open: Vec<Self> = Vec::with_capacity(members.len());
        for member in members {
            match member {
                Self::Union(inner) => inner.into_iter().for_each(|each| add(&mut open, each)),
                other => add(&mut open, other),
            }
        }
        match open.len() {
            1 => open.pop().unwrap_or(Self::Any),
            0 => Self::Any,
            _ => Self::Union(open),
        }
    }

    /// The shape itself, or what its name means.
    pub fn resolved(&self) -> &Self {
        if let Self::Named(named) = self { named.shape().resolved() } else { self }
    }

    /// The shapes that this one is made of, in their order; not what a name means.
    pub(super) fn parts(&self) -> impl DoubleEndedIterator<Item = &Self> {
        let (fields, rest, members): (&[Field], Option<&Self>, &[Self]) = match self {
            Self::List(list) => (&[], Some(&list.item), &[]),
            Self::Object(Object { fields, rest: Rest::Of(shape) }) => (fields, Some(&**shape), &[]),
            Self::Object(Object { fields, rest: Rest::None | Rest::Any }) => (fields, None, &[]),
            Self::Union(members) => (&[], None, members),
            Self::Any
            | Self::Null
            | Self::Flag
            | Self::Text(_)
            | Self::Number(_)
            | Self::Integer(_)
            | Self::OneOf(_)
            | Self::Named(_) => (&[], None, &[]),
        };
        fields.iter().map(|field| &field.shape).chain(rest).chain(members)
    }

    /// Whether null is among the values.
    pub fn is_nullable(&self) -> bool {
        let shape = self.resolved();
        let members = if let Self::Union(members) = shape { members.as_slice() } else { &[] };
        matches!(shape, Self::Any | Self::Null) || members.iter().any(Self::is_nullable)
    }

    /// Whether the value is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.resolved(), Self::List(_))
    }

    /// The fields of an object; none for anything else, and for a choice between objects.
    pub fn fields(&self) -> &[Field] {
        if let Self::Object(object) = self.resolved() { &object.fields } else { &[] }
    }

    /// The field of that name of an object.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

/// Adds a member to a choice.
fn add(members: &mut Vec<Shape>, member: Shape) {
    if let Shape::OneOf(more) = &member
        && let Some(Shape::OneOf(values)) = members.iter_mut().find(|known| matches!(known, Shape::OneOf(_)))
    {
        for value in more {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    } else if !members.contains(&member) {
        members.push(member);
    }
}
