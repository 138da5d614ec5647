//! The orchestrator at work on a database of the test's own, and a server of the suite that its workflows call.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::error::{Error, ErrorCode, Result};
use common::server::McpServer;
use common::tool::{Access, Call, Dispatch, DispatchSettings, Surface, Tool, Tools, result_of};
use common::transport::{Handler, in_process};
use mcp_orchestrator::SERVER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::database::TestDatabase;
use tests::tools_only::server_of;
use tokio_util::sync::CancellationToken;

/// 2026-11-20T00:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

/// Looks until something must have happened.
const LOOKS_MAX: usize = 2_000;

/// The server that is called: what was asked of it, and how often it still fails.
#[derive(Debug, Default)]
pub(crate) struct Crm {
    notes: Mutex<Vec<String>>,
    failures: AtomicUsize,
    /// Whether it fails for a while, or for good.
    is_busy: AtomicBool,
}

impl Crm {
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }

    pub(crate) fn fail_next(&self, times: usize) {
        self.failures.store(times, Ordering::SeqCst);
    }

    /// Fails so often in a way that passes.
    pub(crate) fn be_busy(&self, times: usize) {
        self.is_busy.store(true, Ordering::SeqCst);
        self.fail_next(times);
    }

    /// How often it still fails.
    pub(crate) fn failures_left(&self) -> usize {
        self.failures.load(Ordering::SeqCst)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoteArgs {
    /// Whose.
    contact: String,
    /// What it says.
    text: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Noted {
    /// What is there now.
    note: String,
}

fn note(crm: &Crm, args: NoteArgs) -> Result<Noted> {
    let is_down = crm.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    if is_down && crm.is_busy.load(Ordering::SeqCst) {
        return Err(Error::new(ErrorCode::RateLimited, "the CRM has had enough"));
    }
    if is_down {
        return Err(Error::new(ErrorCode::UpstreamRejected, "the CRM says no"));
    }
    let note = format!("{}: {}", args.contact, args.text.unwrap_or_default());
    crm.notes.lock().unwrap().push(note.clone());
    Ok(Noted { note })
}

struct AddNote;

impl Tool for AddNote {
    type Deps = Crm;
    type Args = NoteArgs;
    type Output = Noted;

    const NAME: &'static str = "add_note";
    const TITLE: &'static str = "Add note";
    const DESCRIPTION: &'static str = "Adds a note.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = "crm";

    async fn call(crm: &Crm, _call: &Call, args: NoteArgs) -> Result<Noted> {
        note(crm, args)
    }
}

struct SendMessage;

impl Tool for SendMessage {
    type Deps = Crm;
    type Args = NoteArgs;
    type Output = Noted;

    const NAME: &'static str = "send_message";
    const TITLE: &'static str = "Send message";
    const DESCRIPTION: &'static str = "Reaches a person.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = "crm";

    async fn call(crm: &Crm, _call: &Call, args: NoteArgs) -> Result<Noted> {
        note(crm, args)
    }
}

pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) crm: Arc<Crm>,
    pub(crate) server: McpServer,
    pub(crate) foundation: Foundation,
    dispatch: Arc<Dispatch>,
    _database: TestDatabase,
}

impl Stage {
    /// At work: events are routed and runs go on.
    pub(crate) fn open(mut database: TestDatabase) -> Self {
        // Where the program keeps it.
        database.file = database.folder().join("luminar.db");
        let clock = Clock::manual(NOW_MS);
        let mut floor = Settings { database: database.settings.clone(), ..Settings::default() };
        let key = database.folder().join("vault.key");
        std::fs::write(&key, [7; 32]).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        floor.secrets.key = format!("file:{}", key.display()).parse().unwrap();
        let foundation = Foundation::lay_for(&[SERVER], &floor, database.folder().to_owned(), clock.clone()).unwrap();
        let mut config = Config::load(&[SERVER.default_config], None).unwrap();
        let server = (SERVER.build)(&foundation, &mut config).unwrap();
        let dispatch = Arc::new(foundation.dispatch(DispatchSettings::default()));
        let crm = Arc::new(Crm::default());
        join(&foundation, &dispatch, &crm);
        foundation.services.start(&foundation.tasks);
        Self { clock, crm, server, foundation, dispatch, _database: database }
    }

    pub(crate) fn caller(tenant: &str, role: Role) -> Caller {
        Caller::local("ada", tenant.parse().unwrap(), role)
    }

    /// Calls a tool as a member of the tenant `acme`: its structured answer.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.call_as(&Self::caller("acme", Role::Member), tool, arguments).await
    }

    pub(crate) async fn call_as(&self, caller: &Caller, tool: &str, arguments: Value) -> Value {
        let call = Call::new(caller.clone(), CancellationToken::new(), Duration::from_mins(1));
        let arguments = arguments.as_object().cloned().unwrap();
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()["structuredContent"].clone()
    }

    /// Saves a workflow of one block of tasks.
    pub(crate) async fn save(&self, name: &str, rest: &str) -> Value {
        let saved = self.call("save_workflow", json!({"definition": definition(name, rest), "apply": true})).await;
        assert_eq!(saved["applied"], true, "{saved:#}");
        saved
    }

    /// The trace of a run once it stands so.
    pub(crate) async fn run_that_is(&self, run: &Value, status: &str) -> Value {
        for _ in 0..LOOKS_MAX {
            let shown = self.call("get_run", json!({"run": run})).await;
            if shown["status"] == status {
                return shown;
            }
            tokio::task::yield_now().await;
        }
        panic!("run {run} is not {status}: {:#}", self.call("get_run", json!({"run": run})).await);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.foundation.tasks.stopping().cancel();
    }
}

/// A definition; `rest` begins with what stands beside `document`.
pub(crate) fn definition(name: &str, rest: &str) -> String {
    format!("document: {{dsl: '1.0.0', namespace: default, name: {name}, version: '1.0.0'}}\n{rest}")
}

/// Notes what came in, in two steps.
pub(crate) const NOTING: &str = "\
do:
  - greet:
      set: {contact: '${ .contact // .data.contact }'}
  - note:
      call: mcp
      with: {server: crm, tool: add_note, arguments: {contact: '${ .contact }', text: hello}}
      metadata: {note: '${ \"noted \\(.note)\" }'}
";

fn join(foundation: &Foundation, dispatch: &Arc<Dispatch>, crm: &Arc<Crm>) {
    let server = server_of("crm", "CRM", Tools::new(Arc::clone(crm)).with::<AddNote>().with::<SendMessage>().build());
    let tasks = foundation.tasks.clone();
    let handler = Handler::new(Arc::new(server), Arc::clone(dispatch), Surface::whole(), None, tasks);
    let stopping = foundation.tasks.stopping().clone();
    foundation.peers.join("crm", move |end| in_process::serve(handler.clone(), end, stopping.child_token()));
}
