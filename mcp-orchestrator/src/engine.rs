//! What keeps runs going. Nothing above this seam knows which engine it is.

mod alarm;
mod approving;
mod calling;
mod chosen;
mod commit;
mod definitions;
mod delivery;
mod draft;
mod embedded;
pub mod hooks;
mod input;
mod lease;
mod look_back;
mod mailbox;
mod matching;
mod owned;
mod parts;
mod refusal;
#[cfg(feature = "restate")]
mod restate;
mod settings;
mod settled;
mod watch;
mod worker;

use std::future::Future;
use std::pin::Pin;

use common::auth::Acting;
use common::error::Result;
use common::tenant::TenantId;
use serde_json::Value;

use crate::event::Event;
use crate::run::{RunId, WaitId};
use crate::workflow::Pointer;

pub(crate) use chosen::Chosen;
pub use definitions::Definitions;
pub use embedded::Embedded;
pub(crate) use input::check_input;
pub use parts::Parts;
#[cfg(feature = "restate")]
pub use restate::Restate;
pub use settings::{EngineKind, EngineSettings, RestateSettings};

/// The answer of an engine, some time later.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What a run is started with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    pub run_id: RunId,
    pub workflow: String,
    /// The revision of its definition, that it stays on.
    pub revision: i64,
    /// The event or other key that it is started by.
    pub key: Option<String>,
    pub input: Value,
    /// For whom its calls are made: whoever started it, or, where an event or the clock did, whoever published the
    /// workflow.
    pub acting: Acting,
    /// What is called with the outcome.
    pub callback: Option<String>,
    /// The run and wait that wait for it.
    pub parent: Option<(RunId, WaitId)>,
}

/// What became of starting a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Started,
    /// There is a run of that id already; nothing was done.
    Known,
}

/// Keeps runs going, whatever happens to processes. What it answers is committed.
pub trait Engine: std::fmt::Debug + Send + Sync {
    /// Starts a run.
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start>;

    /// Gives an event to the runs that listen for it. Returns how many took it. The same event is taken once.
    fn deliver<'a>(&'a self, tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize>;

    /// Gives an event to one run, whatever correlations say. `not_found` if it does not listen for its kind.
    fn signal<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, event: &'a Event) -> Answering<'a, ()>;

    /// Ends a run. `failed_precondition` if it has ended.
    fn cancel<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, reason: String) -> Answering<'a, ()>;

    /// A failed run goes on. `failed_precondition` if it has not failed.
    fn resume<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, how: Resume) -> Answering<'a, ()>;
}

/// How a failed run goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Resume {
    /// From the step that failed, or another one, with its input as given.
    Retry { from: Option<Pointer>, input: Option<Value> },
    /// Behind the step that failed, as if it had answered this.
    Skip { output: Value },
}
