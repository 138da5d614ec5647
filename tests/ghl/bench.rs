//! mcp-ghl over the emulator, as its callers meet it: real HTTP on loopback between the two, dispatch in front.

use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::http::HttpRequest;
use common::plan::ApprovalMode;
use common::server::McpServer;
use common::tasks::Tasks;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, TenantApprovalSettings, result_of};
use http::Method;
use mcp_ghl::connections::{Connection, ConnectionSettings, Demo, Reach};
use mcp_ghl::sandbox::{AGENCY_TOKEN, DEMO_LOCATIONS, LimitSettings, Sandbox, SandboxSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// 2026-11-20T00:00:00Z: the seeded dates count back from here.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

/// The dental group, the largest demo location.
pub(crate) const DENTAL: &str = DEMO_LOCATIONS[0].id;
pub(crate) const DENTAL_NAME: &str = DEMO_LOCATIONS[0].name;
/// The gym, which allows duplicate contacts.
pub(crate) const GYM: &str = DEMO_LOCATIONS[1].id;
/// The course academy, which another tenant owns.
pub(crate) const COURSES: &str = DEMO_LOCATIONS[2].id;

/// Acts for `acme`, which has connected the dental group and the gym; the default location is the dental group.
pub(crate) const ACME: &str = "acme";
/// Acts for `rival`, which has connected the course academy.
pub(crate) const RIVAL: &str = "rival";
/// Acts for `agency`, which has an agency's token and the gym's.
pub(crate) const AGENCY: &str = "agency";
/// Acts for `careful`, which has connected what `acme` has, and is asked before its tools reach anybody; `acme` and
/// `agency` are not.
pub(crate) const CAREFUL: &str = "careful";
/// Acts for `bold`, which has connected what `acme` has, and whose tools may do anything unasked.
pub(crate) const BOLD: &str = "bold";
/// Acts for `visitor`, which has connected nothing and sees the demo account.
pub(crate) const VISITOR: &str = "visitor";
/// Acts for `nobody`, which has connected nothing.
pub(crate) const NOBODY: &str = "nobody";

pub(crate) struct Bench {
    pub(crate) server: McpServer,
    pub(crate) foundation: Foundation,
    dispatch: Dispatch,
    /// Where the emulator's levers are.
    emulator: String,
    _tasks: Tasks,
    _folder: tempfile::TempDir,
}

/// A failed tool: its structured error and the text that a model reads.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: Value,
    pub(crate) text: String,
}

impl Refused {
    pub(crate) fn code(&self) -> &str {
        self.error["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn faulty_fields(&self) -> Vec<&str> {
        let faults = self.error["details"]["faults"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().map(|fault| fault["field"].as_str().unwrap_or_default()).collect()
    }

    pub(crate) fn candidates(&self) -> Vec<&str> {
        let candidates = self.error["details"]["candidates"].as_array().map(Vec::as_slice).unwrap_or_default();
        candidates.iter().map(|candidate| candidate["name"].as_str().unwrap_or_default()).collect()
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::before(|emulator| emulator).await
    }

    /// With something between the server and the emulator: `between` is given the emulator's address and names the one
    /// that the server is to use.
    pub(crate) async fn before(between: impl FnOnce(String) -> String) -> Self {
        // The emulator's time stands still, so that its dates are known; the client's runs from there, as its pauses must
        // end.
        Self::with(Clock::manual(NOW_MS), between).await
    }

    /// With an emulator whose time runs like the client's.
    pub(crate) async fn in_one_time() -> Self {
        Self::with(Clock::running_from(NOW_MS), |emulator| emulator).await
    }

    /// With an operator who lets no telephone buzz at night.
    pub(crate) async fn with_quiet_nights() -> Self {
        let quiet_hours = mcp_ghl::QuietHoursSettings { refuse: true, ..mcp_ghl::QuietHoursSettings::default() };
        let set = |settings: mcp_ghl::Settings| mcp_ghl::Settings { quiet_hours, ..settings };
        Self::with_settings(Clock::manual(NOW_MS), |emulator| emulator, set).await
    }

    async fn with(clock: Clock, between: impl FnOnce(String) -> String) -> Self {
        Self::with_settings(clock, between, |settings| settings).await
    }

    async fn with_settings(
        clock: Clock,
        between: impl FnOnce(String) -> String,
        set: impl FnOnce(mcp_ghl::Settings) -> mcp_ghl::Settings,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tasks = Tasks::new();
        let emulator = serve_emulator(folder.path(), &clock, &tasks).await;
        let base_url = between(emulator.clone());
        let mut settings = bootstrap::Settings::default();
        settings.http.egress_allow = vec!["127.0.0.1".to_owned()];
        settings.approvals.tenants = vec![sends_unasked(ACME), sends_unasked(AGENCY), does_unasked(BOLD)];
        let foundation =
            Foundation::lay_for(&[mcp_ghl::SERVER], &settings, folder.path().to_owned(), Clock::running_from(NOW_MS))
                .unwrap();
        let server = mcp_ghl::build(&foundation, set(ghl_settings(&base_url)), Some(demo(&base_url))).unwrap();
        let dispatch = foundation.dispatch(DispatchSettings { deadline_ms: 30_000, ..DispatchSettings::default() });
        Self { server, foundation, dispatch, emulator, _tasks: tasks, _folder: folder }
    }

    /// A call that is expected to succeed; returns its structured content.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.call_as(ACME, tool, arguments).await
    }

    pub(crate) async fn call_as(&self, tenant: &str, tool: &str, arguments: Value) -> Value {
        let (is_error, structured, text) = self.run(tenant, tool, arguments).await;
        assert!(!is_error, "{tool} was refused: {text}");
        structured
    }

    /// The text block of a call that is expected to succeed: what a model reads.
    pub(crate) async fn text(&self, tool: &str, arguments: Value) -> String {
        let (is_error, _, text) = self.run(ACME, tool, arguments).await;
        assert!(!is_error, "{tool} was refused: {text}");
        text
    }

    /// A call that is expected to fail.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> Refused {
        self.refused_as(ACME, tool, arguments).await
    }

