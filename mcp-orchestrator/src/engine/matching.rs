//! Which events are for which waits.

use common::error::Result;
use serde_json::Value;

use crate::interpreter::command::Listening;
use crate::interpreter::listening::{fits, key_text};
use crate::routes;
use crate::workflow::EventFilter;
use crate::workflow::expression::Scope;

/// Whether a kind of event is one that a filter names; one that names none fits all.
pub(super) fn fits_kind(wanted: Option<&str>, kind: &str) -> bool {
    wanted.is_none_or(|wanted| routes::fits_kind(wanted, kind))
}

/// The kind under which a filter is looked up: `*` where it is not exact.
pub(super) fn indexed_kind(wanted: Option<&str>) -> String {
    match wanted {
        Some(kind) if !kind.ends_with('*') => kind.to_owned(),
        Some(_) | None => "*".to_owned(),
    }
}

/// Whether an event fits a filter, whoever listens. Where that cannot be worked out, it does not.
pub(super) fn may_fit(filter: &EventFilter, envelope: &Value) -> bool {
    fits(filter, &[], envelope).unwrap_or(false)
}

/// By which key an event's listeners are looked up; none if they say nothing about it.
///
/// # Errors
/// As [`crate::workflow::expression::Template::render`].
pub(super) fn index_key(filter: &EventFilter, envelope: &Value) -> Result<Option<String>> {
    let Some(first) = filter.correlate.first() else { return Ok(None) };
    let value = first.value.from.render(Scope { dot: envelope, bound: &[] })?;
    Ok(Some(key_text(&value)))
}

/// Whether an event found by its key is for a wait.
pub(super) fn is_for(filter: &EventFilter, listening: &Listening, envelope: &Value) -> bool {
    // One correlation is what the index has compared.
    filter.correlate.len() <= 1 || fits(filter, &listening.expected, envelope).unwrap_or(false)
}
