//! Servers that have tools and nothing else.

use common::prompt::Menu;
use common::resource::{Catalogue, Changes};
use common::server::McpServer;
use common::skill::Skills;
use common::tool::Registry;

/// A server of these tools.
#[must_use]
pub fn server_of(name: &'static str, title: &'static str, tools: Registry) -> McpServer {
    McpServer {
        name,
        title,
        version: "1.0.0",
        instructions: String::new(),
        tools,
        aliases: &[],
        resources: Catalogue::default(),
        prompts: Menu::default(),
        skills: Skills::default(),
        changes: Changes::new(),
        checks: Vec::new(),
        diagnoses: Vec::new(),
    }
}
