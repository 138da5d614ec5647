//! The router: events of the inbox start workflows and go to the runs that wait for them.

mod pump;

use std::sync::Arc;

use common::auth::Acting;
use common::error::Result;
use common::tenant::TenantId;
use serde_json::Value;

use crate::engine::{Answering, Engine, NewRun, Start};
use crate::event::{Event, Outcome, StartedRun, Unclear};
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

/// A published workflow, for whoever starts it by its name.
#[derive(Debug, Clone)]
pub struct Current {
    pub revision: i64,
    /// For whom its runs act where nobody with a token starts them: whoever published it.
    pub acting: Acting,
}

/// The workflows that are published. A seam: the registry of definitions is another module's.
pub trait Workflows: std::fmt::Debug + Send + Sync {
    /// Those of a tenant that events start. Asked for every event: cached by whoever answers.
    fn triggered<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Triggered]>>;

    /// What counts of a workflow by its name; none if nothing of that name is published.
    fn current<'a>(&'a self, tenant: &'a TenantId, workflow: &'a str) -> Answering<'a, Option<Current>>;
}

/// What became of routing an event.
#[derive(Debug)]
struct Routed {
    outcome: Outcome,
    /// A workflow of which nobody knows whether it was to start; the first one.
    unclear: Option<Unclear>,
}

/// Starts what an event starts, then gives it to the runs that wait for it. Doing it again does nothing more: runs are
/// known by the event's key, and a run takes an event once.
async fn route((engine, workflows): (&dyn Engine, &dyn Workflows), tenant: &TenantId, event: &Event) -> Result<Routed> {
    let (envelope, key) = (event.envelope(), event.key());
    let (mut outcome, mut unclear) = (Outcome::default(), None);
    for triggered in workflows.triggered(tenant).await?.iter() {
        match judge(triggered, event, &envelope) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                let workflow = &triggered.workflow;
                // What follows the expression repeats what the event says: others' words.
                let expression = error.message().split_once("`: ").map_or("", |(expression, _)| expression);
                let reason = format!("a filter of `{workflow}` could not be worked out: {expression}`");
                unclear.get_or_insert(Unclear { workflow: workflow.clone(), reason });
                continue;
            }
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
    Ok(Routed { outcome, unclear })
}

/// Whether any of a workflow's filters fits; an error if none does, and one of them cannot tell.
fn judge(triggered: &Triggered, event: &Event, envelope: &Value) -> Result<bool> {
    let mut unclear = None;
    for filter in &triggered.filters {
        match filter.judge(event, envelope) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => unclear = unclear.or(Some(error)),
        }
    }
    unclear.map_or(Ok(false), Err)
}
