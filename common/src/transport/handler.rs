//! One MCP server as the SDK sees it: both eras of the protocol, over any door.

mod calling;
mod consent;
mod failure;
mod following;
mod inbox;
mod progress;
mod skills;
mod tasks;

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams, CompleteResult,
    CompletionInfo, CustomRequest, CustomResult, DiscoverResult, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetTaskParams, GetTaskResult, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, MetaObject, PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, Reference, ServerCapabilities, ServerConfig, SubscribeRequestParams,
    SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::completion::Blank;
use crate::error::ErrorCode;
use crate::resource::{TOOLS, View};
use crate::server::McpServer;
use crate::tasks::Tasks;
use crate::tool::{Call, Dispatch, INBOX_URI, Surface};
use crate::transport::face::Face;

use failure::{protocol_error, refuse_cursor, unread};
use following::Following;

/// How long clients may keep lists, in milliseconds. They change only with the program.
const LIST_TTL_MS: u64 = 300_000;

/// The same of a list that comes and goes, for clients that do not listen for changes.
const MOVING_LIST_TTL_MS: u64 = 10_000;

/// Where results carry who answered (MCP 2026-07-28).
const SERVER_INFO_KEY: &str = "io.modelcontextprotocol/serverInfo";

/// Serves one server to one door. Over HTTP there is one for each session or stateless request: cheap to make.
#[derive(Debug, Clone)]
pub struct Handler {
    server: Arc<McpServer>,
    dispatch: Arc<Dispatch>,
    surface: Surface,
    /// Who calls where the door brings no identity with each request: the person at this machine (stdio).
    local: Option<Caller>,
    info: Arc<ServerConfig>,
    identity: Arc<MetaObject>,
    tasks: Tasks,
    following: Following,
    /// Ends subscriptions.
    followed_until: CancellationToken,
}

impl Handler {
    /// A handler that finds its caller in each request, or takes `local` where the door has only one.
    #[must_use]
    pub fn new(
        server: Arc<McpServer>,
        dispatch: Arc<Dispatch>,
        surface: Surface,
        local: Option<Caller>,
        tasks: Tasks,
    ) -> Self {
        let implementation = Implementation::new(server.name, server.version).with_title(server.title);
        let mut identity = MetaObject::new();
        identity.insert(SERVER_INFO_KEY.to_owned(), serde_json::to_value(&implementation).unwrap_or_default());
        let info = ServerConfig::new(capabilities(&server, &dispatch))
            .with_server_info(implementation)
            .with_instructions(server.instructions.clone())
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE);
        let (info, identity) = (Arc::new(info), Arc::new(identity));
        let followed_until = tasks.stopping().clone();
        let following = Following::default();
        Self { server, dispatch, surface, local, info, identity, tasks, following, followed_until }
    }

    /// The same server for the next session, which follows nothing yet.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { following: Following::default(), ..self.clone() }
    }

    /// The same handler, whose subscriptions end when `until` fires.
    pub(super) fn following_until(self, until: CancellationToken) -> Self {
        Self { followed_until: until, ..self }
    }

    /// What doors that do not speak MCP show of the same server.
    pub(super) fn face(&self) -> Face {
        Face {
            server: Arc::clone(&self.server),
            dispatch: Arc::clone(&self.dispatch),
            surface: self.surface.for_programs(),
            tasks: self.tasks.clone(),
        }
    }

    /// The same server for programs of this process: each request brings its caller.
    pub(super) fn within_process(&self) -> Self {
        Self { local: None, surface: self.surface.for_programs(), ..self.fresh() }
    }

    /// How long clients may keep the list of tools.
    fn tools_ttl_ms(&self) -> u64 {
        if self.server.tools.more().is_some() { MOVING_LIST_TTL_MS } else { LIST_TTL_MS }
    }

    /// The server's short name, also its path.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.server.name
    }

    /// The toolsets that can be asked for by path.
    #[must_use]
    pub fn toolsets(&self) -> Vec<&'static str> {
        self.server.tools.toolsets()
    }

    fn call(&self, context: &RequestContext<RoleServer>) -> Result<Call, ErrorData> {
        let parts = context.extensions.get::<http::request::Parts>();
        let from_request = parts.and_then(|parts| parts.extensions.get::<Caller>());
        // Within this process the caller travels beside the message; no wire can put it there.
        let from_peer = context.extensions.get::<Caller>();
        let Some(caller) = from_request.or(from_peer).or(self.local.as_ref()) else {
            // A door that forgot to authenticate serves nobody.
            return Err(ErrorData::internal_error("no identity", None));
        };
        let trace_id = context.meta.get_traceparent().map(str::to_owned);
        Ok(Call::new(caller.clone(), context.ct.clone(), self.dispatch.deadline()).with_trace(trace_id))
    }

    /// What this request sees: the server's surface, narrowed by the endpoint's path.
    fn surface(&self, context: &RequestContext<RoleServer>) -> Surface {
        let parts = context.extensions.get::<http::request::Parts>();
        let by_path = parts.and_then(|parts| parts.extensions.get::<Surface>());
        by_path.map_or_else(|| self.surface.clone(), |by_path| self.surface.and(by_path))
    }

    /// Tells a session of an older era from here on what becomes of an address.
    fn follow(&self, context: &RequestContext<RoleServer>, caller: Caller, uri: String) {
        if self.following.add(&self.server.changes, &caller, uri) {
            let (following, changes) = (self.following.clone(), self.server.changes.clone());
            let (until, peer) = (self.followed_until.clone(), context.peer.clone());
            self.tasks.spawn(async move { following.tell(&changes, &caller, &peer, &until).await });
        }
    }

    /// Who answered, for results of the modern era.
    fn stamp(&self, context: &RequestContext<RoleServer>) -> Option<MetaObject> {
        is_modern(context).then(|| MetaObject::clone(&self.identity))
    }
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

