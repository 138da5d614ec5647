//! How a run's state is written down: its version, and what is left out.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The form that this program writes and reads.
const VERSION: u32 = 1;

/// The form of a state that was written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let version = u32::deserialize(deserializer)?;
        if version == VERSION {
            return Ok(Self);
        }
        Err(D::Error::custom(format!(
            "a run's state of version {version} cannot be read: this program reads version {VERSION}"
        )))
    }
}

/// A value that is there, null included.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if gives a reference")]
pub(super) fn is_zero(number: &u32) -> bool {
    *number == 0
}
