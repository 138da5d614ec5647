//! Products and what they cost.

use crate::money::Money;
use crate::record_id::RecordId;

/// Something that the location sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: RecordId,
    pub name: String,
    /// The vendor's word in lower case, such as `digital` or `service`.
    pub kind: Option<String>,
    pub is_in_store: Option<bool>,
}

/// One of a product's prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub id: RecordId,
    pub name: String,
    pub money: Option<Money>,
    /// `1 month`; absent for what is paid once.
    pub every: Option<String>,
}
