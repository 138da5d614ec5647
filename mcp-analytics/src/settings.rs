//! What an operator may change.

mod imports;
mod segments;

use schemars::JsonSchema;
use serde::Deserialize;

pub use imports::ImportSettings;
pub use segments::SegmentSettings;

/// Every setting of this server with its default, and the manual.
pub(crate) const DEFAULT_CONFIG: &str = include_str!("../config.default.toml");

/// `[analytics]`: what may be brought in, and how it is judged.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub imports: ImportSettings,
    pub segments: SegmentSettings,
}