    pub(crate) async fn refused_as(&self, tenant: &str, tool: &str, arguments: Value) -> Refused {
        let (is_error, structured, text) = self.run(tenant, tool, arguments).await;
        assert!(is_error, "{tool} was not refused: {structured}");
        Refused { error: structured["error"].clone(), text }
    }

    async fn run(&self, tenant: &str, tool: &str, arguments: Value) -> (bool, Value, String) {
        self.run_of(call(tenant), tool, arguments).await
    }

    /// Whoever calls: whether it failed, its structured content, and the text.
    pub(crate) async fn run_of(&self, call: Call, tool: &str, arguments: Value) -> (bool, Value, String) {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await;
        let result = serde_json::to_value(result_of(done.unwrap())).unwrap();
        self.check_output(tool, &result["structuredContent"]);
        let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        (result["isError"] == json!(true), result["structuredContent"].clone(), text)
    }

    /// Clients hold answers, and failures too, against the schema that the tool has published.
    fn check_output(&self, tool: &str, structured: &Value) {
        let definition = self.server.tools.definition(tool).unwrap();
        let schema = Value::Object(definition.output_schema.unwrap().as_ref().clone());
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(structured).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{tool} does not keep its output schema: {faults:?} in {structured}");
    }

    /// Follows `next_cursor` to the end and returns all items; fails if the list does not end.
    pub(crate) async fn all_pages(&self, tool: &str, arguments: Value) -> Vec<Value> {
        let mut items = Vec::new();
        let mut arguments = arguments;
        for _ in 0..100 {
            let page = self.call(tool, arguments.clone()).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page.get("next_cursor") {
                Some(cursor) => arguments["cursor"] = cursor.clone(),
                None => return items,
            }
        }
        panic!("{tool} does not end")
    }

    /// Asks the vendor past our server, as somebody else does who works in the dental group.
    pub(crate) async fn at_vendor(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.at_vendor_of(0, method, path, body).await
    }

