//! What an operator may change.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::connections::ConnectionSettings;
use crate::oauth::OAuthSettings;

/// Every setting of this server with its default, and the manual.
pub(crate) const DEFAULT_CONFIG: &str = include_str!("../config.default.toml");

/// `[ghl]`: which accounts are connected and how they are asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where the API is.
    pub base_url: String,
    /// The tokens of all tenants. A tenant without one is not connected.
    pub connections: Vec<ConnectionSettings>,
    /// The app through which people log in.
    pub oauth: OAuthSettings,
    /// Id or name of the location meant where a call names none; absent means the only one.
    pub default_location: Option<String>,
    /// How long names of locations, pipelines, stages, tags, fields and users are kept, in milliseconds.
    pub directory_ms: u64,
    /// How many days a change can be listed and taken back after it was made.
    pub changes_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            connections: Vec::new(),
            oauth: OAuthSettings::default(),
            default_location: None,
            directory_ms: 60_000,
            changes_days: 30,
        }
    }
}

/// The server that the specification names (highlevel-api-docs, 2026-06-19).
const BASE_URL: &str = "https://services.leadconnectorhq.com";
