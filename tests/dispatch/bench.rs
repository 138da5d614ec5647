//! A server of tools that do next to nothing, over a real audit trail.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings};
use common::auth::{Caller, Role};
use common::clock::Clock;
use common::db::Db;
use common::error::{Error, ErrorCode, Result};
use common::secrets::{KeySource, Secrets, SecretsSettings};
use common::tasks::Tasks;
use common::telemetry::Metrics;
use common::tool::{
    Access, ApprovalSettings, Approvals, Call, Dispatch, DispatchSettings, Registry, Surface, Tool, Tools, Untrusted,
    result_of,
};
use rmcp::model::CallToolResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::database::TestDatabase;
use tokio_util::sync::CancellationToken;

/// What the tools are given: a counter of effects, and the database in which their intents have to stand.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) effects: AtomicU32,
    pub(crate) db: Db,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// How many seats.
    #[schemars(range(min = 1, max = 100))]
    seats: u32,
    /// Which tier.
    #[serde(default)]
    tier: Tier,
    /// Whose they are.
    #[schemars(length(max = 5))]
    owner: Option<String>,
    /// What is written on them.
    #[serde(default)]
    #[expect(dead_code, reason = "decoding it is what is tested")]
    labels: BTreeMap<String, String>,
    /// The place that is meant: for the trail only.
    #[expect(dead_code, reason = "dispatch reads it before it is decoded")]
    location: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Tier {
    #[default]
    Bronze,
    Gold,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Effects so far.
    effects: u32,
    tier: Tier,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Untrusted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    padding: Vec<String>,
}

macro_rules! tool {
    ($tool:ident, $name:literal, $access:ident, $toolset:literal, |$deps:ident, $call:ident, $args:ident| $body:expr) => {
        struct $tool;

        impl Tool for $tool {
            type Deps = Deps;
            type Args = Args;
            type Output = Output;
            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = "Does next to nothing.";
            const ACCESS: Access = Access::$access;
            const TOOLSET: &'static str = $toolset;

            async fn call($deps: &Deps, $call: &Call, $args: Args) -> Result<Output> {
                $body
            }
        }
    };
}

tool!(GetSeats, "get_seats", Read, "reading", |deps, _call, args| Ok(output(deps, args)));
tool!(SetSeats, "set_seats", Write, "writing", |deps, _call, args| {
    let mut tx = deps.db.begin().await?;
    let intents: i64 =
        sqlx::query_scalar("select count(*) from audit_events where kind = 'intent' and tool = 'set_seats'")
            .fetch_one(&mut *tx)
            .await?;
    let before = deps.effects.fetch_add(1, Ordering::SeqCst);
    assert_eq!(intents, i64::from(before) + 1, "the intent stands before the effect");
    Ok(output(deps, args))
});
tool!(SendSeats, "send_seats", Send, "writing", |deps, _call, args| Ok(affect(deps, args)));
tool!(DestroySeats, "destroy_seats", Destroy, "writing", |deps, _call, args| Ok(affect(deps, args)));
tool!(SpendSeats, "spend_seats", Spend, "writing", |deps, _call, args| Ok(affect(deps, args)));

/// Does more the more seats there are: what one call does follows from its arguments.
struct ChangeSeats;

impl Tool for ChangeSeats {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;
    const NAME: &'static str = "change_seats";
    const TITLE: &'static str = "change_seats";
    const DESCRIPTION: &'static str = "Does next to nothing.";
    const ACCESS: Access = Access::Destroy;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = "writing";

    async fn access_of(_deps: &Deps, _call: &Call, args: &Args) -> Result<Access> {
        Ok(match args.seats {
            1 => Access::Write,
            2 => Access::Send,
            3 => Access::Destroy,
            4 => Access::Spend,
            5 => Access::Read,
            _ => return Err(Error::new(ErrorCode::NotFound, "there are no such seats")),
        })
    }

    async fn call(deps: &Deps, _call: &Call, args: Args) -> Result<Output> {
        Ok(affect(deps, args))
    }
}

