//! What Restate keeps of a run until that has ended for good.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::auth::Acting;
use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::engine::NewRun;
use crate::engine::owned::{Open, Owned};
use crate::interpreter::State;
use crate::run::{RunId, RunStatus, WaitId};
use crate::store::runs::{OpenCall, RunKey};
use crate::workflow::Workflow;

/// Who has the runs of this engine, in their rows: no worker of the embedded one takes them.
pub(super) const OWNER: &str = "restate";

/// What a run was started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Given {
    pub(super) workflow: String,
    pub(super) workflow_revision: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) started_by: Option<String>,
    pub(super) input: Value,
    pub(super) acting: Acting,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) callback: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) parent: Option<(RunId, WaitId)>,
    pub(super) created_ms: UnixMillis,
}

/// Where it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stands {
    /// Of its row.
    pub(super) revision: i64,
    pub(super) status: RunStatus,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) calls: Vec<OpenCall>,
    /// Something may be waited for that has to be cleared at the end.
    #[serde(default)]
    pub(super) may_wait: bool,
    /// The events that it has had.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub(super) heard: BTreeSet<String>,
}

impl Given {
    pub(super) fn new(run: NewRun, created_ms: UnixMillis) -> Self {
        Self {
            workflow: run.workflow,
            workflow_revision: run.revision,
            started_by: run.key,
            input: run.input,
            acting: run.acting,
            callback: run.callback,
            parent: run.parent,
            created_ms,
        }
    }

    /// The run as it is worked on; without where it stands, before it has begun.
    pub(super) fn run(&self, key: RunKey, workflow: Arc<Workflow>, stands: Option<Stands>) -> Owned {
        let left = CancellationToken::new();
        let open = |open: OpenCall| (open.call.step.clone(), Open { stop: left.child_token(), open });
        let has_begun = stands.is_some();
        let (revision, state, calls, may_wait) = stands.map_or_else(
            || (0, State::default(), Vec::new(), false),
            |stands| (stands.revision, stands.state, stands.calls, stands.may_wait),
        );
        Owned {
            key,
            workflow,
            name: self.workflow.clone(),
            workflow_revision: self.workflow_revision,
            started_by: self.started_by.clone(),
            input: self.input.clone(),
            acting: Arc::new(self.acting.clone()),
            callback: self.callback.clone(),
            parent: self.parent.clone(),
            created_ms: self.created_ms,
            worker: OWNER.into(),
            revision,
            has_begun,
            state,
            calls: calls.into_iter().map(open).collect(),
            may_wait,
            left,
        }
    }
}
