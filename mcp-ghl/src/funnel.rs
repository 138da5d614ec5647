//! Funnels and websites, and the pages in them.

use crate::record_id::RecordId;

/// A funnel or website.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    pub id: RecordId,
    pub name: String,
    /// The vendor's word: `funnel` or `website`.
    pub kind: Option<String>,
    pub steps: Vec<Step>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

/// A step of a funnel, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub name: String,
    /// `/offer`, on the funnel's domain.
    pub path: Option<String>,
    /// How many pages, more than one while variants are tried.
    pub pages: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelPage {
    pub id: RecordId,
    pub name: String,
    pub step_id: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}
