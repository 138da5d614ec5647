//! Locations: the sub-accounts of an agency. Every record belongs to one.

use crate::record_id::RecordId;

/// A sub-account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: RecordId,
    /// Absent if its token may not read it (scope `locations.readonly`).
    pub name: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    /// IANA name.
    pub timezone: Option<String>,
}
