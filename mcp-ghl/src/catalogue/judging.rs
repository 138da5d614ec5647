//! What the vendor's files do not say, by rule: for operations that nobody has looked at.

use std::borrow::Cow;

use common::audit::Access;
use http::Method;

use super::operation::{Mark, Operation, Paging, Position};
use super::shape::{Name, Shape};

/// Words of a path or an id that mean money.
const MONEY: [&str; 10] =
    ["buy", "charge", "charges", "pay", "payment", "payments", "purchase", "rebilling", "record-payment", "wallet"];

/// Words that mean that a person is reached.
const PEOPLE: [&str; 9] =
    ["campaigns", "enroll", "message", "messages", "publish", "schedule", "send", "workflow", "publishing"];

/// Words that mean that something ends.
const ENDS: [&str; 8] = ["cancel", "delete", "disable", "pause", "refund", "remove", "void", "revoke"];

/// What the operation does to the world: the strictest class that a word of its id or path suggests. Only GET and HEAD
/// read; a POST that reads is known as such only when somebody has looked at it.
pub(super) fn access(operation: &Operation) -> Access {
    if operation.method == Method::GET || operation.method == Method::HEAD {
        return Access::Read;
    }
    let text = format!("{}/{}", operation.path, operation.local_id()).to_ascii_lowercase();
    let words: Vec<&str> = text.split(|each: char| !each.is_ascii_alphanumeric()).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if has(&MONEY) {
        Access::Spend
    } else if operation.method == Method::DELETE || has(&ENDS) {
        Access::Destroy
    } else if has(&PEOPLE) {
        Access::Send
    } else {
        Access::Write
    }
}

/// The one of which more has to be asked.
pub(super) fn stricter(one: Access, other: Access) -> Access {
    let rank = |access: Access| match access {
        Access::Read => 0,
        Access::Write => 1,
        Access::Send => 2,
        Access::Destroy => 3,
        Access::Spend => 4,
    };
    if rank(one) >= rank(other) { one } else { other }
}

/// Method and path in words: `post contacts contactId tags`.
pub(super) fn summary(operation: &Operation) -> String {
    let text = format!("{} {}", operation.method.as_str().to_ascii_lowercase(), operation.path);
    let words = text.split(|each: char| !each.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The next page by the names of what the operation takes.
pub(super) fn paging(operation: &Operation) -> Option<Paging> {
    let takes = |name: &&str| {
        let body = operation.body.as_ref().map(|body| &body.shape);
        operation.query(name).is_some() || body.is_some_and(|body| body.field(name).is_some())
    };
    let owned = |name: &str| -> Name { Cow::Owned(name.to_owned()) };
    let first = |names: &[&str]| names.iter().find(|name| takes(name)).map(|name| owned(name));
    let is_list = operation.method == Method::GET || operation.path.contains("search");
    if !is_list {
        return None;
    }
    let position = if let Some(name) = first(&["searchAfter"]) {
        // What a record was found at stands in the record.
        let list = operation.answer.as_ref().and_then(list_of)?;
        Position::After(vec![Mark { name, source: owned(&format!("{list}.-1.searchAfter")) }])
    } else if let Some(name) = first(&["skip", "offset"]) {
        Position::Records(name)
    } else if let Some(name) = first(&["page", "pageNumber"]) {
        Position::Number { name, first: 1 }
    } else {
        let name = first(&["cursor", "next", "nextCursor", "pageToken"])?;
        let source = source_of(operation.answer.as_ref()?, &["nextCursor", "next", "cursor", "nextPageToken"])?;
        Position::After(vec![Mark { name, source: owned(&source) }])
    };
    Some(Paging { position, size: first(&["limit", "pageSize", "pageLimit", "perPage"]) })
}

/// The field of an answer that is its list.
fn list_of(answer: &Shape) -> Option<&Name> {
    answer.fields().iter().find(|field| field.shape.is_list()).map(|field| &field.name)
}

/// Where in an answer one of these fields is, at most one object down.
fn source_of(answer: &Shape, names: &[&str]) -> Option<String> {
    let own = names.iter().find(|name| answer.field(name).is_some()).map(|name| (*name).to_owned());
    own.or_else(|| {
        answer.fields().iter().find_map(|field| {
            let inner = names.iter().find(|name| field.shape.field(name).is_some())?;
            Some(format!("{}.{inner}", field.name))
        })
    })
}
