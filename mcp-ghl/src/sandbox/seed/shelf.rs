//! Where a business's simple records are put.

use common::clock::UnixMillis;
use serde_json::{Map, Value};

use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::store::Document;
use crate::sandbox::store::documents::Record;

/// One business's place, at the moment of seeding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelf<'a> {
    pub(crate) business: &'a Business,
    pub(crate) location_id: &'a str,
    pub(crate) now_ms: UnixMillis,
}

impl Shelf<'_> {
    /// A record that was added so many days ago. `fields` is an object.
    pub(crate) fn record(&self, kind: &str, id: String, fields: Value, days_ago: i64) -> Record {
        self.record_at(kind, id, fields, self.now_ms - days_ago * DAY_MS)
    }

    /// A record that was added at an instant.
    pub(crate) fn record_at(&self, kind: &str, id: String, fields: Value, added_at_ms: UnixMillis) -> Record {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Record {
            location_id: self.location_id.to_owned(),
            kind: kind.to_owned(),
            id,
            parent_id: String::new(),
            body: Document(fields),
            added_at_ms,
            updated_at_ms: added_at_ms,
        }
    }
}
