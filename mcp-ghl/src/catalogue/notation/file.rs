//! The file of a family, written.

use super::writer::{Names, Written, fields};
use crate::catalogue::Family;
use crate::catalogue::naming::definitions;
use crate::catalogue::operation::{Operation, Parameter, Place};
use crate::catalogue::shape::{Field, Shape};

/// All of it, with the shapes that have names first.
pub(super) fn family(family: &Family) -> String {
    let mut lines = vec![format!("family {}", family.name)];
    let mut names = definitions(family.operations.iter().flat_map(Operation::shapes));
    names.sort_by(|one, other| one.name().cmp(other.name()));
    if !names.is_empty() {
        lines.push(String::new());
    }
    lines.extend(names.iter().map(|named| format!("type {} = {}", named.name(), Written::stored(named.shape()))));
    for operation in &family.operations {
        lines.extend([String::new(), format!("{}: {}", operation.local_id(), operation.summary)]);
        for (key, rest) in facts(operation) {
            let space = if rest.is_empty() { "" } else { " " };
            lines.push(format!(" {key}{space}{rest}"));
        }
    }
    lines.join("\n") + "\n"
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
            facts.push((place.as_str(), fields(parameters, &Names::All)));
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
