//! What a server says of its tools, made safe to show: outsiders' text is one line, and not long.

use rmcp::model::Tool;

use super::call::PeerTool;
use crate::tool::one_line;

/// Most tools of one server that are known.
pub(super) const TOOLS_MAX: usize = 1_000;

/// Longest name that is shown, in characters (SEP-986 allows 64).
const NAME_LENGTH_MAX: usize = 128;
const TITLE_LENGTH_MAX: usize = 120;
const DESCRIPTION_LENGTH_MAX: usize = 1_000;

/// A tool in our words. What it does not say of itself is assumed to be the worst (MCP 2026-07-28, `ToolAnnotations`).
pub(super) fn tool(tool: Tool) -> PeerTool {
    let annotations = tool.annotations.unwrap_or_default();
    let title = tool.title.or(annotations.title);
    let is_read_only = annotations.read_only_hint.unwrap_or(false);
    PeerTool {
        name: one_line(&tool.name, NAME_LENGTH_MAX),
        title: title.map(|title| one_line(&title, TITLE_LENGTH_MAX)),
        description: one_line(tool.description.as_deref().unwrap_or_default(), DESCRIPTION_LENGTH_MAX),
        input_schema: tool.input_schema,
        is_read_only,
        is_destructive: !is_read_only && annotations.destructive_hint.unwrap_or(true),
        is_idempotent: is_read_only || annotations.idempotent_hint.unwrap_or(false),
    }
}