tool!(WaitForever, "wait_forever", Write, "reading", |deps, _call, _args| {
    deps.effects.fetch_add(1, Ordering::SeqCst);
    std::future::pending().await
});
tool!(BreakDown, "break_down", Read, "reading", |_deps, _call, args| panic!("on purpose, with {} seats", args.seats));
tool!(SayTooMuch, "say_too_much", Read, "reading", |deps, _call, args| {
    Ok(Output { padding: vec!["x".repeat(100); 100], ..output(deps, args) })
});
tool!(RefuseAlways, "refuse_always", Read, "reading", |_deps, _call, _args| {
    let error = Error::new(ErrorCode::NotFound, "there is no such seat").with_hint("list the seats first");
    Err(error.with_vendor_trace_id(Some("trace-7".to_owned())).with_source("a vendor's secret words"))
});

fn affect(deps: &Deps, args: Args) -> Output {
    deps.effects.fetch_add(1, Ordering::SeqCst);
    output(deps, args)
}

fn output(deps: &Deps, args: Args) -> Output {
    let owner = args.owner.map(|owner| Untrusted::new(owner, "owner"));
    Output { effects: deps.effects.load(Ordering::SeqCst), tier: args.tier, owner, padding: Vec::new() }
}

/// The server, its trail and its clock.
pub(crate) struct Bench {
    pub(crate) registry: Registry,
    pub(crate) dispatch: Dispatch,
    pub(crate) deps: Arc<Deps>,
    pub(crate) audit: AuditLog,
    pub(crate) clock: Clock,
    _database: TestDatabase,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(DispatchSettings::default())
    }

    pub(crate) fn with(settings: DispatchSettings) -> Self {
        let database = TestDatabase::sqlite();
        let db = database.open();
        // The writer gathers on a clock of its own, which never stands still.
        let audit = AuditLog::new(db.clone(), Clock::system(), &Tasks::new(), AuditSettings::default());
        let clock = Clock::manual(0);
        let settings_of_secrets = SecretsSettings { key: KeySource::None, ..SecretsSettings::default() };
        let secrets = Secrets::new(db.clone(), clock.clone(), &settings_of_secrets);
        let approvals = Approvals::new(db.clone(), clock.clone(), audit.clone(), secrets, ApprovalSettings::default());
        let deps = Arc::new(Deps { effects: AtomicU32::new(0), db: db.clone() });
        let registry = Tools::new(Arc::clone(&deps))
            .with::<GetSeats>()
            .with::<SetSeats>()
            .with::<SendSeats>()
            .with::<DestroySeats>()
            .with::<SpendSeats>()
            .with::<ChangeSeats>()
            .with::<WaitForever>()
            .with::<BreakDown>()
            .with::<SayTooMuch>()
            .with::<RefuseAlways>()
            .build();
        let dispatch = Dispatch::new(audit.clone(), db, clock.clone(), Metrics::new(), approvals, settings);
        Self { registry, dispatch, deps, audit, clock, _database: database }
    }

    pub(crate) fn effects(&self) -> u32 {
        self.deps.effects.load(Ordering::SeqCst)
    }

    /// Calls as an administrator who sees everything.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> CallToolResult {
        self.call_as(Role::Admin, tool, arguments).await
    }

    pub(crate) async fn call_as(&self, role: Role, tool: &str, arguments: Value) -> CallToolResult {
        let called = self.run(&call(role), &Surface::whole(), tool, arguments).await;
        called.expect("the tool is there")
    }

    /// `None` if there is no such tool for this caller.
    pub(crate) async fn run(
        &self,
        call: &Call,
        surface: &Surface,
        tool: &str,
        arguments: Value,
    ) -> Option<CallToolResult> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let called = self.dispatch.run(&self.registry, surface, call, tool, arguments).await;
        called.ok().map(result_of)
    }
}

pub(crate) fn call(role: Role) -> Call {
    let caller = Caller::local("tester", "acme".parse().expect("a tenant"), role);
    Call::new(caller, CancellationToken::new(), Duration::from_mins(1))
}

/// The body of a failed result.
pub(crate) fn error_of(result: &CallToolResult) -> &Value {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    &result.structured_content.as_ref().expect("structured content")["error"]
}

/// The text block of a result.
pub(crate) fn text_of(result: &CallToolResult) -> &str {
    &result.content.first().and_then(|block| block.as_text()).expect("a text block").text
}
