//! What happens when runs end, besides their ending.

pub use crate::store::runs::ended::{EndedHooks, EndedRun, Keeping, OnEnd};
