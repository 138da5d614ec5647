//! Which events a step listens for: where its filters stand ([`crate::workflow::Workflow::filter_at`] finds them), and
//! whether an event fits one.

use common::error::Result;
use serde_json::Value;

use crate::workflow::expression::Scope;
use crate::workflow::task::{Listen, ListenTo, Task};
use crate::workflow::{EventFilter, Pointer};

/// The filters of a `listen`, each with its place in the definition.
pub(super) fn filters<'w>(task: &Task, listen: &'w Listen) -> Vec<(Pointer, &'w EventFilter)> {
    let at = |rest: &str| Pointer(format!("{}/listen/to/{rest}", task.pointer.0));
    let numbered = |way: &str, filters: &'w [EventFilter]| {
        filters.iter().enumerate().map(|(index, filter)| (at(&format!("{way}/{index}")), filter)).collect()
    };
    match &listen.to {
        ListenTo::One(filter) => vec![(at("one"), filter)],
        ListenTo::Any(filters) => numbered("any", filters),
        ListenTo::All(filters) => numbered("all", filters),
    }
}

/// Whether an event, as `{id, source, type, …, data}`, is one that a filter means.
///
/// # Errors
/// As [`crate::workflow::expression::Template::render`]: a condition or correlation that cannot be worked out.
pub fn fits(filter: &EventFilter, expected: &[Value], event: &Value) -> Result<bool> {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    if filter.kind.as_deref().is_some_and(|kind| !is_kind(kind, text("type"))) {
        return Ok(false);
    }
    if filter.source.as_deref().is_some_and(|source| source != text("source")) {
        return Ok(false);
    }
    let scope = Scope { dot: event, bound: &[] };
    if let Some(condition) = &filter.condition
        && !condition.holds(scope)?
    {
        return Ok(false);
    }
    for (correlation, expected) in filter.correlate.iter().zip(expected) {
        // Compared as text: one side may come from a URL or a CRM's text field, the other from a number.
        if key_text(&correlation.value.from.render(scope)?) != key_text(expected) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether an event of a kind is meant; `*` at the end of what is meant fits any rest.
fn is_kind(meant: &str, kind: &str) -> bool {
    meant.strip_suffix('*').map_or(meant == kind, |begin| kind.starts_with(begin))
}

/// A correlation's value as text, for the index.
#[must_use]
pub fn key_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workflow::Correlation;
    use crate::workflow::expression::Template;
    use crate::workflow::task::Named;

    #[test]
    fn all_that_is_given_must_fit() {
        let event = json!({ "id": "evt_1", "source": "ghl", "type": "ContactCreate", "data": { "id": "c1" } });
        let filter = |kind: Option<&str>, source: Option<&str>| EventFilter {
            kind: kind.map(str::to_owned),
            source: source.map(str::to_owned),
            ..EventFilter::default()
        };
        let fits = |filter: EventFilter| super::fits(&filter, &[], &event).unwrap();
        assert!(fits(filter(None, None)));
        assert!(fits(filter(Some("ContactCreate"), Some("ghl"))));
        assert!(fits(filter(Some("Contact*"), None)));
        assert!(!fits(filter(Some("ContactCreat"), None)));
        assert!(!fits(filter(Some("Invoice*"), None)));
        assert!(!fits(filter(Some("ContactCreate"), Some("stripe"))));
    }

    #[test]
    fn correlations_compare_texts_and_numbers_alike() {
        let constant = |value| Template::compile(value, &[]).unwrap();
        let value = Correlation { from: constant(json!(7)), expect: constant(json!("7")) };
        let correlate = vec![Named { name: "contact".to_owned(), value }];
        let filter = EventFilter { correlate, ..EventFilter::default() };
        assert!(fits(&filter, &[json!("7")], &json!({})).unwrap());
        assert!(!fits(&filter, &[json!("8")], &json!({})).unwrap());
    }
}
