//! Affiliates: who brings customers, and what they earn by it.

use crate::money::Money;
use crate::record_id::RecordId;

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affiliate {
    pub id: RecordId,
    pub name: String,
    pub email: Option<String>,
    pub contact_id: Option<String>,
    pub is_active: Option<bool>,
    pub clicks: Option<u64>,
    pub leads: Option<u64>,
    pub customers: Option<u64>,
    /// What the customers have paid.
    pub revenue: Option<Money>,
    /// What is still to be paid to the partner.
    pub owed: Option<Money>,
    /// What the partner has got.
    pub paid: Option<Money>,
}

/// What a partner earns by one sale, or is paid at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earning {
    pub id: RecordId,
    pub campaign: Option<String>,
    /// What was sold, for a commission.
    pub product: Option<String>,
    pub money: Option<Money>,
    /// The vendor's word, such as `pending` or `paid`.
    pub status: Option<String>,
    /// When it is or was due, RFC 3339.
    pub due_at: Option<String>,
    /// When it came about, RFC 3339.
    pub at: Option<String>,
}
