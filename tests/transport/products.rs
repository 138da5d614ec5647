//! The servers that the same is asked of.

/// A server as a program of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product {
    pub(crate) program: &'static str,
    pub(crate) server: &'static str,
    /// A tool of it that needs no arguments.
    pub(crate) tool: &'static str,
}

pub(crate) const PRODUCTS: [Product; 2] = [
    Product { program: "mcp-ghl", server: "ghl", tool: "get_account_context" },
    Product { program: "mcp-orchestrator", server: "orchestrator", tool: "list_workflows" },
];
