//! What an operator may change about imports.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// `[analytics.imports]`: what may be brought in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImportSettings {
    /// Folders that files may be read from; of a tenant other than `local` only its own folder inside of them. Without any,
    /// `imports` in the data folder.
    pub folders: Vec<PathBuf>,
    /// Largest file, in bytes.
    pub file_bytes_max: u64,
    /// Most rows of a load.
    pub rows_max: u64,
    /// Most people of a data set.
    pub people_max: u64,
    /// Versions of a data set that are kept. At least 1.
    pub versions_kept: u32,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            folders: Vec::new(),
            file_bytes_max: 4 * 1024 * 1024 * 1024,
            rows_max: 50_000_000,
            people_max: 5_000_000,
            versions_kept: 3,
        }
    }
}
