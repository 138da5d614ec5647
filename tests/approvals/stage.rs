//! One process with the tools, on a database that others may share, with a port if somebody wants one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings};
use common::auth::{AuthSettings, Authenticator, Caller, Role, TokenSettings};
use common::clock::Clock;
use common::db::Db;
use common::error::{Error, ErrorCode, Result};
use common::plan::ApprovalMode;
use common::secrets::{KeySource, Secrets, SecretsSettings};
use common::server::McpServer;
use common::tasks::Tasks;
use common::telemetry::Metrics;
use common::tool::{ApprovalSettings, Approvals, Call, Dispatch, DispatchSettings, PlanId, Surface};
use common::transport::Handler;
use common::transport::streamable_http::{Door, HttpServerSettings, Port, Surroundings};
use serde_json::Value;
use tests::database::TestDatabase;
use tests::tools_only::server_of;
use tokio::io::DuplexStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::tools::{World, registry};

/// When the clocks of the stages stand still: noon (UTC) of a day.
pub(crate) const NOON_MS: i64 = 1_800_014_400_000;

/// Who may call over HTTP: subject, SHA-256 of `<subject>-token`, tenant, role.
const CALLERS: [(&str, &str, &str, Role); 4] = [
    ("ann", "dfa603dfa2ef13eb23a30434d7feef5de20829cb6c5181623c8028a74eaf4971", "acme", Role::Admin),
    ("bob", "97dd3707015dcf069cf73022ed7173b1165db6eff24b441cb57fd069a8c4e525", "acme", Role::Admin),
    ("mel", "4cd328cdaf9d88967baed4dcabff2321e6d24b1d3ffd8f83981fd155d6a3a35a", "acme", Role::Member),
    ("eve", "90623e5477a896ff088b7223109b65c9f6931b8889a22170c72f733462dd3bac", "evil", Role::Admin),
];

/// One of [`CALLERS`], as the port makes them.
pub(crate) fn caller(name: &str) -> Caller {
    let (subject, _, tenant, role) = CALLERS.iter().find(|(subject, ..)| *subject == name).expect("a caller");
    Caller::local(subject, tenant.parse().expect("a tenant"), *role)
}

/// All four classes in one mode.
pub(crate) fn all_in(mode: ApprovalMode) -> ApprovalSettings {
    ApprovalSettings { write: mode, send: mode, destroy: mode, spend: mode, ..roomy() }
}

/// The defaults, with caps that only tests of caps reach.
pub(crate) fn roomy() -> ApprovalSettings {
    ApprovalSettings {
        send_people_per_day_max: 10_000,
        spend_calls_per_day_max: 10_000,
        spend_minor_per_day_max: 10_000_000,
        ..ApprovalSettings::default()
    }
}

/// A process.
pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Clock,
    pub(crate) approvals: Approvals,
    pub(crate) audit: AuditLog,
    pub(crate) db: Db,
    pub(crate) secrets: Secrets,
    dispatch: Arc<Dispatch>,
    server: Arc<McpServer>,
    tasks: Tasks,
    ports: JoinSet<Result<()>>,
}

impl Stage {
    pub(crate) fn on(database: &TestDatabase, settings: ApprovalSettings) -> Self {
        Self::with(database, settings, DispatchSettings::default())
    }

    pub(crate) fn with(database: &TestDatabase, settings: ApprovalSettings, bounds: DispatchSettings) -> Self {
        Self::at(database, settings, bounds, NOON_MS)
    }

    /// The same at another time.
    pub(crate) fn at(
        database: &TestDatabase,
        settings: ApprovalSettings,
        bounds: DispatchSettings,
        now_ms: i64,
    ) -> Self {
        Self::keyed(database, settings, bounds, now_ms, KeySource::None)
    }

    /// The same with a vault whose key is somewhere.
    pub(crate) fn keyed(
        database: &TestDatabase,
        settings: ApprovalSettings,
        bounds: DispatchSettings,
        now_ms: i64,
        key: KeySource,
    ) -> Self {
        let (db, clock, tasks) = (database.open(), Clock::manual(now_ms), Tasks::new());
        let audit = AuditLog::new(db.clone(), Clock::system(), &tasks, AuditSettings::default());
        let settings_of_secrets = SecretsSettings { key, ..SecretsSettings::default() };
        let secrets = Secrets::new(db.clone(), clock.clone(), &settings_of_secrets);
        let approvals = Approvals::new(db.clone(), clock.clone(), audit.clone(), secrets.clone(), settings);
        let dispatch =
            Dispatch::new(audit.clone(), db.clone(), clock.clone(), Metrics::new(), approvals.clone(), bounds);
        let world = Arc::new(World::default());
        let server = server_of("notes", "Notes", registry(&world));
        let (dispatch, server, ports) = (Arc::new(dispatch), Arc::new(server), JoinSet::new());
        Self { world, clock, approvals, audit, db, secrets, dispatch, server, tasks, ports }
    }

    /// Opens a port of this process; it closes with the stage.
    pub(crate) async fn serve(&mut self) -> SocketAddr {
        let tokens = CALLERS.iter().map(|(subject, sha256, tenant, role)| TokenSettings {
            subject: (*subject).to_owned(),
            sha256: (*sha256).to_owned(),
            tenant: tenant.parse().expect("a tenant"),
            role: *role,
            scopes: Vec::new(),
        });
        let settings = AuthSettings { tokens: tokens.collect(), ..AuthSettings::default() };
        let surroundings = Surroundings {
            authenticator: Authenticator::new(settings).expect("good tokens"),
            clock: self.clock.clone(),
            metrics: Metrics::new(),
            approvals: self.approvals.clone(),
            checks: Vec::new(),
            tasks: self.tasks.clone(),
            side_doors: common::transport::SideDoors::default(),
        };
        let handler = self.handler(None);
        let settings = HttpServerSettings { port: 0, ..HttpServerSettings::default() };
        let port = Port::open(settings, surroundings).await.expect("a loopback port is free");
        let address = port.address();
        self.ports.spawn(port.serve(vec![Door::new(handler)]));
        address
    }

    /// Serves one client over a pipe, as `ann`, until the stage ends.
    pub(crate) fn pipe(&mut self) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let handler = self.handler(Some(caller("ann")));
        self.ports.spawn(async move {
            let running = Box::pin(rmcp::serve_server(handler, ours)).await.expect("the client greets");
            drop(running.waiting().await);
            Ok(())
        });
        theirs
    }

    fn handler(&self, local: Option<Caller>) -> Handler {
        let (server, dispatch) = (Arc::clone(&self.server), Arc::clone(&self.dispatch));
        Handler::new(server, dispatch, Surface::whole(), local, self.tasks.clone())
    }

    /// A call past all doors, by a caller, of a plan if there is one.
    pub(crate) async fn call(
        &self,
        name: &str,
        plan: Option<PlanId>,
        (tool, arguments): (&str, Value),
    ) -> Result<Value> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let call = Call::new(caller(name), CancellationToken::new(), Duration::from_mins(1)).with_approval(plan);
        let called = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await;
        called.expect("the tool is there")
    }

    /// The plan that a call is answered with.
    pub(crate) async fn propose(&self, name: &str, tool: &str, arguments: Value) -> PlanId {
        let error = self.call(name, None, (tool, arguments)).await.expect_err("it needs a yes");
        plan_of(&error)
    }
}

/// The plan that an error tells of.
pub(crate) fn plan_of(error: &Error) -> PlanId {
    assert_eq!(error.code(), ErrorCode::ApprovalRequired, "{error}");
    error.details().plan.as_ref().expect("a plan").plan_id
}
