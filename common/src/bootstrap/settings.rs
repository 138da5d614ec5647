//! The sections of the ground floor, each owned by its module.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::audit::AuditSettings;
use crate::auth::AuthSettings;
use crate::bootstrap::ServerEntry;
use crate::config::Config;
use crate::db::DatabaseSettings;
use crate::error::Result;
use crate::http::HttpSettings;
use crate::peer::PeersSettings;
use crate::secrets::SecretsSettings;
use crate::telemetry::LogSettings;
use crate::tool::{ApprovalSettings, DispatchSettings, TaskSettings};
use crate::transport::stdio::StdioSettings;
use crate::transport::streamable_http::HttpServerSettings;

/// Defaults and manual of the ground floor in one.
pub(super) const DEFAULT_CONFIG: &str = include_str!("../../config.default.toml");

/// What the ground floor takes from the settings.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub server: HttpServerSettings,
    pub stdio: StdioSettings,
    pub tools: DispatchSettings,
    pub approvals: ApprovalSettings,
    pub tasks: TaskSettings,
    pub auth: AuthSettings,
    pub database: DatabaseSettings,
    pub audit: AuditSettings,
    pub secrets: SecretsSettings,
    pub log: LogSettings,
    pub http: HttpSettings,
    pub peers: PeersSettings,
}

impl Settings {
    /// Claims the sections.
    ///
    /// # Errors
    /// `failed_precondition` naming the first key that is not accepted.
    pub fn take(config: &mut Config) -> Result<Self> {
        Ok(Self {
            server: section(config, "server")?,
            stdio: section(config, "stdio")?,
            tools: section(config, "tools")?,
            approvals: section(config, "approvals")?,
            tasks: section(config, "tasks")?,
            auth: section(config, "auth")?,
            database: section(config, "database")?,
            audit: section(config, "audit")?,
            secrets: section(config, "secrets")?,
            log: section(config, "log")?,
            http: section(config, "http")?,
            peers: section(config, "peers")?,
        })
    }
}

fn section<T: DeserializeOwned + Default>(config: &mut Config, name: &str) -> Result<T> {
    config.section(name)
}

/// The JSON Schema of the whole settings file.
#[derive(Debug, Serialize)]
pub(super) struct FileSchema {
    #[serde(rename = "$schema")]
    dialect: &'static str,
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    properties: BTreeMap<&'static str, Schema>,
    #[serde(rename = "additionalProperties")]
    accepts_more: bool,
}

impl FileSchema {
    pub(super) fn of(servers: &[ServerEntry]) -> Self {
        let ours = [
            ("server", schema_of::<HttpServerSettings>()),
            ("stdio", schema_of::<StdioSettings>()),
            ("tools", schema_of::<DispatchSettings>()),
            ("approvals", schema_of::<ApprovalSettings>()),
            ("tasks", schema_of::<TaskSettings>()),
            ("auth", schema_of::<AuthSettings>()),
            ("database", schema_of::<DatabaseSettings>()),
            ("audit", schema_of::<AuditSettings>()),
            ("secrets", schema_of::<SecretsSettings>()),
            ("log", schema_of::<LogSettings>()),
            ("http", schema_of::<HttpSettings>()),
            ("peers", schema_of::<PeersSettings>()),
        ];
        let theirs = servers.iter().flat_map(|server| (server.sections)());
        Self {
            dialect: "https://json-schema.org/draft/2020-12/schema",
            title: "Luminar settings",
            kind: "object",
            properties: ours.into_iter().chain(theirs).collect(),
            accepts_more: false,
        }
    }
}

/// The JSON Schema of one section, without references.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_states_the_defaults_of_the_code() {
        let mut config = Config::load(&[DEFAULT_CONFIG], None).unwrap();
        let from_file = Settings::take(&mut config).unwrap();
        config.finish().unwrap();
        assert_eq!(format!("{from_file:#?}"), format!("{:#?}", Settings::default()));
    }

    #[test]
    fn the_default_file_names_every_setting() {
        for (section, schema) in FileSchema::of(&[]).properties {
            let start = DEFAULT_CONFIG.find(&format!("[{section}]\n")).unwrap();
            let text = &DEFAULT_CONFIG[start..];
            for key in
                schema.get("properties").unwrap().as_object().unwrap().keys().filter(|key| *key != "backoff_seed")
            {
                let is_named = text.contains(&format!("{key} =")) || text.contains(&format!("[[{section}.{key}]]"));
                assert!(is_named, "`{key}` of `[{section}]` is missing from config.default.toml");
            }
        }
    }
}
