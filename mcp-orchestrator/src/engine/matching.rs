//! Which events are for which waits.

use serde_json::Value;

use crate::interpreter::command::Listening;
use crate::interpreter::listening::{fits, key_text};
use crate::workflow::EventFilter;
use crate::workflow::expression::Scope;

/// Whether a kind of event is one that a filter names: `Contact*` fits any rest.
pub(super) fn fits_kind(wanted: Option<&str>, kind: &str) -> bool {
    match wanted {
        None => true,
        Some(wanted) => match wanted.strip_suffix('*') {
            Some(beginning) => kind.starts_with(beginning),
            None => kind == wanted,
        },
    }
}

/// The kind under which a filter is looked up: `*` where it is not exact.
pub(super) fn indexed_kind(wanted: Option<&str>) -> String {
    match wanted {
        Some(kind) if !kind.ends_with('*') => kind.to_owned(),
        Some(_) | None => "*".to_owned(),
    }
}

/// By which key an event's listeners are looked up. None if the event does not fit the filter, whoever listens; nor
/// does it where the filter cannot be worked out on it.
pub(super) fn index_key(filter: &EventFilter, envelope: &Value) -> Option<Option<String>> {
    fits(filter, &[], envelope).ok().filter(|fits| *fits)?;
    let Some(first) = filter.correlate.first() else { return Some(None) };
    let value = first.value.from.render(Scope { dot: envelope, bound: &[] }).ok()?;
    Some(Some(key_text(&value)))
}

/// Whether an event found by its key is for a wait.
pub(super) fn is_for(filter: &EventFilter, listening: &Listening, envelope: &Value) -> bool {
    // One correlation is what the index has compared.
    filter.correlate.len() <= 1 || fits(filter, &listening.expected, envelope).unwrap_or(false)
}
