//! The router: events of the inbox start workflows and go to the runs that wait for them.

mod pump;

use std::sync::Arc;

use common::auth::Acting;
use common::error::Result;
use common::tenant::TenantId;

use crate::engine::{Answering, Engine, NewRun, Start};
use crate::event::{Event, Outcome, StartedRun};
use crate::run::RunId;
use crate::workflow::EventFilter;

pub use pump::Pump;

/// A published workflow that events start.
#[derive(Debug, Clone)]
pub struct Triggered {
    pub workflow: String,
    /// The revision that is current.
    pub revision: i64,
    /// Any of them.
    pub filters: Vec<EventFilter>,
    /// For whom its runs act: whoever published it.
    pub acting: Acting,
}

/// The workflows that are published. A seam: the registry of definitions is another module's.
pub trait Workflows: std::fmt::Debug + Send + Sync {
    /// Those of a tenant that events start. Asked for every event: cached by whoever answers.
    fn triggered<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Triggered]>>;

    /// The current revision of a workflow by its name; none if nothing of that name is published.
    fn current<'a>(&'a self, tenant: &'a TenantId, workflow: &'a str) -> Answering<'a, Option<i64>>;
}

/// Starts what an event starts, then gives it to the runs that wait for it. Doing it again does nothing more: runs are
/// known by the event's key, and a run takes an event once.
async fn route(
    (engine, workflows): (&dyn Engine, &dyn Workflows),
    tenant: &TenantId,
    event: &Event,
) -> Result<Outcome> {
    let (envelope, key) = (event.envelope(), event.key());
    let mut outcome = Outcome::default();
    for triggered in workflows.triggered(tenant).await?.iter() {
        if !triggered.filters.iter().any(|filter| filter.fits(event, &envelope)) {
            continue;
        }
        let run_id = RunId::of_key(&triggered.workflow, &key);
        let run = NewRun {
            run_id: run_id.clone(),
            workflow: triggered.workflow.clone(),
            revision: triggered.revision,
            key: Some(key.clone()),
            input: envelope.clone(),
            acting: triggered.acting.clone(),
            callback: None,
            parent: None,
        };
        // A run that is known was started by this event before: it counts as well.
        let (Start::Started | Start::Known) = engine.start(tenant, run).await?;
        outcome.started.push(StartedRun { run_id: run_id.0, workflow: triggered.workflow.clone() });
    }
    outcome.delivered = engine.deliver(tenant, event).await?;
    Ok(outcome)
}
