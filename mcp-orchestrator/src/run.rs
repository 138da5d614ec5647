//! A run: one execution of a workflow, and how it is named.

use std::fmt;

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `run_` and 32 hexadecimal digits: a UUIDv7, or the digest of what it was started by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

/// A step within its run: stable for all its attempts, different for each passage of a loop. `s` and its place, from 1:
/// `s3`, within it `s3.1`, in the fourth passage of a loop `s3.4.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub String);

/// Something that a run waits for, within its run. `w` and a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WaitId(pub String);

impl RunId {
    /// A run that nothing identifies.
    #[must_use]
    pub fn at(now_ms: UnixMillis) -> Self {
        Self(format!("run_{}", common::clock::time_ordered_uuid(now_ms).simple()))
    }

    /// The run of a workflow by a key: the same again and again, so that it is started once.
    #[must_use]
    pub fn of_key(workflow: &str, key: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(workflow.as_bytes());
        digest.update([0]);
        digest.update(key.as_bytes());
        let digest = hex::encode(digest.finalize());
        Self(format!("run_{}", digest.get(..32).unwrap_or_default()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Something is being done.
    Running,
    /// It is parked until a time, an event, a person or another run.
    Waiting,
    Completed,
    Failed,
    Cancelled,
}
