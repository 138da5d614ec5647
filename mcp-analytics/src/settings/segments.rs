//! What an operator may change about segments.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::segmentation::{GateSettings, SearchSettings};

/// `[analytics.segments]`: how segments are searched for, and when they count.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentSettings {
    pub gates: GateSettings,
    pub search: SearchSettings,
}
