//! Where a run stands: everything that it needs to go on, and nothing else.

use serde::{Deserialize, Serialize};

/// Where a run stands. Engines keep it as JSON and do not look into it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {}
