//! The vendor's refusals in our words. Its own text goes to the log, its trace id to the details.
//!
//! The forms are those of reference and field reports: `{statusCode, message: string | string[], error, traceId}`; an
//! unknown record answers 400 or 404, a missing scope 401, another location 403.

use std::fmt;

use common::error::{Error, ErrorCode, Fault};
use common::http::HttpResponse;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::operation::Operation;

/// What was asked, as far as a refusal is about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// What the token needs.
    pub(super) scope: &'a str,
    /// The record that the path names; absent if it names none.
    pub(super) noun: Option<&'a str>,
    /// The vendor's own names of what was given, for callers who know those; absent where a tool has its own.
    pub(super) arguments: Option<&'a [String]>,
}

impl<'a> From<&'a Operation> for About<'a> {
    fn from(operation: &'a Operation) -> Self {
        Self { scope: operation.scope, noun: operation.noun, arguments: None }
    }
}

/// Longest vendor text that goes to the log, in characters.
const TEXT_LENGTH_MAX: usize = 500;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    message: Message,
    trace_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Message {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl Message {
    fn lines(&self) -> &[String] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Many(lines) => lines,
            Self::None => &[],
        }
    }
}

/// The vendor's words, kept as the cause of our error.
#[derive(Debug)]
struct VendorText(String);

impl fmt::Display for VendorText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for VendorText {}

/// A refusal without the token, should it repeat that: its words go to the log, its trace id to the caller.
pub(super) fn without_token(response: HttpResponse, token: &SecretString) -> HttpResponse {
    let token = token.expose_secret();
    let body = String::from_utf8_lossy(&response.body);
    if token.is_empty() || !body.contains(token) {
        return response;
    }
    let body = body.replace(token, "…").into();
    HttpResponse { body, ..response }
}

/// Whether the vendor says that v3 no longer has the operation (highlevel-api-docs issue 304, 2026-06-22).
pub(super) fn is_removed_in_v3(response: &HttpResponse) -> bool {
    response.status == StatusCode::BAD_REQUEST
        && read(response).message.lines().iter().any(|line| line.contains("not available in API version v3"))
}

/// Whether the vendor does not accept the token at all, as it says of one that has ended. A missing scope, a token of
/// the wrong kind and a wrong version are 401 too, and another token would not help.
pub(super) fn is_refused_token(response: &HttpResponse) -> bool {
    let other = ["scope", "type mismatch", "not yet supported", "version header"];
    response.status == StatusCode::UNAUTHORIZED
        && !read(response).message.lines().iter().any(|line| {
            let line = line.to_lowercase();
            other.iter().any(|words| line.contains(words))
        })
}

/// Why the vendor refused a login's token: as for any token, but other people can do other things about it.
pub(super) fn refusal_of_login<'a>(about: impl Into<About<'a>>, response: &HttpResponse) -> Error {
    let error = refusal(about, response);
    if is_refused_token(response) {
        return Error::new(ErrorCode::Unauthenticated, "GoHighLevel does not accept the login")
            .with_hint("log in again: `mcp-ghl login`")
            .with_vendor_trace_id(error.details().vendor_trace_id.clone());
    }
    match (response.status, error.code()) {
        (StatusCode::UNAUTHORIZED, ErrorCode::PermissionDenied) => {
            error.with_hint("ask the operator to add it to the app, then to log in again: `mcp-ghl login`")
        }
        _ => error,
    }
}

/// Why the vendor refused.
pub(super) fn refusal<'a>(about: impl Into<About<'a>>, response: &HttpResponse) -> Error {
    let body = read(response);
    let lines = body.message.lines();
    let text: String = lines.join("; ").chars().take(TEXT_LENGTH_MAX).collect();
    explain(about.into(), response.status, lines)
        .with_vendor_trace_id(body.trace_id.as_deref().map(plain_handle))
        .with_source(VendorText(format!("{}: {text}", response.status)))
}

/// Whether what was asked may have been done in spite of this error: the answer was lost, or the vendor refused what it
/// did (highlevel-api-docs issue 64).
pub(crate) fn may_have_happened(error: &Error) -> bool {
    match error.code() {
        ErrorCode::InvalidArgument
        | ErrorCode::UpstreamRejected
        | ErrorCode::UpstreamUnavailable
        | ErrorCode::DeadlineExceeded => true,
        ErrorCode::Unauthenticated
        | ErrorCode::PermissionDenied
        | ErrorCode::EntitlementRequired
        | ErrorCode::ApprovalRequired
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::FailedPrecondition
        | ErrorCode::RateLimited
        | ErrorCode::Internal => false,
    }
}

/// A trace id, should it be anything else: only the letters that handles are made of.
fn plain_handle(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')).take(64).collect()
}

