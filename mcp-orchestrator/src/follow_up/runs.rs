//! What is asked about runs by whoever does not keep them. A seam: runs are kept by the engine.

use std::collections::HashSet;
use std::fmt;

use common::auth::Acting;
use common::tenant::TenantId;

use crate::engine::Answering;
use crate::run::RunId;

/// What others need to know of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// The event or other key that it was started by; for a run that a run has started, that one's id, `/` and a wait.
    pub started_by: Option<String>,
    /// For whom it acts.
    pub acting: Acting,
}

/// The runs there are.
pub trait RunBook: fmt::Debug + Send + Sync {
    /// One run; none if there is none of that id.
    fn find<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId) -> Answering<'a, Option<RunFacts>>;

    /// Which of these there are, at most a few hundred at once.
    fn known<'a>(&'a self, tenant: &'a TenantId, runs: &'a [RunId]) -> Answering<'a, HashSet<RunId>>;
}
