//! The least that a server can be: one tool, one resource, one prompt. It proves the fixtures and the runner apart from any product.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;

/// Answers `get_greeting` and refuses everything else.
#[derive(Clone)]
pub(crate) struct StandIn {
    greeting: Tool,
}

impl StandIn {
    pub(crate) fn new() -> Self {
        let greeting = serde_json::from_value(json!({
            "name": "get_greeting",
            "description": "Says hello.",
            "inputSchema": {"type": "object", "properties": {}},
        }));
        Self { greeting: greeting.expect("the definition is valid") }
    }
}

impl ServerHandler for StandIn {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources().build())
            .with_server_info(Implementation::new("stand-in", "0.0.0"))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![self.greeting.clone()]))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == self.greeting.name).then(|| self.greeting.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name != self.greeting.name {
            return Err(ErrorData::invalid_params(format!("unknown tool `{}`", request.name), None));
        }
        Ok(CallToolResult::success(vec![ContentBlock::text("hello")]).into())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Err(ErrorData::resource_not_found("resource not found", Some(json!({"uri": request.uri}))))
    }
}
