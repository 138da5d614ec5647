//! mcp-orchestrator: events that are never lost, and workflows as durable sequences of tool calls.
//!
//! An event goes door → inbox (committed, then acknowledged) → routes (which workflows it starts, which runs wait for
//! it). A run goes engine → interpreter (pure) → commands → executor (peers, HTTP) → engine. Nouns are pure.

// what there is, and the rules about it
pub mod event;
pub mod interpreter;
pub mod run;
pub mod workflow;

// how it is kept and kept going
pub mod engine;
mod settings;
mod store;

// what callers get
mod deps;
mod tools;

use std::sync::Arc;

use common::bootstrap::{Foundation, ServerEntry, schema_of};
use common::error::Result;
use common::prompt::Menu;
use common::resource::{Catalogue, Changes};
use common::server::McpServer;
use common::skill::Skills;

use deps::Deps;

pub use settings::Settings;

/// What a model should know before it uses the tools.
const INSTRUCTIONS: &str = "Events and durable workflows.";

/// This server as programs compose it.
pub const SERVER: ServerEntry = ServerEntry {
    name: "orchestrator",
    default_config: settings::DEFAULT_CONFIG,
    sections: || vec![("orchestrator", schema_of::<Settings>())],
    migrations: Some(store::MIGRATIONS),
    build: |foundation, config| {
        let settings: Settings = config.section("orchestrator")?;
        build(foundation, settings)
    },
};

/// Puts the server together. Connects to nothing.
///
/// # Errors
/// `failed_precondition` if a setting is not accepted.
pub fn build(foundation: &Foundation, _settings: Settings) -> Result<McpServer> {
    let changes = Changes::new();
    let deps = Arc::new(Deps { clock: foundation.clock.clone() });
    Ok(McpServer {
        name: "orchestrator",
        title: "Orchestrator",
        version: env!("CARGO_PKG_VERSION"),
        instructions: INSTRUCTIONS.to_owned(),
        tools: tools::all(deps),
        aliases: &[],
        resources: Catalogue::default(),
        prompts: Menu::default(),
        skills: Skills::default(),
        changes,
        checks: Vec::new(),
        diagnoses: Vec::new(),
    })
}
