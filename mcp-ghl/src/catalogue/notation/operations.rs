//! The lines of a family's file, read.

use std::borrow::Cow;

use common::audit::Access;
use http::Method;

use super::Unreadable;
use super::shapes::{Names, Reader};
use crate::catalogue::Family;
use crate::catalogue::operation::{
    Body, Generation, Media, Operation, Paging, Parameter, Place, Token, Version, placeholders,
};
use crate::catalogue::shape::{Name, Shape};

type Read<T> = Result<T, Unreadable>;

/// Reads the file of a family.
pub(super) fn read(text: &'static str) -> Read<Family> {
    let mut names = Names::new();
    let mut family: Option<Family> = None;
    let mut last = 0;
    for (at, line) in text.lines().enumerate() {
        last = at + 1;
        read_line(line, &mut family, &mut names).map_err(|error| Unreadable { line: last, ..error })?;
    }
    let family = family.ok_or_else(|| Unreadable::new("`family` and its name"))?;
    if let Some(operation) = family.operations.iter().find(|operation| operation.path.is_empty()) {
        return Err(Unreadable { line: last, expected: format!("a call of {}", operation.id) });
    }
    match names.into_values().find(|it| !it.is_told()) {
        Some(untold) => Err(Unreadable { line: last, expected: format!("a type {}", untold.name()) }),
        None => Ok(family),
    }
}

fn read_line(line: &'static str, family: &mut Option<Family>, names: &mut Names) -> Read<()> {
    if line.is_empty() {
        return Ok(());
    }
    let Some(family) = family else {
        let name = line.strip_prefix("family ").ok_or_else(|| Unreadable::new("`family` and its name"))?;
        *family = Some(Family { name: Cow::Borrowed(name), operations: Vec::new() });
        return Ok(());
    };
    if let Some(fact) = line.strip_prefix(' ') {
        let operation = family.operations.last_mut().ok_or_else(|| Unreadable::new("an operation before its facts"))?;
        let (key, rest) = fact.split_once(' ').unwrap_or((fact, ""));
        return read_fact(operation, key, rest, names);
    }
    if let Some((name, shape)) = line.strip_prefix("type ").and_then(|rest| rest.split_once(" = ")) {
        let shape = Reader::new(shape, names).whole()?;
        let meant = Reader::new("", names).named(name);
        return if meant.tell(shape) { Ok(()) } else { Err(Unreadable::new("a type that is not there already")) };
    }
    let (id, summary) = line.split_once(": ").ok_or_else(|| Unreadable::new("an operation, `: ` and its summary"))?;
    family.operations.push(Operation::unknown(&family.name, id, Cow::Borrowed(summary)));
    Ok(())
}

fn read_fact(operation: &mut Operation, key: &str, rest: &'static str, names: &mut Names) -> Read<()> {
    match key {
        "call" => read_call(operation, rest)?,
        "access" => operation.access = Access::parse(rest).ok_or_else(|| Unreadable::new("an access class"))?,
        "token" => operation.tokens = rest.split(' ').map(token).collect::<Read<_>>()?,
        "scope" => operation.scopes = rest.split(' ').map(Cow::Borrowed).collect(),
        "deprecated" => operation.is_deprecated = true,
        "pages" => operation.paging = Some(Paging::parse(rest).ok_or_else(|| Unreadable::new("a way of paging"))?),
        "path" => {
            for given in read_parameters(rest, Place::Path, names)? {
                let known = operation.parameters.iter_mut().find(|known| known.name == given.name);
                *known.ok_or_else(|| Unreadable::new("a name that the path has"))? = given;
            }
        }
        "query" => operation.parameters.extend(read_parameters(rest, Place::Query, names)?),
        "header" => operation.parameters.extend(read_parameters(rest, Place::Header, names)?),
        "body" => operation.body = Some(read_body(rest, names)?),
        "answer" => {
            let (status, shape) = rest.split_once(' ').map_or((rest, None), |(status, shape)| (status, Some(shape)));
            operation.status = status.parse().map_err(|_| Unreadable::new("a status"))?;
            operation.answer = shape.map(|shape| Reader::new(shape, names).whole()).transpose()?;
        }
        _ => return Err(Unreadable::new("a known key")),
    }
    Ok(())
}

/// `GET /path/{id} v3 2021-07-28`.
fn read_call(operation: &mut Operation, rest: &'static str) -> Read<()> {
    let mut words = rest.split(' ');
    let method = words.next().and_then(|word| Method::from_bytes(word.as_bytes()).ok());
    operation.method = method.ok_or_else(|| Unreadable::new("a method"))?;
    let path = words.next().filter(|path| path.starts_with('/')).ok_or_else(|| Unreadable::new("a path"))?;
    operation.path = Cow::Borrowed(path);
    operation.parameters = placeholders(path).map(|name| Parameter::of_path(Cow::Borrowed(name))).collect();
    operation.version = match words.next().ok_or_else(|| Unreadable::new("a version"))? {
        "v3" => Version::V3,
        date => Version::Dated(Cow::Borrowed(date)),
    };
    for word in words {
        if Generation::V2.mark() == Some(word) {
            operation.generation = Generation::V2;
        } else {
            operation.older = Some(Cow::Borrowed(word));
        }
    }
    Ok(())
}

fn read_parameters(text: &'static str, place: Place, names: &mut Names) -> Read<Vec<Parameter>> {
    let Shape::Object(object) = Reader::new(text, names).whole()? else {
        return Err(Unreadable::new("parameters in braces"));
    };
    Ok(object.fields.into_iter().map(|field| Parameter::from_field(field, place)).collect())
}

/// `json {…}`, or `? json {…}` for a body that may be left out.
fn read_body(rest: &'static str, names: &mut Names) -> Read<Body> {
    let (is_required, rest) = rest.strip_prefix("? ").map_or((true, rest), |rest| (false, rest));
    let (media, shape) = rest.split_once(' ').ok_or_else(|| Unreadable::new("a media type and a shape"))?;
    let media = Media::parse(media).ok_or_else(|| Unreadable::new("`json`, `form` or `multipart`"))?;
    Ok(Body { media, is_required, shape: Reader::new(shape, names).whole()? })
}

fn token(word: &str) -> Read<Token> {
    Token::parse(word).ok_or_else(|| Unreadable::new("a kind of token"))
}

impl Operation {
    /// An operation of which only the name is known.
    pub(in crate::catalogue) fn unknown(family: &Name, local_id: &str, summary: Name) -> Self {
        Self {
            id: Cow::Owned(format!("{family}.{local_id}")),
            family: family.clone(),
            summary,
            method: Method::GET,
            path: Cow::Borrowed(""),
            generation: Generation::V3,
            version: Version::V3,
            older: None,
            parameters: Vec::new(),
            body: None,
            status: 200,
            answer: None,
            scopes: Vec::new(),
            tokens: Vec::new(),
            access: Access::Destroy,
            paging: None,
            is_deprecated: false,
        }
    }
}
