//! A world for engines: a database, a clock that is moved by hand, a far side that records its calls, and processes
//! that can die.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings};
use common::auth::{Acting, Caller, Role};
use common::clock::Clock;
use common::db::Db;
use common::error::{Error, ErrorCode};
use common::plan::{ApprovalMode, Plan, PlanId, ProposedPlan};
use common::secrets::{Secrets, SecretsSettings};
use common::tasks::Tasks;
use common::tenant::TenantId;
use common::tool::{ApprovalSettings, Approvals, Question};
use mcp_orchestrator::engine::hooks::EndedHooks;
use mcp_orchestrator::engine::{Answering, Definitions, Engine, EngineSettings, NewRun, Parts, Start};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::executor::{Called, Calling, Calls, Errand};
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::interpreter::Failure;
use mcp_orchestrator::interpreter::command::Target;
use mcp_orchestrator::run::RunId;
use mcp_orchestrator::workflow::Workflow;
use serde_json::{Value, json};
use sqlx::Row;
use tests::database::TestDatabase;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use super::place::{AnyEngine, Deployment, Place};

/// A Friday.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

/// How much faster than the machine's time ours passes: leases end soon, and a slow disk lets none end.
const PACE: i64 = 4;

/// How long something may take at most, in milliseconds of the machine's time.
const PATIENCE_MS: i64 = 60_000;

/// A call as the far side saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) tool: String,
    pub(crate) key: String,
    pub(crate) attempt: u32,
    pub(crate) approval: Option<PlanId>,
}

/// What the far side answers to a tool's next call.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Fails { is_transient: bool },
    NeedsYes,
}

/// The far side of all calls.
#[derive(Debug)]
pub(crate) struct Far {
    made: Mutex<Vec<Made>>,
    answers: Mutex<HashMap<String, Vec<Answer>>>,
    /// Tools whose calls hang until they are let go.
    held: watch::Sender<Vec<String>>,
    approvals: Approvals,
    clock: Clock,
}

impl Far {
    pub(crate) fn hold(&self, tool: &str) {
        self.held.send_modify(|held| held.push(tool.to_owned()));
    }

    pub(crate) fn let_go(&self, tool: &str) {
        self.held.send_modify(|held| held.retain(|other| other != tool));
    }

    pub(crate) fn answers(&self, tool: &str, answers: Vec<Answer>) {
        self.answers.lock().unwrap().insert(tool.to_owned(), answers);
    }

    pub(crate) fn made(&self) -> Vec<Made> {
        self.made.lock().unwrap().clone()
    }

    /// The tools in the order of their calls.
    pub(crate) fn tools(&self) -> Vec<String> {
        self.made().into_iter().map(|made| made.tool).collect()
    }

    fn answer(&self, tool: &str) -> Option<Answer> {
        let mut answers = self.answers.lock().unwrap();
        let answers = answers.get_mut(tool).filter(|answers| !answers.is_empty())?;
        Some(answers.remove(0))
    }

    async fn called(&self, errand: Errand<'_>) -> Called {
        let Target::Tool { tool, arguments, .. } = &errand.call.target else { panic!("only tools are called here") };
        let (key, attempt) = (errand.call.idempotency_key.clone(), errand.call.attempt);
        self.made.lock().unwrap().push(Made { tool: tool.clone(), key, attempt, approval: errand.approval });
        let mut held = self.held.subscribe();
        tokio::select! {
            _ = held.wait_for(|held| !held.contains(tool)) => {}
            () = errand.cancel.cancelled() => {}
        }
        match self.answer(tool) {
            None => Called::Answered(json!({ "tool": tool, "given": arguments["given"] })),
            Some(Answer::Fails { is_transient }) => Called::Failed(Box::new(failure(is_transient))),
            Some(Answer::NeedsYes) if errand.approval.is_none() => self.propose(&errand, tool).await,
            Some(Answer::NeedsYes) => Called::Answered(json!({ "approved": true })),
        }
    }

    async fn propose(&self, errand: &Errand<'_>, tool: &str) -> Called {
        let plan = Plan::of_one(format!("do {tool}"), "somebody");
        let (plan_id, expires_at_ms) = (PlanId::at(self.clock.now_ms()), self.clock.now_ms() + 900_000);
        let question = Question { plan_id, asker: tool.to_owned(), plan: plan.clone(), expires_at_ms };
        self.approvals.ask(&errand.acting.caller(errand.tenant), question).await.unwrap();
        let (tool, mode) = (tool.to_owned(), ApprovalMode::Ask);
        Called::NeedsYes(Box::new(ProposedPlan { plan_id, tool, plan, expires_at_ms, mode, arguments_digest: [0; 32] }))
    }
}

impl Calls for Far {
    fn call<'a>(&'a self, errand: Errand<'a>) -> Calling<'a> {
        Box::pin(self.called(errand))
    }
}

