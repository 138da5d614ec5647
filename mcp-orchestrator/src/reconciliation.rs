//! Reconciliation: what the CRM, our events and our runs ought to know of each other, and do not. Pure.
//!
//! The CRM sends an event once, and again only if it was told to; what never arrived no inbox can recover. Whoever
//! compares finds it: contacts go through a sieve in batches, events go past, and what stays in the sieve was not told.

use std::collections::HashMap;

use common::clock::UnixMillis;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::crm::CONTACT_CREATED;
use crate::event::Event;
use crate::run::RunId;
use crate::workflow::EventFilter;

/// Clocks of others differ from ours by less than this, in milliseconds.
pub const SKEW_MS: i64 = 3_600_000;

/// Contacts in a sieve at most: about 8 MB.
pub const BATCH_MAX: usize = 10_000;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The CRM has a contact whose creation no event has told.
    EventMissing,
    /// An event that a workflow starts with has started no run.
    RunMissing,
    /// A run has succeeded and the CRM does not show it.
    TagMissing,
}

impl GapKind {
    pub(crate) const ALL: [Self; 3] = [Self::EventMissing, Self::RunMissing, Self::TagMissing];

    /// The spelling in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventMissing => "event_missing",
            Self::RunMissing => "run_missing",
            Self::TagMissing => "tag_missing",
        }
    }
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    pub kind: GapKind,
    /// The contact, the event or the run.
    pub subject: String,
    pub workflow: Option<String>,
    /// What its repair is made of.
    pub detail: Value,
}

/// A contact as the CRM's `search_contacts` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_at: Option<String>,
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
pub struct ContactPage {
    pub location: Location,
    pub items: Vec<Contact>,
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// Where they are.
#[derive(Debug, Clone, Deserialize)]
pub struct Location {
    pub id: String,
}

impl Contact {
    /// When it was added; none if the CRM does not say.
    #[must_use]
    pub fn added_ms(&self) -> Option<UnixMillis> {
        self.added_at.as_deref()?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
    }

    /// Whether it has a tag. The CRM keeps them in lower case.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own.trim().eq_ignore_ascii_case(tag.trim()))
    }

    /// What the CRM's own event would have said, as far as is known; it says that it is made up for.
    #[must_use]
    pub fn created_event(&self, location: &str) -> Value {
        json!({
            "type": CONTACT_CREATED, "locationId": location, "id": self.id, "name": self.name, "email": self.email,
            "phone": self.phone, "tags": self.tags, "source": self.source, "dateAdded": self.added_at,
            "reconciled": true,
        })
    }
}

/// What the event of a contact's creation is the same by, however often it is made up for.
#[must_use]
pub fn created_key(contact: &str) -> String {
    format!("contact-created/{contact}")
}

/// Contacts whose events are still looked for.
#[derive(Debug, Default)]
pub struct Sieve {
    waiting: HashMap<String, (Contact, UnixMillis)>,
}

impl Sieve {
    /// Puts a contact in.
    pub fn put(&mut self, contact: Contact, added_ms: UnixMillis) {
        self.waiting.insert(contact.id.clone(), (contact, added_ms));
    }

    /// An event has told of the creation of a contact.
    pub fn told(&mut self, contact: &str) {
        self.waiting.remove(contact);
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The span of time in which their events are expected: since shortly before the oldest, until shortly after the
    /// newest. None without contacts.
    #[must_use]
    pub fn span(&self) -> Option<(UnixMillis, UnixMillis)> {
        let added = || self.waiting.values().map(|(_, added_ms)| *added_ms);
        let (oldest, newest) = (added().min()?, added().max()?);
        Some((oldest.saturating_sub(SKEW_MS), newest.saturating_add(SKEW_MS)))
    }

    /// Moves what is left into another sieve.
    pub fn pour_into(&mut self, other: &mut Self) {
        other.waiting.extend(self.waiting.drain());
    }

    /// What was not told, oldest first.
    #[must_use]
    pub fn gaps(self, location: &str) -> Vec<Gap> {
        let mut left: Vec<_> = self.waiting.into_values().collect();
        left.sort_by(|(one, one_ms), (other, other_ms)| (one_ms, &one.id).cmp(&(other_ms, &other.id)));
        let gap = |(contact, _): (Contact, UnixMillis)| Gap {
            kind: GapKind::EventMissing,
            workflow: None,
            detail: contact.created_event(location),
            subject: contact.id,
        };
        left.into_iter().map(gap).collect()
    }
}

/// A workflow that events start, and since when it does.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    pub workflow: &'a str,
    pub filters: &'a [EventFilter],
    pub since_ms: UnixMillis,
}

/// The runs that an event ought to have started. What came before a workflow was published as it is does not count.
#[must_use]
pub fn runs_due(event: &Event, expected: &[Expectation<'_>]) -> Vec<(String, RunId)> {
    let envelope = event.envelope();
    let is_due = |expected: &&Expectation<'_>| {
        event.received_ms >= expected.since_ms && expected.filters.iter().any(|filter| filter.fits(event, &envelope))
    };
    let run =
        |expected: &Expectation<'_>| (expected.workflow.to_owned(), RunId::of_key(expected.workflow, &event.key()));
    expected.iter().filter(is_due).map(run).collect()
}

/// A run that is not there.
#[must_use]
pub fn run_missing(event: &Event, workflow: String, run: &RunId) -> Gap {
    Gap {
        kind: GapKind::RunMissing,
        subject: event.event_id.clone(),
        workflow: Some(workflow),
        detail: json!({ "run": run, "type": event.kind }),
    }
}

/// A tag that is not there.
#[must_use]
pub fn tag_missing(run: &RunId, workflow: String, set: Option<(&str, &str)>) -> Gap {
    let (contact, tag) = set.unzip();
    Gap {
        kind: GapKind::TagMissing,
        subject: run.0.clone(),
        workflow: Some(workflow),
        detail: json!({ "contact": contact, "tag": tag }),
    }
}

#[cfg(test)]
mod tests;
