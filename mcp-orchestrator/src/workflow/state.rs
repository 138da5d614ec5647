//! Whether a workflow that is kept is started.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether new runs begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowState {
    /// Events, the clock and callers start it.
    Published,
    /// Nothing starts it; runs under way go on.
    Paused,
    /// As if it were not there; runs under way go on, and saving it again brings it back.
    Removed,
}

impl WorkflowState {
    pub(crate) const ALL: [Self; 3] = [Self::Published, Self::Paused, Self::Removed];

    /// The spelling in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Removed => "removed",
        }
    }
}
