//! Checked arguments as the request that is sent, and as it is shown to those who want to see it first.

use bytes::Bytes;
use common::error::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::arguments::{BODY, PLACE, Sorted};
use super::multipart;
use super::texts::{text, texts};
use crate::catalogue::{Media, Operation, Place};
use crate::client::{RawBody, RawRequest};

/// What stands for itself in a path (RFC 3986, 2.3: unreserved).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Words that say nothing about the record that a path names: whose path has no others, names none.
const NO_RECORD: [&str; 2] = ["locationId", "companyId"];

/// A request as people and models see it: what is sent but for the host and the token.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// HTTP method.
    method: String,
    /// Path and query.
    target: String,
    /// The API version asked.
    version: String,
    /// What is sent; files by name and size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("anyOf" = [{"type": "object"}, {"type": "array"}, {"type": "string"}]))]
    body: Option<Value>,
}

impl Shown {
    /// On one line: `POST /contacts/ v3 {"email":"…"}`.
    pub(super) fn in_words(&self) -> String {
        let body = self.body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
        format!("{} {} {}{body}", self.method, self.target, self.version)
    }
}

/// The request that the arguments make.
///
/// # Errors
/// `invalid_argument` for values that no address can hold; `internal` if the body cannot be written.
pub(crate) fn request(sorted: &Sorted<'_>) -> Result<RawRequest> {
    let operation = sorted.operation;
    let of = |place: Place| sorted.parameters.iter().filter(move |(parameter, _)| parameter.place == place);
    let mut target = path(sorted)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (parameter, value) in of(Place::Query) {
        query.extend_pairs(texts(value).into_iter().map(|text| (&*parameter.name, text)));
    }
    let query = query.finish();
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query);
    }
    Ok(RawRequest {
        operation: operation.id.to_string(),
        method: operation.method.clone(),
        target,
        version: operation.version.header().to_owned(),
        older: operation.older.as_deref().map(str::to_owned),
        headers: of(Place::Header).map(|(parameter, value)| (parameter.name.to_string(), text(value))).collect(),
        body: sorted.body.as_ref().map(|(body, value)| encode(body.media, value)).transpose()?,
        is_read: operation.access.is_read(),
        scopes: operation.scopes.iter().map(ToString::to_string).collect(),
        names_record: names_record(operation),
        arguments: sorted.given.clone(),
    })
}

/// The same request, to be looked at.
pub(crate) fn shown(sorted: &Sorted<'_>, request: &RawRequest) -> Shown {
    Shown {
        method: request.method.to_string(),
        target: request.target.clone(),
        version: request.version.clone(),
        body: sorted.body.as_ref().map(|(body, value)| match (body.media, value) {
            (Media::Multipart, Value::Object(fields)) => multipart::shown(fields),
            _ => value.clone(),
        }),
    }
}

fn names_record(operation: &Operation) -> bool {
    operation.parameters_in(Place::Path).any(|parameter| !NO_RECORD.contains(&&*parameter.name))
}

fn path(sorted: &Sorted<'_>) -> Result<String> {
    let mut filled = String::new();
    for (position, piece) in sorted.operation.path.split('{').enumerate() {
        if position == 0 {
            filled.push_str(piece);
            continue;
        }
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let value = sorted.parameters.iter().find(|(it, _)| it.place == Place::Path && it.name == name);
        let value = value.map(|(_, value)| text(value)).unwrap_or_default();
        // As a whole segment these would lead to another address.
        if matches!(value.as_str(), "" | "." | "..") {
            let place = format!("{}/{name}", PLACE.trim_start_matches('/'));
            return Err(Error::invalid_argument(&place, "is no part of an address", "an id", None));
        }
        filled.extend(utf8_percent_encode(&value, PATH));
        filled.push_str(rest);
    }
    Ok(filled)
}

fn encode(media: Media, value: &Value) -> Result<RawBody> {
    let unwritable = |source| Error::internal("the request could not be encoded", source);
    let bytes: Bytes = match (media, value) {
        (Media::Form, Value::Object(fields)) => form(fields).into(),
        (Media::Multipart, Value::Object(fields)) => return multipart::encode(fields),
        (Media::Form | Media::Multipart, _) => {
            let place = format!("{}/{BODY}", PLACE.trim_start_matches('/'));
            return Err(Error::invalid_argument(&place, "is no object", "the form's fields by name", None));
        }
        (Media::Json, value) => serde_json::to_vec(value).map_err(unwritable)?.into(),
    };
    Ok(RawBody { content_type: media.content_type().to_owned(), bytes })
}

fn form(fields: &Map<String, Value>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.extend_pairs(texts(value).into_iter().map(|text| (name, text)));
    }
    form.finish()
}