    /// The same with the token of the demo location of this number.
    pub(crate) async fn at_vendor_of(
        &self,
        location: usize,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = HttpRequest::new(method, format!("{}{path}", self.emulator).parse().unwrap());
        request.headers.insert("authorization", format!("Bearer {}", DEMO_LOCATIONS[location].token).parse().unwrap());
        request.headers.insert("version", "v3".parse().unwrap());
        request.headers.insert("content-type", "application/json".parse().unwrap());
        request.body = body.map(|body| body.to_string().into());
        let answer = self.foundation.http.send(&"tests".parse().unwrap(), request).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// Orders the emulator to fail.
    pub(crate) async fn order_fault(&self, order: Value) {
        let mut request = self.lever(Method::POST, "faults");
        request.headers.insert("content-type", "application/json".parse().unwrap());
        request.body = Some(order.to_string().into());
        let answer = self.foundation.http.send(&"tests".parse().unwrap(), request).await.unwrap();
        assert!(answer.status.is_success(), "{answer:?}");
    }

    fn lever(&self, method: Method, name: &str) -> HttpRequest {
        HttpRequest::new(method, format!("{}/__sandbox/{name}", self.emulator).parse().unwrap())
    }

    /// Who is in which workflow or campaign of a location.
    pub(crate) async fn enrolments(&self, location_id: &str) -> Value {
        let request = self.lever(Method::GET, &format!("enrolments/{location_id}"));
        let answer = self.foundation.http.send(&"tests".parse().unwrap(), request).await.unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// `METHOD path?query` of every request that reached the emulator.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let answer = self.foundation.http.send(&"tests".parse().unwrap(), self.lever(Method::GET, "requests")).await;
        let log: Vec<Value> = serde_json::from_slice(&answer.unwrap().body).unwrap();
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        log.iter().map(|line| format!("{} {}", text(line, "method"), text(line, "target"))).collect()
    }
}

/// An answer without the id by which the change can be taken back, which must be there.
pub(crate) fn noted(answer: &Value) -> Value {
    let mut answer = answer.clone();
    let change_id = answer.as_object_mut().unwrap().remove("change_id");
    assert!(change_id.is_some_and(|id| id.as_str().unwrap().starts_with("chg_")), "the change was not noted");
    answer
}

/// A call of the tenant's administrator.
pub(crate) fn call(tenant: &str) -> Call {
    call_of("tester", tenant, Role::Admin)
}

/// A call of somebody.
pub(crate) fn call_of(subject: &str, tenant: &str, role: Role) -> Call {
    let caller = Caller::local(subject, tenant.parse().unwrap(), role);
    Call::new(caller, CancellationToken::new(), Duration::from_secs(30))
}

/// A tenant that has decided that its tools may reach people.
fn sends_unasked(tenant: &str) -> TenantApprovalSettings {
    TenantApprovalSettings { send: Some(ApprovalMode::Auto), ..TenantApprovalSettings::none(tenant.parse().unwrap()) }
}

/// A tenant that has decided that its tools may do anything.
fn does_unasked(tenant: &str) -> TenantApprovalSettings {
    TenantApprovalSettings { destroy: Some(ApprovalMode::Auto), ..sends_unasked(tenant) }
}

async fn serve_emulator(folder: &std::path::Path, clock: &Clock, tasks: &Tasks) -> String {
    let db = Db::open(&DatabaseSettings::default(), &folder.join("sandbox.db")).await.unwrap();
    let limits = LimitSettings { requests_per_window: 100_000, ..LimitSettings::default() };
    let settings = SandboxSettings { test_levers: true, limits, ..SandboxSettings::default() };
    let router = Sandbox::new(db, clock.clone(), settings).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = tasks.stopping().clone();
    tasks.spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned());
        serving.await.unwrap();
    });
    format!("http://{address}")
}

fn ghl_settings(base_url: &str) -> mcp_ghl::Settings {
    let location = |tenant: &str, index: usize| ConnectionSettings {
        tenant: tenant.parse().unwrap(),
        token: DEMO_LOCATIONS[index].token.into(),
        location_id: Some(DEMO_LOCATIONS[index].id.parse().unwrap()),
        company_id: None,
    };
    let agency = ConnectionSettings {
        tenant: AGENCY.parse().unwrap(),
        token: AGENCY_TOKEN.into(),
        location_id: None,
        company_id: None,
    };
    mcp_ghl::Settings {
        base_url: base_url.to_owned(),
        connections: vec![
            location(ACME, 0),
            location(ACME, 1),
            location(CAREFUL, 0),
            location(CAREFUL, 1),
            location(BOLD, 0),
            location(BOLD, 1),
            location(RIVAL, 2),
            agency,
            location(AGENCY, 1),
        ],
        default_location: Some(DENTAL_NAME.to_owned()),
        ..mcp_ghl::Settings::default()
    }
}

fn demo(base_url: &str) -> Demo {
    let base_url = base_url.to_owned();
    let start = move || {
        let connections = DEMO_LOCATIONS.map(|location| Connection {
            base_url: base_url.parse().unwrap(),
            credential: location.token.into(),
            reach: Reach::Location(location.id.parse().unwrap()),
            is_demo: true,
        });
        let started: std::pin::Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { Ok(connections.to_vec()) });
        started
    };
    Demo::new(VISITOR.parse().unwrap(), Box::new(start))
}