fn failure(is_transient: bool) -> Failure {
    Failure {
        kind: "https://serverlessworkflow.io/spec/1.0.0/errors/communication".to_owned(),
        status: if is_transient { 503 } else { 502 },
        title: "the far side says no".to_owned(),
        detail: None,
        hint: None,
        instance: None,
        retry_after_ms: None,
        is_transient,
        attempts: None,
    }
}

/// Definitions by name; each has one revision.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    workflows: Mutex<HashMap<String, Arc<Workflow>>>,
}

impl Definitions for Shelf {
    fn get<'a>(&'a self, _: &'a TenantId, name: &'a str, revision: i64) -> Answering<'a, Arc<Workflow>> {
        let found = self.workflows.lock().unwrap().get(name).filter(|_| revision == 1).cloned();
        Box::pin(async move { found.ok_or_else(|| Error::new(ErrorCode::NotFound, "there is no such workflow")) })
    }

    fn current<'a>(&'a self, tenant: &'a TenantId, name: &'a str, _: Option<&'a str>) -> Answering<'a, i64> {
        Box::pin(async move { self.get(tenant, name, 1).await.map(|_| 1) })
    }
}

/// A process that keeps runs going.
pub(crate) struct Process {
    pub(crate) engine: AnyEngine,
    pub(crate) tasks: Tasks,
    runtime: Option<Runtime>,
}

