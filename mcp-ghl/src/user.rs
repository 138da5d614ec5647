//! Users: the people who work in a location and own its records.

use crate::record_id::RecordId;

/// Somebody who works in a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: RecordId,
    pub name: String,
    pub email: Option<String>,
}
