//! Associations: what a record of one kind can be to a record of another.

use crate::record_id::RecordId;

/// That records of two kinds can be linked, such as contacts with pets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    pub id: RecordId,
    pub key: String,
    /// What people call it, made of both its sides: `Owner - Pet`.
    pub label: String,
    pub first: Side,
    pub second: Side,
}

/// One end of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// `contact`, `opportunity`, `business` or the key of a custom object.
    pub object_key: String,
    /// What the record is to the other.
    pub label: String,
}

/// Two records that are linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub id: RecordId,
    pub association_id: String,
    pub first_id: String,
    pub second_id: String,
}
