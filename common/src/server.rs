//! What one MCP server is made of. The doors take it from here.

use crate::health::Check;
use crate::prompt::Menu;
use crate::resource::{Catalogue, Changes};
use crate::skill::Skills;
use crate::tool::{Alias, Registry};

/// One server: who it is and what it offers.
#[derive(Debug)]
pub struct McpServer {
    /// Short name, also its path on the shared port: `ghl` is served at `/ghl/mcp`.
    pub name: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// Semantic version.
    pub version: &'static str,
    /// What a model should know before it uses the tools; with the names, all that some clients show at first.
    pub instructions: String,
    pub tools: Registry,
    /// Paths of their own for some of the tools.
    pub aliases: &'static [Alias],
    pub resources: Catalogue,
    pub prompts: Menu,
    /// Playbooks for agents.
    pub skills: Skills,
    /// Where its tools announce what they changed.
    pub changes: Changes,
    /// What has to work for it to be ready; quick, and without asking a vendor.
    pub checks: Vec<Check>,
    /// What `doctor` looks at besides; may take seconds and ask vendors.
    pub diagnoses: Vec<Check>,
}