impl Process {
    /// Ends without a word, in the middle of whatever it does.
    pub(crate) fn die(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Everything around the engine.
pub(crate) struct World {
    pub(crate) database: TestDatabase,
    restate: Option<Deployment>,
    pub(crate) clock: Clock,
    pub(crate) far: Arc<Far>,
    pub(crate) approvals: Approvals,
    pub(crate) tenant: TenantId,
    shelf: Arc<Shelf>,
    db: Db,
}

impl World {
    pub(crate) fn new(place: impl Into<Place>) -> Self {
        let Place { database, restate } = place.into();
        let clock = Clock::manual(NOW_MS);
        let db = open(&database);
        let approvals = approvals(&db, &clock, &Tasks::new());
        let far = Far {
            made: Mutex::default(),
            answers: Mutex::default(),
            held: watch::Sender::new(Vec::new()),
            approvals: approvals.clone(),
            clock: clock.clone(),
        };
        let (far, shelf) = (Arc::new(far), Arc::new(Shelf::default()));
        Self { database, restate, clock, far, approvals, tenant: "acme".parse().unwrap(), shelf, db }
    }

    pub(crate) fn publish(&self, workflow: Workflow) {
        self.shelf.workflows.lock().unwrap().insert(workflow.name.clone(), Arc::new(workflow));
    }

    /// Another process on the same database, at work.
    pub(crate) fn process(&self) -> Process {
        self.process_with_clock(self.clock.clone())
    }

    pub(crate) fn process_with_clock(&self, clock: Clock) -> Process {
        let (tasks, db) = (Tasks::new(), open(&self.database));
        let settings = self.restate.as_ref().map_or_else(EngineSettings::default, Deployment::settings);
        let engine = AnyEngine::new(Parts {
            approvals: approvals(&db, &clock, &tasks),
            inbox: Inbox::new(db.clone(), clock.clone(), &tasks, &InboxSettings::default()),
            db,
            clock,
            tasks: tasks.clone(),
            definitions: Arc::clone(&self.shelf) as Arc<dyn Definitions>,
            calls: Arc::clone(&self.far) as Arc<dyn Calls>,
            hooks: EndedHooks::default(),
            settings,
        });
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (serving, stop) = (engine.clone(), tasks.stopping().clone());
        runtime.spawn(async move { serving.serve(stop).await });
        if let Some(restate) = &self.restate {
            restate.wait();
        }
        Process { engine, tasks, runtime: Some(runtime) }
    }

    pub(crate) fn acting() -> Acting {
        Acting::of(&Caller::local("ada", "acme".parse().unwrap(), Role::Member))
    }

    /// A run to be started by a key.
    pub(crate) fn run(workflow: &str, key: &str, input: Value) -> NewRun {
        NewRun {
            run_id: RunId::of_key(workflow, key),
            workflow: workflow.to_owned(),
            revision: 1,
            key: Some(key.to_owned()),
            input,
            acting: Self::acting(),
            callback: None,
            parent: None,
        }
    }

    pub(crate) async fn start(&self, engine: &dyn Engine, workflow: &str, key: &str) -> RunId {
        let run = Self::run(workflow, key, json!({ "contact": key }));
        let run_id = run.run_id.clone();
        assert_eq!(engine.start(&self.tenant, run).await.unwrap(), Start::Started);
        run_id
    }

    pub(crate) fn event(&self, id: &str, kind: &str, data: Value) -> Event {
        Event {
            event_id: format!("evt_{id}"),
            source: "ghl".to_owned(),
            kind: kind.to_owned(),
            dedupe_key: id.to_owned(),
            received_ms: self.clock.now_ms(),
            data,
        }
    }

    /// One value of a run's row.
    pub(crate) async fn of_run(&self, run: &RunId, column: &str) -> Option<String> {
        let sql = format!("select {column} as value from orchestrator_runs where run_id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(run.0.clone())
            .fetch_optional(self.db.read().await.unwrap())
            .await
            .unwrap();
        row.and_then(|row| row.try_get::<Option<String>, _>("value").unwrap())
    }

    pub(crate) async fn status(&self, run: &RunId) -> String {
        self.of_run(run, "status").await.unwrap_or_else(|| "absent".to_owned())
    }

    pub(crate) async fn outcome(&self, run: &RunId) -> Value {
        serde_json::from_str(&self.of_run(run, "outcome").await.unwrap_or_else(|| "null".to_owned())).unwrap()
    }

    /// Names and statuses of a run's steps, in the order of their places.
    pub(crate) async fn trace(&self, run: &RunId) -> Vec<(String, String)> {
        let rows =
            sqlx::query("select name, status from orchestrator_steps where run_id = $1 order by step_id, attempt")
                .bind(run.0.clone())
                .fetch_all(self.db.read().await.unwrap())
                .await
                .unwrap();
        rows.iter().map(|row| (row.get("name"), row.get("status"))).collect()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(self.db.read().await.unwrap()).await.unwrap()
    }

    /// Lets time pass until the run stands so.
    pub(crate) async fn until_status(&self, run: &RunId, status: &str) {
        let passing = Passing::begin();
        let mut last = String::new();
        while passing.lets_time_pass(&self.clock) {
            last = self.status(run).await;
            if last == status {
                return;
            }
        }
        panic!("the run is {last}, not {status}; {}", self.all().await);
    }

    /// The same until something else holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let passing = Passing::begin();
        while passing.lets_time_pass(&self.clock) {
            if holds() {
                return;
            }
            self.count("orchestrator_workers").await;
        }
        panic!("never: {what}; {}", self.all().await);
    }

    /// What there is, for a test that fails.
    async fn all(&self) -> String {
        let sql =
            "select name, status, summary, coalesce(failure, '') from orchestrator_steps order by run_id, step_id";
        let steps: Vec<(String, String, String, String)> =
            sqlx::query_as(sql).fetch_all(self.db.read().await.unwrap()).await.unwrap();
        let sql = "select workflow, status, coalesce(owner, ''), coalesce(outcome, '') from orchestrator_runs";
        let runs: Vec<(String, String, String, String)> =
            sqlx::query_as(sql).fetch_all(self.db.read().await.unwrap()).await.unwrap();
        format!("calls: {:?}; runs: {runs:?}; steps: {steps:?}", self.far.tools())
    }

    /// Who has a run that is parked, by its row: nobody, or somebody for whom that costs nothing.
    pub(crate) fn owner_of_parked(&self) -> Option<String> {
        self.restate.as_ref().map(|_| "restate".to_owned())
    }

    /// Until a process works under a name of its own. With Restate it has none: it does what it is told.
    pub(crate) async fn until_workers(&self, workers: i64) {
        if self.restate.is_some() {
            return;
        }
        let passing = Passing::begin();
        while passing.lets_time_pass(&self.clock) {
            if self.count("orchestrator_workers where buried_ms is null").await == workers {
                return;
            }
        }
        panic!("there are not {workers} workers");
    }
}

/// Time that passes in step with the machine's.
struct Passing {
    began_ms: i64,
    passed_ms: AtomicI64,
}

impl Passing {
    fn begin() -> Self {
        Self { began_ms: Clock::system().now_ms(), passed_ms: AtomicI64::new(0) }
    }

    /// False once it is too late.
    fn lets_time_pass(&self, clock: &Clock) -> bool {
        let real_ms = Clock::system().now_ms() - self.began_ms;
        let passed_ms = self.passed_ms.swap(real_ms * PACE, Ordering::Relaxed);
        clock.advance(Duration::from_millis(u64::try_from(real_ms * PACE - passed_ms).unwrap_or(0)));
        real_ms < PATIENCE_MS
    }
}

fn open(database: &TestDatabase) -> Db {
    let ours = mcp_orchestrator::SERVER.migrations.unwrap();
    database.open().with_migrations(ours.table, ours.migrator)
}

fn approvals(db: &Db, clock: &Clock, tasks: &Tasks) -> Approvals {
    let audit = AuditLog::new(db.clone(), clock.clone(), tasks, AuditSettings::default());
    let secrets = Secrets::new(db.clone(), clock.clone(), &SecretsSettings::default());
    Approvals::new(db.clone(), clock.clone(), audit, secrets, ApprovalSettings::default())
}
