//! One operation of the vendor's API.

use common::audit::Access;
use http::Method;

use super::shape::{Name, Shape};

/// One operation: facts of the vendor's specification, and our words and judgement on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// `family.operation`, in the vendor's spelling: `contacts.upsert-contact`. Unique, whatever the case of its letters.
    pub id: Name,
    /// The first part of the id.
    pub family: Name,
    /// What it does, in our words: one line, up to 80 characters.
    pub summary: Name,
    pub method: Method,
    /// With its exact trailing slash; `{name}` stands for the parameter of that name.
    pub path: Name,
    /// Which of the vendor's specifications has it.
    pub generation: Generation,
    /// The value of the `Version` header to ask for.
    pub version: Version,
    /// The dated version to ask where v3 says that it has removed the operation.
    pub older: Option<Name>,
    /// In the path, the query or a header, without `Version` and `Authorization`.
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    /// The status of success: 200, 201 or 204.
    pub status: u16,
    /// What success says; absent if the vendor does not say.
    pub answer: Option<Shape>,
    /// All of these are needed.
    pub scopes: Vec<Name>,
    /// Any of these will do; empty if the vendor does not say.
    pub tokens: Vec<Token>,
    /// What it does to the world. Hand-checked for what is embedded; the stricter class by rule for what is not.
    pub access: Access,
    /// How to get the next page, if there are pages.
    pub paging: Option<Paging>,
    /// Whether the vendor advises against it.
    pub is_deprecated: bool,
}

/// A generation of the vendor's specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// The dated versions. An operation of this generation is not in v3.
    V2,
    V3,
}

/// The API version that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    V3,
    /// A dated version before v3, such as `2021-07-28`. Some operations of v3 ask for it.
    Dated(Name),
}

impl Version {
    /// The value of the `Version` header.
    pub fn header(&self) -> &str {
        match self {
            Self::V3 => "v3",
            Self::Dated(date) => date,
        }
    }
}

/// A parameter outside of the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As it is sent, with its brackets if it has any.
    pub name: Name,
    pub place: Place,
    pub is_required: bool,
    /// A list is sent by repeating the parameter (OpenAPI 3.0, style `form`, `explode`).
    pub shape: Shape,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
}

/// What is sent in the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    pub media: Media,
    pub is_required: bool,
    pub shape: Shape,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`; a field of format `binary` is a file.
    Multipart,
}

impl Media {
    /// The value of `Content-Type`, without a boundary.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data",
        }
    }
}

/// A kind of token that an operation accepts (security schemes of the specification of 2026-06-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// Of a location: of a login, or a private integration token.
    Location,
    /// Of a location, of a login only.
    LocationLogin,
    /// Of an agency: of a login, or a private integration token.
    Agency,
    /// Of an agency, of a login only.
    AgencyLogin,
}

/// How the next page is asked for. Names are those of query parameters, or of fields of the body if there is no such
/// parameter ([`Operation::query`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub position: Position,
    /// The name of the page size, if it can be chosen.
    pub size: Option<Name>,
}

/// What says where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// How many records come before it: `skip`, `offset`.
    Records(Name),
    /// Its number. The first is number 1, seldom 0.
    Number { name: Name, first: u8 },
    /// Values that the last page gave.
    After(Vec<Mark>),
}

/// A value of one page that asks for the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The name under which it is sent.
    pub name: Name,
    /// Where the last page has it: field names joined by dots; a number picks from a list, -1 its last, as in
    /// `contacts.-1.searchAfter`.
    pub source: Name,
}

impl Operation {
    /// The part of the id after the family.
    pub fn local_id(&self) -> &str {
        self.id.split_once('.').map_or(&*self.id, |(_, local)| local)
    }

    /// The parameters of one place, in the vendor's order.
    pub fn parameters_in(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// The query parameter of that name.
    pub fn query(&self, name: &str) -> Option<&Parameter> {
        self.parameters_in(Place::Query).find(|parameter| parameter.name == name)
    }
}

impl Operation {
    /// The shapes of what a call takes.
    pub(super) fn request_shapes(&self) -> impl Iterator<Item = &Shape> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.shape);
        parameters.chain(self.body.as_ref().map(|body| &body.shape))
    }

    /// The shapes of what a call takes and gives.
    pub(super) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.request_shapes().chain(&self.answer)
    }

    pub(super) fn shapes_mut(&mut self) -> impl Iterator<Item = &mut Shape> {
        let parameters = self.parameters.iter_mut().map(|parameter| &mut parameter.shape);
        parameters.chain(self.body.as_mut().map(|body| &mut body.shape)).chain(&mut self.answer)
    }
}

/// The names between the braces of a path, in their order.
pub(super) fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}
