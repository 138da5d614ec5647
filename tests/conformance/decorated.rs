//! The real server with the suite's fixtures beside it. Whatever is not a fixture goes to the real server untouched.
#![expect(deprecated, reason = "the suite still judges logging and subscriptions of clients up to MCP 2025-11-25")]

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam, CompleteRequestParams,
    CompleteResult, CustomNotification, CustomRequest, CustomResult, DiscoverResult, ErrorCode, GetPromptRequestParams,
    GetPromptResponse, GetTaskParams, GetTaskResult, InitializeRequestParams, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ServerConfig,
    SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::fixtures::{Change, Fixtures};

/// A server handler and the fixtures that it shares with its siblings.
pub(crate) struct Decorated<H> {
    real: H,
    fixtures: Arc<Fixtures>,
}

impl<H: ServerHandler> Decorated<H> {
    pub(crate) fn new(real: H, fixtures: Arc<Fixtures>) -> Self {
        Self { real, fixtures }
    }

    async fn listen_to_real(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        if self.real.accepted_subscription_filter(context.requested()).is_some() {
            return self.real.listen(context).await;
        }
        context.cancelled().await;
        Ok(())
    }
}

impl<H: ServerHandler> ServerHandler for Decorated<H> {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.real.get_info();
        Fixtures::declare(&mut info.capabilities);
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.real.supported_protocol_versions()
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let mut result = self.real.initialize(request, context).await?;
        Fixtures::declare(&mut result.capabilities);
        Ok(result)
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        let mut result = self.real.negotiate_initialize(request)?;
        Fixtures::declare(&mut result.capabilities);
        Ok(result)
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut result = self.real.discover(context).await?;
        Fixtures::declare(&mut result.capabilities);
        Ok(result)
    }

    async fn ping(&self, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        self.real.ping(context).await
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // Servers no longer have to log to clients (SEP-2577); the fixtures do, so the capability is declared.
        match self.real.set_level(request, context).await {
            Err(error) if error.code == ErrorCode::METHOD_NOT_FOUND => Ok(()),
            result => result,
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        match self.fixtures.complete(&request) {
            Some(result) => Ok(result),
            None => self.real.complete(request, context).await,
        }
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut page = self.real.list_tools(request, context).await?;
        if page.next_cursor.is_none() {
            page.tools.extend_from_slice(&self.fixtures.catalogue.tools);
        }
        Ok(page)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.fixtures.tool(name).cloned().or_else(|| self.real.get_tool(name))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        match self.fixtures.call_tool(&request, &context).await {
            Some(result) => result,
            None => match self.fixtures.before_real(request, &context)? {
                ControlFlow::Break(response) => Ok(response),
                ControlFlow::Continue(request) => self.real.call_tool(request, context).await,
            },
        }
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut page = self.real.list_prompts(request, context).await?;
        if page.next_cursor.is_none() {
            page.prompts.extend_from_slice(&self.fixtures.catalogue.prompts);
        }
        Ok(page)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        match self.fixtures.get_prompt(&request, &context) {
            Some(result) => result,
            None => self.real.get_prompt(request, context).await,
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut page = self.real.list_resources(request, context).await?;
        if page.next_cursor.is_none() {
            page.resources.extend_from_slice(&self.fixtures.catalogue.resources);
        }
        Ok(page)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut page = self.real.list_resource_templates(request, context).await?;
        if page.next_cursor.is_none() {
            page.resource_templates.extend_from_slice(&self.fixtures.catalogue.templates);
        }
        Ok(page)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match self.fixtures.read_resource(&request.uri) {
            Some(result) => Ok(result.into()),
            None => self.real.read_resource(request, context).await,
        }
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        // The SDK narrows this to what `declare` and the real server advertise.
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let sink = context.sink().clone();
        let mut changes = self.fixtures.changes();
        let forward = async {
            while let Ok(change) = changes.recv().await {
                // A change that the subscriber did not ask for is refused by the sink, as it should be.
                let _ = match change {
                    Change::Tools => sink.notify_tool_list_changed().await,
                    Change::Prompts => sink.notify_prompt_list_changed().await,
                };
            }
        };
        tokio::select! {
            result = self.listen_to_real(context) => result,
            () = forward => Ok(()),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.fixtures.watches(&request.uri) { Ok(()) } else { self.real.subscribe(request, context).await }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if self.fixtures.watches(&request.uri) { Ok(()) } else { self.real.unsubscribe(request, context).await }
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.real.on_custom_request(request, context).await
    }

    async fn on_cancelled(&self, notification: CancelledNotificationParam, context: NotificationContext<RoleServer>) {
        self.real.on_cancelled(notification, context).await;
    }

    async fn on_progress(&self, notification: ProgressNotificationParam, context: NotificationContext<RoleServer>) {
        self.real.on_progress(notification, context).await;
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.real.on_initialized(context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.real.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(&self, notification: CustomNotification, context: NotificationContext<RoleServer>) {
        self.real.on_custom_notification(notification, context).await;
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        self.real.get_task(request, context).await
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.real.update_task(request, context).await
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.real.cancel_task(request, context).await
    }
}
