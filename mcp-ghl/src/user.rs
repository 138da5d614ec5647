//! Users: the people who work in a location and own its records.

use crate::record_id::RecordId;

/// Somebody who works in a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: RecordId,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The vendor's word: `admin` or `user`.
    pub role: Option<String>,
}
