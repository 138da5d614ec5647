//! What events say about contacts of the CRM, and the tag that says there that a run has succeeded. Pure.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// What the CRM sends when a contact is new (its webhook documentation, `ContactCreate`).
pub const CONTACT_CREATED: &str = "ContactCreate";

/// What it sends when tags of a contact change: our own as well.
pub const TAGS_CHANGED: &str = "ContactTagUpdate";

/// Longest tag, in characters: longer ones are shown cut short in lists of contacts.
const TAG_LENGTH_MAX: usize = 80;

const EVENT_TYPE: &str = "{event_type}";
const WORKFLOW: &str = "{workflow}";
const DAY: &str = "{YYYYMMDD}";

/// The contact that an event is about: `contactId` where there is one; of events about contacts themselves, `id`.
#[must_use]
pub fn contact_of<'a>(kind: &str, data: &'a Value) -> Option<&'a str> {
    let named = ["/contactId", "/contact_id", "/contact/id"].iter().find_map(|place| data.pointer(place));
    let own = kind.starts_with("Contact").then(|| data.get("id")).flatten();
    named.or(own).and_then(Value::as_str).filter(|id| !id.is_empty())
}

/// The location that an event comes from.
#[must_use]
pub fn location_of(data: &Value) -> Option<&str> {
    data.get("locationId").and_then(Value::as_str).filter(|id| !id.is_empty())
}

/// The form of success tags: text with `{event_type}`, `{workflow}` and `{YYYYMMDD}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate(String);

impl TagTemplate {
    /// # Errors
    /// `failed_precondition` if it is empty or names something else in braces.
    pub fn parse(text: &str) -> Result<Self> {
        let rest = [EVENT_TYPE, WORKFLOW, DAY].iter().fold(text.to_owned(), |rest, name| rest.replace(name, ""));
        if text.trim().is_empty() || rest.contains(['{', '}']) {
            let message = "`orchestrator.success_tag.template` is no template of a tag";
            let hint = format!("text with any of {EVENT_TYPE}, {WORKFLOW}, {DAY}");
            return Err(Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint));
        }
        Ok(Self(text.trim().to_owned()))
    }

    /// The tag, in lower case as the CRM keeps them.
    #[must_use]
    pub fn tag(&self, event_type: &str, workflow: &str, (at_ms, zone): (UnixMillis, &TimeZone)) -> String {
        let day = Timestamp::from_millisecond(at_ms)
            .map(|at| at.to_zoned(zone.clone()).strftime("%Y%m%d").to_string())
            .unwrap_or_default();
        let word: String = event_type
            .chars()
            .map(|sign| if sign.is_alphanumeric() || "-_.".contains(sign) { sign } else { '_' })
            .collect();
        let tag = self.0.replace(EVENT_TYPE, &word).replace(WORKFLOW, workflow).replace(DAY, &day);
        tag.to_lowercase().chars().take(TAG_LENGTH_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_contact_is_found_wherever_events_name_it() {
        for (kind, data, contact) in [
            ("ContactCreate", json!({"id": "c1", "locationId": "l1"}), Some("c1")),
            ("AppointmentCreate", json!({"id": "a1", "contactId": "c2"}), Some("c2")),
            ("form", json!({"contact": {"id": "c3"}}), Some("c3")),
            ("AppointmentCreate", json!({"id": "a1"}), None),
            ("ContactCreate", json!({"id": ""}), None),
            ("ContactCreate", json!("text"), None),
        ] {
            assert_eq!(contact_of(kind, &data), contact, "{kind} {data}");
        }
    }

    #[test]
    fn a_tag_says_what_happened_and_on_which_day_where_people_are() {
        let template = TagTemplate::parse("n8n_success_{event_type}_{YYYYMMDD}").unwrap();
        // 2026-11-20T23:30:00Z.
        let at_ms = 1_795_217_400_000;
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(
            template.tag("ContactCreate", "welcome", (at_ms, &TimeZone::UTC)),
            "n8n_success_contactcreate_20261120"
        );
        assert_eq!(template.tag("a b/c", "welcome", (at_ms, &berlin)), "n8n_success_a_b_c_20261121");
        let of_workflow = TagTemplate::parse("ok_{workflow}").unwrap();
        assert_eq!(of_workflow.tag("x", "welcome", (0, &TimeZone::UTC)), "ok_welcome");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", " ", "a_{day}", "a_{"] {
            assert!(TagTemplate::parse(text).is_err(), "{text}");
        }
    }
}
