//! A client of the official SDK, with a person in front of it who answers what they are asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationCapability, Implementation, ProtocolVersion, RequestMetaObject,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RequestContext, RunningService};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport};
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::{Value, json};

/// What the person does with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    SaysYes,
    /// Fills in the form, with a no.
    SaysNo,
    /// Declines to fill it in.
    Declines,
    /// Closes it.
    Closes,
}

#[derive(Debug)]
struct Inner {
    mood: Mutex<Mood>,
    questions: Mutex<Vec<String>>,
    asked: AtomicU32,
    can_be_asked: bool,
}

/// The person; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    inner: Arc<Inner>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = self.inner.can_be_asked.then(ElicitationCapability::default);
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else { panic!("not a form") };
        self.inner.asked.fetch_add(1, Ordering::SeqCst);
        self.inner.questions.lock().unwrap().push(message);
        let form =
            |approve: bool| ElicitResult::new(ElicitationAction::Accept).with_content(json!({ "approve": approve }));
        Ok(match *self.inner.mood.lock().unwrap() {
            Mood::SaysYes => form(true),
            Mood::SaysNo => form(false),
            Mood::Declines => ElicitResult::new(ElicitationAction::Decline),
            Mood::Closes => ElicitResult::new(ElicitationAction::Cancel),
        })
    }
}

/// An open client.
pub(crate) struct Client {
    service: RunningService<RoleClient, Person>,
    person: Person,
}

/// Which era a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// MCP 2026-07-28.
    Modern,
    /// MCP 2025-11-25, with a session.
    Legacy,
}

impl Client {
    /// Connects as a caller.
    pub(crate) async fn open(address: SocketAddr, caller: &str, era: Era, can_be_asked: bool) -> Self {
        let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{address}/mcp"))
            .auth_header(format!("{caller}-token"));
        // Without one the SDK's HTTP client is not built, even for a port without TLS; only the first is kept.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let transport = StreamableHttpClientTransport::from_config(config);
        Self::over(transport, era, can_be_asked).await
    }

    /// Connects over any transport.
    pub(crate) async fn over<T, E, A>(transport: T, era: Era, can_be_asked: bool) -> Self
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let inner = Inner {
            mood: Mutex::new(Mood::Closes),
            questions: Mutex::default(),
            asked: AtomicU32::new(0),
            can_be_asked,
        };
        let person = Person { inner: Arc::new(inner) };
        let lifecycle = match era {
            Era::Modern => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
            Era::Legacy => ClientLifecycleMode::Initialize,
        };
        let service = person.clone().serve_with_lifecycle(transport, lifecycle).await.expect("the server is there");
        Self { service, person }
    }

    /// From here on the person is in that mood.
    pub(crate) fn mood(&self, mood: Mood) {
        *self.person.inner.mood.lock().unwrap() = mood;
    }

    /// How often the person was asked.
    pub(crate) fn asked(&self) -> u32 {
        self.person.inner.asked.load(Ordering::SeqCst)
    }

    /// What the person was asked last.
    pub(crate) fn last_question(&self) -> String {
        self.person.inner.questions.lock().unwrap().last().cloned().expect("a question")
    }

    /// Calls a tool, asking the person as often as the server wants.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> CallToolResult {
        self.service.call_tool(params(tool, arguments)).await.expect("an answer")
    }

    /// Calls a tool and names a plan in `_meta`.
    pub(crate) async fn call_with_meta(&self, tool: &str, arguments: Value, plan: Value) -> CallToolResult {
        let mut params = params(tool, arguments);
        let mut meta = RequestMetaObject::default();
        meta.insert("luminar/plan_id".to_owned(), plan);
        params.meta = Some(meta);
        self.service.call_tool(params).await.expect("an answer")
    }

    /// One request, with whatever answer and state.
    pub(crate) async fn once(&self, tool: &str, arguments: Value, answer: Option<(&str, Value)>) -> CallToolResponse {
        let mut params = params(tool, arguments);
        if let Some((state, response)) = answer {
            params = params.with_request_state(state).with_input_responses([("approval".to_owned(), response)].into());
        }
        self.service.call_tool_once(params).await.expect("an answer")
    }

    /// The JSON at an address.
    pub(crate) async fn read(&self, uri: &str) -> Value {
        let request = rmcp::model::ReadResourceRequestParams::new(uri);
        let read = self.service.read_resource(request).await.expect("the resource is there");
        let contents = serde_json::to_value(read.contents.first().expect("contents")).expect("JSON");
        serde_json::from_str(contents["text"].as_str().expect("text")).expect("JSON")
    }

    /// The addresses listed.
    pub(crate) async fn uris(&self) -> Vec<String> {
        let listed = self.service.list_all_resources().await.expect("a list");
        listed.into_iter().map(|resource| resource.uri.clone()).collect()
    }

    /// The arguments that a tool is advertised with.
    pub(crate) async fn properties(&self, tool: &str) -> Value {
        let tools = self.service.list_all_tools().await.expect("a list");
        let found = tools.into_iter().find(|listed| listed.name == tool).expect("the tool is listed");
        found.input_schema["properties"].clone()
    }
}

fn params(tool: &str, arguments: Value) -> CallToolRequestParams {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)
}

/// What became of a call: `ok`, or the error's code.
pub(crate) fn code(result: &CallToolResult) -> String {
    match result.is_error {
        Some(true) => error(result)["code"].as_str().expect("a code").to_owned(),
        _ => "ok".to_owned(),
    }
}

/// The body of a failed result.
pub(crate) fn error(result: &CallToolResult) -> &Value {
    &result.structured_content.as_ref().expect("structured content")["error"]
}
