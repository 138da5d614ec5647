//! What an operator may change.

use std::path::PathBuf;

use common::error::{Error, ErrorCode, Result};
use jiff::civil::Time;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::connections::ConnectionSettings;
use crate::oauth::OAuthSettings;
use crate::quiet_hours::QuietHours;

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
    /// A folder with newer `OpenAPI` files of the API (`*.json`), whose operations win over those of this build.
    pub spec_dir: Option<PathBuf>,
    /// When nobody's telephone should buzz.
    pub quiet_hours: QuietHoursSettings,
}

/// `[ghl.quiet_hours]`: every day, by the contact's clock, or by the location's where the contact has none.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuietHoursSettings {
    /// When they begin, such as `21:00`.
    pub from: String,
    /// When they end. The same as the beginning: there are none.
    pub to: String,
    /// Whether `send_message` refuses SMS, RCS and `WhatsApp` messages then.
    pub refuse: bool,
}

impl Default for QuietHoursSettings {
    fn default() -> Self {
        Self { from: "21:00".to_owned(), to: "08:00".to_owned(), refuse: false }
    }
}

impl QuietHoursSettings {
    /// # Errors
    /// `failed_precondition` if an end is no time of the day.
    pub(crate) fn read(&self) -> Result<QuietHours> {
        let time = |text: &str| {
            text.trim().parse::<Time>().map_err(|source| {
                Error::new(ErrorCode::FailedPrecondition, "`ghl.quiet_hours` has an end that is no time")
                    .with_hint("write it as `21:00`")
                    .with_source(source)
            })
        };
        Ok(QuietHours { from: time(&self.from)?, to: time(&self.to)?, refuses: self.refuse })
    }
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
            spec_dir: None,
            quiet_hours: QuietHoursSettings::default(),
        }
    }
}

/// The server that the specification names (highlevel-api-docs, 2026-06-19).
const BASE_URL: &str = "https://services.leadconnectorhq.com";
