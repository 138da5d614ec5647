//! What a call of an operation would do, in words.

use common::tool::{Access, Plan};
use serde_json::{Map, Value};

use super::request::Shown;
use crate::answer::line;
use crate::catalogue::Operation;
use crate::location::Location;

/// The plan says the exact request, so that another one needs another yes.
pub(super) fn plan(
    operation: &Operation,
    location: Option<&Location>,
    shown: &Shown,
    arguments: &Map<String, Value>,
) -> Plan {
    let place = location.map_or_else(
        || "the agency".to_owned(),
        |location| line(location.name.as_deref().unwrap_or(location.id.as_str())),
    );
    let reach = match (operation.access, people(arguments)) {
        (Access::Send, None) => " (how many people it reaches is not in the request)",
        _ => "",
    };
    let count = people(arguments).unwrap_or(1);
    let request = shown.in_words();
    Plan {
        summary: format!("{} in {place}{reach}: {request}", operation.summary.trim_end_matches('.')),
        targets: vec![place],
        count: u32::try_from(count).unwrap_or(u32::MAX),
        is_reversible: operation.access == Access::Write,
        cost: None,
    }
}

/// How many people or records the arguments name, if they name any.
fn people(arguments: &Map<String, Value>) -> Option<usize> {
    let is_one = |name: &str| {
        let name = name.to_lowercase();
        let says = ["contact", "email", "phone", "recipient", "people"].iter().any(|word| name.contains(word));
        says || name.ends_with("ids") || name == "to"
    };
    let people = arguments.iter().filter(|(name, _)| is_one(name));
    people
        .filter_map(|(_, value)| match value {
            Value::Array(items) => Some(items.len()),
            Value::String(_) => Some(1),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        })
        .max()
}
