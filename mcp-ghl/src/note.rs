//! Notes: what people and machines write about a contact.

use crate::record_id::RecordId;

/// A note. Its text was written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: RecordId,
    pub title: Option<String>,
    pub text: String,
    pub author_id: Option<String>,
    /// RFC 3339.
    pub written_at: Option<String>,
}
