//! How the notation spells what is not a shape.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use crate::catalogue::operation::{Generation, Mark, Media, Paging, Parameter, Place, Position, Token};
use crate::catalogue::shape::{Field, Name, Shape};

impl Place {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

impl Generation {
    /// What stands after the version of an operation that v3 does not have.
    pub(super) const fn mark(self) -> Option<&'static str> {
        match self {
            Self::V2 => Some("gone"),
            Self::V3 => None,
        }
    }
}

impl Media {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form => "form",
            Self::Multipart => "multipart",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Json, Self::Form, Self::Multipart].into_iter().find(|media| media.as_str() == word)
    }
}

impl Token {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::LocationLogin => "location-login",
            Self::Agency => "agency",
            Self::AgencyLogin => "agency-login",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let all = [Self::Location, Self::LocationLogin, Self::Agency, Self::AgencyLogin];
        all.into_iter().find(|token| token.as_str() == word)
    }
}

impl Parameter {
    /// A parameter of the path, which is text unless told otherwise.
    pub(in crate::catalogue) const fn of_path(name: Name) -> Self {
        Self { name, place: Place::Path, is_required: true, shape: Shape::TEXT }
    }

    pub(super) fn from_field(field: Field, place: Place) -> Self {
        let Field { name, is_required, shape } = field;
        Self { name, place, is_required, shape }
    }

    pub(super) fn as_field(&self) -> Field {
        let Self { name, is_required, shape, .. } = self;
        Field { name: name.clone(), is_required: *is_required, shape: shape.clone() }
    }
}

/// `records skip by limit`, `number page by pageSize`, `number page from 0`, `after startAfter=meta.startAfter startAfterId=meta.startAfterId
/// by limit`; without `by` where the size cannot be chosen.
impl Display for Paging {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.position {
            Position::Records(name) => write!(f, "records {name}")?,
            Position::Number { name, first: 1 } => write!(f, "number {name}")?,
            Position::Number { name, first } => write!(f, "number {name} from {first}")?,
            Position::After(marks) => {
                f.write_str("after")?;
                for Mark { name, source } in marks {
                    write!(f, " {name}={source}")?;
                }
            }
        }
        self.size.as_ref().map_or(Ok(()), |size| write!(f, " by {size}"))
    }
}

impl Paging {
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let (position, size) = text.split_once(" by ").map_or((text, None), |(position, size)| (position, Some(size)));
        let (kind, rest) = position.split_once(' ')?;
        let position = match kind {
            "records" => Position::Records(Cow::Borrowed(rest)),
            "number" => {
                let (name, first) = rest.split_once(" from ").unwrap_or((rest, "1"));
                Position::Number { name: Cow::Borrowed(name), first: first.parse().ok()? }
            }
            "after" => Position::After(rest.split(' ').map(mark).collect::<Option<_>>()?),
            _ => return None,
        };
        Some(Self { position, size: size.map(Cow::Borrowed) })
    }
}

fn mark(text: &'static str) -> Option<Mark> {
    let (name, source) = text.split_once('=')?;
    Some(Mark { name: Cow::Borrowed(name), source: Cow::Borrowed(source) })
}
