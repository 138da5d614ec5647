//! What is on its way through Restate, as JSON. A message may be older than the program that reads it: fields are added
//! with a default, and none is renamed.

use common::auth::Acting;
use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tenant::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::Given;
use crate::interpreter::{Failure, StepCall};
use crate::run::{RunId, RunStatus, StepId, WaitId};
use crate::store::inputs::Kept;
use crate::store::runs::RunKey;

/// What the object of a run takes messages by.
pub(super) const TELL: &str = "tell";

/// What calls are made by.
pub(super) const MAKE: &str = "make";

/// Something for a run. Whoever sends it says when that was: a run reads no clock, so that what is repeated after a
/// crash comes to the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) at_ms: UnixMillis,
    pub(super) what: What,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Start(Box<Given>),
    /// From outside; `revives` if it is for runs that have failed, not for those that go on.
    Input {
        input_id: String,
        kept: Kept,
        revives: bool,
    },
    /// The time of these waits has come.
    Due {
        waits: Vec<WaitId>,
    },
    Called {
        step: StepId,
        attempt: u32,
        outcome: std::result::Result<Value, Failure>,
    },
    NeedsYes {
        step: StepId,
        attempt: u32,
        plan: String,
    },
    /// Its rows are about to go.
    Forget,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Started,
    /// It came before.
    Known,
    Taken,
    /// The run is not one that takes it.
    Unfit(RunStatus),
    NoSuchRun,
}

/// A call that is to be made for a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) run: String,
    pub(super) acting: Acting,
    pub(super) call: StepCall,
    /// The plan that somebody has said yes to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) plan: Option<String>,
}

/// The key of a run's object: tenants have no `.` in their ids.
pub(super) fn object_key(run: &RunKey) -> String {
    format!("{}.{}", run.tenant, run.run_id)
}

/// The run of an object.
pub(super) fn run_of(object_key: &str) -> Result<RunKey> {
    let strange = || Error::internal("a key in Restate is none of ours", object_key.to_owned());
    let (tenant, run_id) = object_key.split_once('.').ok_or_else(strange)?;
    let tenant: TenantId = tenant.parse()?;
    Ok(RunKey { tenant, run_id: RunId(run_id.to_owned()) })
}
