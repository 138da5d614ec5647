//! Forms, surveys and their submissions on the wire.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AnyValue, Instant, rfc3339, said};
use crate::custom_field::FieldValue;
use crate::form::{Form, Submission};
use crate::record_id::RecordId;

/// What stands among the answers without being one (a recorded submission: `PipedreamHQ/pipedream`,
/// `components/highlevel_oauth/sources/new-form-submission/test-event.mjs`).
const NO_ANSWERS: &[&str] = &["formId", "surveyId", "location_id", "sessionId", "Timezone", "contact_id"];

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Forms {
    #[serde(default, alias = "surveys")]
    pub(in crate::client) forms: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
}

impl Read {
    /// Our form; `None` without an id or a name.
    pub(in crate::client) fn into_form(self) -> Option<Form> {
        Some(Form { id: self.id?, name: said(self.name)? })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Submissions {
    #[serde(default)]
    pub(in crate::client) submissions: Vec<ReadSubmission>,
    #[serde(default)]
    pub(in crate::client) meta: Meta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Meta {
    total: Option<u64>,
    next_page: Option<u64>,
}

impl Meta {
    pub(in crate::client) const fn total(&self) -> Option<u64> {
        self.total
    }

    pub(in crate::client) const fn has_next(&self) -> bool {
        self.next_page.is_some()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadSubmission {
    id: Option<String>,
    contact_id: Option<RecordId>,
    created_at: Option<Instant>,
    #[serde(alias = "surveyId")]
    form_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    others: Others,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Others {
    event_data: Option<EventData>,
    /// The vendor's spelling.
    fields_ori_sequance: Option<Vec<String>>,
    #[serde(flatten)]
    answers: BTreeMap<String, AnyValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EventData {
    page: Option<Page>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    url: Option<String>,
}

impl ReadSubmission {
    /// Our submission; `None` without an id.
    pub(in crate::client) fn into_submission(self) -> Option<Submission> {
        let Others { event_data, fields_ori_sequance, mut answers } = self.others;
        let mut ordered = Vec::new();
        for key in fields_ori_sequance.unwrap_or_default() {
            if let Some(value) = answers.remove(&key) {
                ordered.push((key, value));
            }
        }
        ordered.extend(answers);
        Some(Submission {
            id: self.id?,
            form_id: said(self.form_id),
            contact_id: self.contact_id,
            name: said(self.name),
            email: said(self.email),
            submitted_at: rfc3339(self.created_at),
            page: event_data.and_then(|event| event.page).and_then(|page| said(page.url)),
            answers: ordered
                .into_iter()
                .filter(|(key, _)| !NO_ANSWERS.contains(&key.as_str()))
                .map(|(key, value)| (key, FieldValue::from(value)))
                .collect(),
        })
    }
}
