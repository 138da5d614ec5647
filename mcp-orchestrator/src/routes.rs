//! Which workflows an event starts: the filters of published workflows, applied in order. Pure.

use common::error::Result;
use serde_json::Value;

use crate::event::Event;
use crate::workflow::EventFilter;
use crate::workflow::expression::Scope;

impl EventFilter {
    /// Whether an event fits, as [`EventFilter::judge`]; a condition that cannot be worked out does not hold.
    #[must_use]
    pub fn fits(&self, event: &Event, envelope: &Value) -> bool {
        self.judge(event, envelope).unwrap_or(false)
    }

    /// Whether an event fits: its kind, its source, then the condition on the whole of it.
    ///
    /// # Errors
    /// The condition cannot be worked out on this event: nobody knows whether it was meant.
    pub fn judge(&self, event: &Event, envelope: &Value) -> Result<bool> {
        let is_of_kind = self.kind.as_deref().is_none_or(|pattern| fits_kind(pattern, &event.kind));
        let is_of_source = self.source.as_deref().is_none_or(|source| source == event.source);
        if !(is_of_kind && is_of_source) {
            return Ok(false);
        }
        let scope = Scope { dot: envelope, bound: &[] };
        self.condition.as_ref().map_or(Ok(true), |condition| condition.holds(scope))
    }
}

/// Whether a kind of event is one that a filter names: `Contact*` fits any rest.
pub(crate) fn fits_kind(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workflow::expression::Template;

    fn event() -> Event {
        Event {
            event_id: "evt_1".to_owned(),
            source: "ghl".to_owned(),
            kind: "ContactCreate".to_owned(),
            dedupe_key: "w1".to_owned(),
            received_ms: 0,
            data: json!({"email": "ada@example.com"}),
        }
    }

    fn fits(filter: &EventFilter) -> bool {
        let event = event();
        filter.fits(&event, &event.envelope())
    }

    #[test]
    fn all_that_is_given_must_fit() {
        let filter = |kind: Option<&str>, source: Option<&str>| EventFilter {
            kind: kind.map(str::to_owned),
            source: source.map(str::to_owned),
            ..EventFilter::default()
        };
        for (kind, source, expected) in [
            (None, None, true),
            (Some("ContactCreate"), None, true),
            (Some("Contact*"), Some("ghl"), true),
            (Some("*"), Some("ghl"), true),
            (Some("Contact"), None, false),
            (Some("ContactCreate"), Some("stripe"), false),
        ] {
            assert_eq!(fits(&filter(kind, source)), expected, "{kind:?} {source:?}");
        }
    }

    #[test]
    fn a_condition_that_does_not_hold_keeps_an_event_out() {
        let with = |value: Value| EventFilter {
            condition: Some(Template::compile(value, &[]).unwrap()),
            ..EventFilter::default()
        };
        assert!(fits(&with(json!(r#"${ .data.email == "ada@example.com" and .source == "ghl" }"#))));
        assert!(!fits(&with(json!(r#"${ .data.email == "bob@example.com" }"#))));
        assert!(!fits(&with(json!("${ .data.email.domain | length > 0 }"))), "what it asks for is not there");
    }
}
