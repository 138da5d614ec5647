//! What the handlers of simple families share: records found by id for the token that asks, made, changed and taken
//! away. Each family says what it takes and how it answers.

use serde_json::{Map, Value};

use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{Connection, Document};
use crate::sandbox::{Sandbox, ids};

/// One kind of record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What it is kept under: `link`.
    pub(crate) name: &'static str,
    /// What refusals call it: `Link`.
    pub(crate) noun: &'static str,
}

impl Kind {
    /// The record of an id, if the token reaches it.
    ///
    /// # Errors
    /// The vendor's for a record that is not there, or that is another location's.
    pub(crate) async fn of(self, connection: &mut Connection, call: &Call, id: &str) -> Result<Record, Refusal> {
        let record = documents::find(connection, self.name, id).await?;
        let record = record.ok_or_else(|| Refusal::no_such(self.noun, id))?;
        call.grant.require_location(&record.location_id)?;
        Ok(record)
    }

    /// A new record, not yet saved, under a fresh id.
    pub(crate) fn fresh(self, sandbox: &Sandbox, location_id: &str, fields: Map<String, Value>) -> Record {
        let now_ms = sandbox.now_ms();
        Record {
            location_id: location_id.to_owned(),
            kind: self.name.to_owned(),
            id: ids::fresh(),
            parent_id: String::new(),
            body: Document(fields),
            added_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }
}

impl Record {
    /// A text among its fields.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.0.get(name).and_then(Value::as_str)
    }

    /// Sets a field; `None` leaves it as it is.
    pub(crate) fn set(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.body.0.insert(name.to_owned(), value.into());
        }
    }

    /// Its fields with the id under the name that the vendor gives it.
    pub(crate) fn with_id(mut self, name: &str) -> Map<String, Value> {
        self.body.0.insert(name.to_owned(), Value::String(self.id));
        self.body.0
    }

    /// Its fields with the id as `id`, and the location that it belongs to.
    pub(crate) fn with_location(mut self) -> Map<String, Value> {
        let location_id = std::mem::take(&mut self.location_id);
        let mut fields = self.with_id("id");
        fields.insert("locationId".to_owned(), location_id.into());
        fields
    }
}

/// A key made of a name: `opening_hours` of `Opening hours`.
pub(crate) fn slug(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' };
    let words: String = name.chars().map(plain).collect();
    words.split_whitespace().collect::<Vec<_>>().join("_")
}

/// Keeps the records whose field is what a parameter says; all where it says nothing.
pub(crate) fn keep_equal(records: &mut Vec<Record>, field: &str, wanted: Option<&str>) {
    if let Some(wanted) = wanted {
        records.retain(|record| record.text(field) == Some(wanted));
    }
}

/// Keeps the records with the words in one of these texts, whatever their case; all where there are none.
pub(crate) fn keep_holding(records: &mut Vec<Record>, fields: &[&str], words: Option<&str>) {
    if let Some(words) = words.map(str::to_lowercase) {
        let holds =
            |record: &Record, field: &&str| record.text(field).is_some_and(|it| it.to_lowercase().contains(&words));
        records.retain(|record| fields.iter().any(|field| holds(record, field)));
    }
}

/// Keeps the records whose field is a day or instant between two days, both included; the vendor's days are UTC here.
pub(crate) fn keep_between(records: &mut Vec<Record>, field: &str, (from, to): (Option<&str>, Option<&str>)) {
    let day = |text: &str| text.get(..10).map(str::to_owned);
    let (from, to) = (from.and_then(day), to.and_then(day));
    records.retain(|record| {
        let Some(held) = record.text(field).and_then(day) else { return false };
        from.as_ref().is_none_or(|from| held >= *from) && to.as_ref().is_none_or(|to| held <= *to)
    });
}
