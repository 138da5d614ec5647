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

/// What a sub-account says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationDetails {
    pub location: Location,
    pub street: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    /// Whether two contacts may have the same email or phone.
    pub allows_duplicate_contacts: Option<bool>,
    /// Whether a contact may have several deals in one pipeline.
    pub allows_duplicate_opportunities: Option<bool>,
}

/// What kind of messages a provider carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    Sms,
    Email,
}

/// Who carries a location's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    pub carries: Carried,
    pub name: String,
    pub is_default: bool,
}