fn capabilities(server: &McpServer, dispatch: &Dispatch) -> ServerCapabilities {
    let builder = ServerCapabilities::builder().enable_tools().enable_completions();
    // The approvals inbox is a resource of every server.
    let mut capabilities = builder.enable_resources().enable_resources_subscribe().build();
    if server.tools.more().is_some() {
        let tools = ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build().tools;
        capabilities.tools = tools;
    }
    if dispatch.desk().is_some() {
        capabilities.extensions = ServerCapabilities::builder().enable_tasks().build().extensions;
    }
    if !server.skills.is_empty() {
        skills::announce(capabilities.extensions.get_or_insert_default());
    }
    if !server.prompts.is_empty() {
        capabilities.prompts = ServerCapabilities::builder().enable_prompts().build().prompts;
    }
    capabilities
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::clone(&self.info)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.server.tools.definition(name)
    }

    async fn discover(&self, _context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let mut result = DiscoverResult::from_server_info(versions, self.get_info());
        (result.ttl_ms, result.cache_scope) = (LIST_TTL_MS, CacheScope::Private);
        result.meta = Some(MetaObject::clone(&self.identity));
        Ok(result)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        refuse_cursor(request.as_ref())?;
        let call = self.call(&context)?;
        let surface = self.surface(&context);
        let mut tools = self.server.tools.definitions(&surface, &call.caller);
        tools.extend(self.server.tools.offered(&surface, &call.caller).await);
        if self.server.tools.more().is_some() && !is_modern(&context) {
            // Sessions of the older eras are told without having asked.
            self.follow(&context, call.caller.clone(), TOOLS.to_owned());
        }
        for tool in &mut tools {
            if let Some(access) = self.server.tools.access(&tool.name) {
                self.dispatch.approvals().offer_by_settings(call.tenant(), access, tool);
            }
        }
        let mut result = ListToolsResult::with_all_items(tools)
            .with_ttl_ms(self.tools_ttl_ms())
            .with_cache_scope(CacheScope::Private);
        result.meta = self.stamp(&context);
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // The SDK moves a request's future seven times on its way into a task: it should be small.
        Box::pin(self.run(&context, request)).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        refuse_cursor(request.as_ref())?;
        let (call, surface) = (self.call(&context)?, self.surface(&context));
        let view = View { call: &call, surface: &surface };
        let work = self.server.resources.list(&view);
        let mut listings =
            self.dispatch.read(&call, "resources/list", &[], work).await.map_err(|error| protocol_error(&error))?;
        listings.push(inbox::listing());
        listings.extend(self.server.skills.listings());
        let mut result = ListResourcesResult::with_all_items(listings)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        result.meta = self.stamp(&context);
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        refuse_cursor(request.as_ref())?;
        let (call, surface) = (self.call(&context)?, self.surface(&context));
        let templates = self.server.resources.templates(&View { call: &call, surface: &surface });
        let mut result = ListResourceTemplatesResult::with_all_items(templates)
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Private);
        result.meta = self.stamp(&context);
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (call, surface) = (self.call(&context)?, self.surface(&context));
        let view = View { call: &call, surface: &surface };
        let uri = &request.uri;
        let work = async {
            if uri == INBOX_URI {
                return inbox::read(self.dispatch.approvals(), &call.caller).await;
            }
            match self.server.skills.contents(uri) {
                Some(contents) => Ok((contents, Duration::from_millis(LIST_TTL_MS))),
                None => self.server.resources.read(&view, uri).await,
            }
        };
        let read = self.dispatch.read(&call, "resources/read", &[("uri", uri)], work).await;
        let (contents, fresh_for) = read.map_err(|error| unread(&error, uri))?;
        let ttl_ms = u64::try_from(fresh_for.as_millis()).unwrap_or(u64::MAX);
        let mut result =
            ReadResourceResult::new(vec![contents]).with_ttl_ms(ttl_ms).with_cache_scope(CacheScope::Private);
        result.meta = self.stamp(&context);
        Ok(result.into())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        refuse_cursor(request.as_ref())?;
        let prompts = self.server.prompts.definitions();
        let mut result =
            ListPromptsResult::with_all_items(prompts).with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Private);
        result.meta = self.stamp(&context);
        Ok(result)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let call = self.call(&context)?;
        let given = request.arguments.unwrap_or_default().into_iter().collect();
        let work = self.server.prompts.render(&call, &request.name, given);
        let rendered = self.dispatch.read(&call, "prompts/get", &[("name", &request.name)], work).await;
        // A prompt is asked for by name, not by address: its absence is a wrong parameter.
        let mut result = rendered.map_err(|error| match error.code() {
            ErrorCode::NotFound => ErrorData::invalid_params(error.to_string(), None),
            _ => protocol_error(&error),
        })?;
        result.meta = self.stamp(&context);
        Ok(result.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let (call, surface) = (self.call(&context)?, self.surface(&context));
        let view = View { call: &call, surface: &surface };
        let others = request.context.as_ref().and_then(|context| context.arguments.as_ref());
        let blank = Blank { name: &request.argument.name, typed: &request.argument.value, others };
        let work = async {
            match &request.r#ref {
                Reference::Resource(resource) => self.server.resources.complete(&view, &resource.uri, blank).await,
                Reference::Prompt(prompt) => self.server.prompts.complete(&call, &prompt.name, blank).await,
                _ => Ok(Vec::new()),
            }
        };
        let values = self
            .dispatch
            .read(&call, "completion/complete", &[("argument", blank.name), ("value", blank.typed)], work)
            .await;
        let values = values.map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
        let completion =
            CompletionInfo::with_all_values(values).map_err(|message| ErrorData::internal_error(message, None))?;
        let mut result = CompleteResult::new(completion);
        result.meta = self.stamp(&context);
        Ok(result)
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let wanted = requested.resource_subscriptions.clone().unwrap_or_default();
        let ours = wanted.into_iter().filter(|uri| self.server.resources.knows(uri));
        let filter = SubscriptionFilter::builder().resource_subscriptions(ours);
        let wants_tools = requested.tools_list_changed == Some(true) && self.server.tools.more().is_some();
        Some(if wants_tools { filter.tools_list_changed().build() } else { filter.build() })
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let caller = self.call(subscription.request_context())?.caller;
        Box::pin(following::serve(&self.server.changes, &caller, &subscription, &self.followed_until)).await;
        Ok(())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let caller = self.call(&context)?.caller;
        if !self.server.resources.knows(&request.uri) {
            return Err(ErrorData::resource_not_found("no resource has this address", None));
        }
        self.follow(&context, caller, request.uri);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.following.remove(&request.uri);
        Ok(())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        skills::answer(self, &request, &context)
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        tasks::get(self, &context, &request.task_id).await
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        tasks::update(self, &context, (&request.task_id, request.input_responses)).await
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        tasks::cancel(self, &context, &request.task_id).await
    }
}
