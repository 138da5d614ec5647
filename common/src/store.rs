//! The rows of the floor that tools stand on, one file for each table.

pub(crate) mod approvals;
pub(crate) mod idempotency;
pub(crate) mod tasks;
