//! Values offered while a client fills in a blank of a prompt or of a resource's address.

use std::collections::HashMap;

/// Values offered at once; the protocol allows no more (MCP 2025-11-25, `completion/complete`).
pub(crate) const VALUES_MAX: usize = 100;

/// A blank that is being filled in.
#[derive(Debug, Clone, Copy)]
pub struct Blank<'call> {
    pub name: &'call str,
    /// What stands in it so far.
    pub typed: &'call str,
    pub(crate) others: Option<&'call HashMap<String, String>>,
}

impl Blank<'_> {
    /// What another blank holds already, where the client says so (MCP 2025-06-18 and later).
    #[must_use]
    pub fn other(&self, name: &str) -> Option<&str> {
        self.others?.get(name).map(String::as_str).filter(|text| !text.trim().is_empty())
    }
}
