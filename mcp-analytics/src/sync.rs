//! Records from other servers: pages of a peer's tools become a table, which is loaded like any other.

mod crm;

pub(crate) use crm::{Read, Reading, contacts, deals};
