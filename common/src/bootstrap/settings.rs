//! The sections of the ground floor, each owned by its module.

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::audit::AuditSettings;
use crate::auth::AuthSettings;
use crate::bootstrap::ServerEntry;
use crate::config::Config;
use crate::db::DatabaseSettings;
use crate::error::Result;
use crate::http::HttpSettings;
use crate::telemetry::LogSettings;
use crate::tool::DispatchSettings;
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
    pub auth: AuthSettings,
    pub database: DatabaseSettings,
    pub audit: AuditSettings,
    pub log: LogSettings,
    pub http: HttpSettings,
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
            auth: section(config, "auth")?,
            database: section(config, "database")?,
            audit: section(config, "audit")?,
            log: section(config, "log")?,
            http: section(config, "http")?,
        })
    }
}

fn section<T: DeserializeOwned + Default>(config: &mut Config, name: &str) -> Result<T> {
    config.section(name)
}

/// The JSON Schema of the whole settings file.
pub(super) fn schema(servers: &[ServerEntry]) -> Value {
    let mut sections = json!({
        "server": schema_of::<HttpServerSettings>(),
        "stdio": schema_of::<StdioSettings>(),
        "tools": schema_of::<DispatchSettings>(),
        "auth": schema_of::<AuthSettings>(),
        "database": schema_of::<DatabaseSettings>(),
        "audit": schema_of::<AuditSettings>(),
        "log": schema_of::<LogSettings>(),
        "http": schema_of::<HttpSettings>(),
    });
    if let Value::Object(sections) = &mut sections {
        sections.extend(servers.iter().map(|server| (server.name.to_owned(), (server.schema)())));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Luminar settings",
        "type": "object",
        "properties": sections,
        "additionalProperties": false,
    })
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings).into_root_schema_for::<T>().to_value()
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
        let schema = schema(&[]);
        for (section, properties) in schema["properties"].as_object().unwrap() {
            let start = DEFAULT_CONFIG.find(&format!("[{section}]\n")).unwrap();
            let text = &DEFAULT_CONFIG[start..];
            for key in properties["properties"].as_object().unwrap().keys().filter(|key| *key != "backoff_seed") {
                let is_named = text.contains(&format!("{key} =")) || text.contains(&format!("[[{section}.{key}]]"));
                assert!(is_named, "`{key}` of `[{section}]` is missing from config.default.toml");
            }
        }
    }
}