fn read(response: &HttpResponse) -> Body {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

fn explain(about: About<'_>, status: StatusCode, lines: &[String]) -> Error {
    let says = |words: &str| lines.iter().any(|line| line.to_lowercase().contains(words));
    match status {
        // The vendor looks once more whether the person wants the message, and how it reaches them.
        StatusCode::BAD_REQUEST if says("dnd is active") || says("has unsubscribed") => {
            Error::new(ErrorCode::FailedPrecondition, "nothing was sent: the contact does not want it (do not disturb)")
                .with_hint("call `get_contact` to see which channels are open")
        }
        // Where the location keeps contacts unique (Settings, Business Profile, "Allow Duplicate Contact").
        StatusCode::BAD_REQUEST if says("duplicated contacts") => {
            Error::new(ErrorCode::Conflict, "another contact of this location has this email or phone number")
                .with_hint("call `find_duplicate_contacts` with it to see whose it is")
        }
        StatusCode::BAD_REQUEST if says("missing phone number") || says("e-mail is invalid") => {
            Error::new(ErrorCode::FailedPrecondition, "nothing was sent: the contact cannot be reached on this channel")
                .with_hint("choose another `channel`, or correct the contact with `upsert_contact`")
        }
        StatusCode::UNAUTHORIZED if says("scope") => lacks_scope(about),
        StatusCode::UNAUTHORIZED if says("not yet supported") => {
            Error::new(ErrorCode::UpstreamRejected, "GoHighLevel does not offer this to private integration tokens")
                .with_hint("it has to be done in GoHighLevel itself")
        }
        StatusCode::UNAUTHORIZED if says("type mismatch") => {
            Error::new(ErrorCode::PermissionDenied, "the token is of the wrong kind: agency and location tokens differ")
                .with_hint("ask the operator to connect the location with a token that was made in it")
        }
        StatusCode::UNAUTHORIZED => {
            Error::new(ErrorCode::FailedPrecondition, "GoHighLevel does not accept the connection's token")
                .with_hint("ask the operator to renew it: Settings, Private Integrations, then `[[ghl.connections]]`")
        }
        StatusCode::NOT_FOUND => not_found(about),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if about.noun.is_some() && says("not found") => {
            not_found(about)
        }
        // A record of another location is none of ours: it must not even be known to exist.
        StatusCode::FORBIDDEN if about.noun.is_some() => not_found(about),
        StatusCode::FORBIDDEN => {
            Error::new(ErrorCode::PermissionDenied, "the connection's token does not reach this location")
                .with_hint("call `list_locations` to see which locations are connected")
        }
        StatusCode::TOO_MANY_REQUESTS => Error::new(ErrorCode::RateLimited, "GoHighLevel's rate limit is used up")
            .with_hint("wait and try again; 100 requests in 10 seconds are allowed per location"),
        status if status.is_server_error() => {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel could not answer")
                .with_hint("try again later; before repeating a change, read back whether it took place")
        }
        _ => wrong_values(about, lines),
    }
}

fn lacks_scope(about: About<'_>) -> Error {
    Error::new(ErrorCode::PermissionDenied, format!("the connection's token lacks the scope `{}`", about.scope))
        .with_hint("ask the operator to add it in GoHighLevel: Settings, Private Integrations")
}

fn not_found(about: About<'_>) -> Error {
    let noun = about.noun.unwrap_or("record");
    Error::new(ErrorCode::NotFound, format!("no {noun} of this id in this location"))
        .with_hint(format!("search for the {noun} by name, or name another `location`"))
}

/// The vendor's fields that our tools write, and the argument each comes from.
const FIELDS: &[(&str, &str, &str)] = &[
    ("email", "email", "a deliverable email address"),
    ("phone", "phone", "an international phone number"),
    ("firstName", "first_name", "a shorter or plainer name"),
    ("lastName", "last_name", "a shorter or plainer name"),
    ("companyName", "company", "a shorter or plainer name"),
    ("source", "source", "a short text"),
    ("assignedTo", "owner", "a user of this location"),
    ("customFields", "custom_fields", "values that fit the fields"),
    ("tags", "tags", "short words"),
    ("body", "text", "a shorter text"),
    ("title", "title", "a shorter title"),
    ("html", "text", "a shorter or plainer text"),
    ("subject", "subject", "a shorter or plainer subject"),
    ("scheduledTimestamp", "send_at", "a time in the future"),
    ("dueDate", "due", "a date or time"),
    ("startTime", "start", "one of the free slots"),
    ("assignedUserId", "owner", "a user of the calendar's team"),
    ("monetaryValue", "value", "a number"),
    ("name", "name", "a shorter or plainer name"),
    ("query", "query", "at most 75 characters"),
    ("pipelineStageId", "stage", "a stage of the pipeline"),
    ("pipelineId", "pipeline", "a pipeline of this location"),
    ("status", "status", "open, won, lost or abandoned"),
    ("options", "options", "one or more options"),
    ("textBoxListOptions", "options", "one or more options"),
    ("value", "value", "a shorter or plainer text"),
    ("website", "website", "a web address"),
];

fn wrong_values(about: About<'_>, lines: &[String]) -> Error {
    let is_named = |line: &String, field: &str| {
        line.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word == field)
    };
    let is_meant = |field: &str| lines.iter().any(|line| is_named(line, field));
    let fault = |argument: &str, expected: &str| Fault {
        field: format!("/{argument}"),
        problem: "was refused by GoHighLevel".to_owned(),
        expected: expected.to_owned(),
        example: None,
    };
    let faults: Vec<Fault> = match about.arguments {
        Some(names) => names
            .iter()
            .filter(|name| is_meant(name))
            .map(|name| fault(&format!("arguments/{name}"), "another value, or none"))
            .collect(),
        None => FIELDS
            .iter()
            .filter(|(field, _, _)| is_meant(field))
            .map(|(_, argument, expected)| fault(argument, expected))
            .collect(),
    };
    if faults.is_empty() {
        return Error::new(ErrorCode::UpstreamRejected, "GoHighLevel refused the request")
            .with_hint("check the values; the log holds what it said");
    }
    Error::invalid_arguments(faults)
}

#[cfg(test)]
mod tests;
