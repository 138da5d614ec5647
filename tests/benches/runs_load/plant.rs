//! Engines in this process, with a far side that answers at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use common::audit::{AuditLog, AuditSettings};
use common::auth::{Acting, Caller, Role};
use common::clock::Clock;
use common::db::{Db, Dialect, Tx};
use common::error::{Error, ErrorCode};
use common::secrets::{Secrets, SecretsSettings};
use common::tasks::Tasks;
use common::tenant::TenantId;
use common::tool::{ApprovalSettings, Approvals};
use mcp_orchestrator::engine::hooks::{EndedHooks, EndedRun, Keeping, OnEnd};
use mcp_orchestrator::engine::{Answering, Definitions, Embedded, EngineSettings, NewRun, Parts};
use mcp_orchestrator::executor::{Called, Calling, Calls, Errand};
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::run::RunId;
use mcp_orchestrator::workflow::Workflow;
use serde_json::{Value, json};
use tests::database::TestDatabase;
use tokio::sync::oneshot;

use crate::node;

/// Who waits for the end of which run.
type Waiting = Mutex<HashMap<String, oneshot::Sender<()>>>;

/// Tells whoever waits for a run that it has ended, or that it has called.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    ended: Waiting,
    called: Waiting,
}

impl Bell {
    pub(crate) fn ending(&self, run: &RunId) -> oneshot::Receiver<()> {
        listen(&self.ended, &run.0)
    }

    pub(crate) fn calling(&self, run: &RunId) -> oneshot::Receiver<()> {
        listen(&self.called, &run.0)
    }
}

fn listen(waiting: &Waiting, run: &str) -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    waiting.lock().expect("nobody panics").insert(run.to_owned(), sender);
    receiver
}

fn ring(waiting: &Waiting, run: &str) {
    if let Some(sender) = waiting.lock().expect("nobody panics").remove(run) {
        let _gone = sender.send(());
    }
}

impl OnEnd for Bell {
    fn keep<'a>(&'a self, _: (Dialect, &'a mut Tx), _: &'a [EndedRun]) -> Keeping<'a> {
        Box::pin(async { Ok(()) })
    }

    fn committed(&self, ended: &EndedRun) {
        ring(&self.ended, &ended.run_id.0);
    }
}

impl Calls for Bell {
    fn call<'a>(&'a self, errand: Errand<'a>) -> Calling<'a> {
        let run = errand.call.idempotency_key.split('.').next().unwrap_or_default();
        ring(&self.called, run);
        Box::pin(async { Called::Answered(json!({ "id": "8d2f0c1b", "status": "sent" })) })
    }
}

/// One workflow.
#[derive(Debug)]
struct Only(Arc<Workflow>);

impl Definitions for Only {
    fn get<'a>(&'a self, _: &'a TenantId, name: &'a str, _: i64) -> Answering<'a, Arc<Workflow>> {
        Box::pin(async move {
            let found = Some(&self.0).filter(|only| only.name == name).cloned();
            found.ok_or_else(|| Error::new(ErrorCode::NotFound, "there is no such workflow"))
        })
    }

    fn current<'a>(&'a self, _: &'a TenantId, _: &'a str, _: Option<&'a str>) -> Answering<'a, i64> {
        Box::pin(async { Ok(1) })
    }
}

/// A worker of its own, with connections of its own, at work.
pub(crate) async fn worker(
    database: &TestDatabase,
    workflow: &Arc<Workflow>,
    bell: &Arc<Bell>,
) -> (Embedded, Tasks, Db) {
    let (parts, tasks, db) = parts(database, (workflow, bell), EngineSettings::default());
    let engine = Embedded::new(parts);
    let (serving, stop) = (engine.clone(), tasks.stopping().clone());
    tasks.spawn(async move { serving.serve(stop).await });
    // A run is started in this process's own memory only once it is known as a worker.
    db.ready().await.expect("the database opens");
    Clock::system().sleep(std::time::Duration::from_millis(300)).await;
    (engine, tasks, db)
}

/// What an engine of its own works with, over connections of its own.
pub(crate) fn parts(
    database: &TestDatabase,
    (workflow, bell): (&Arc<Workflow>, &Arc<Bell>),
    settings: EngineSettings,
) -> (Parts, Tasks, Db) {
    let (clock, tasks) = (Clock::system(), Tasks::new());
    let db = node::open(&database.settings, &database.file);
    let audit = AuditLog::new(db.clone(), clock.clone(), &tasks, AuditSettings::default());
    let secrets = Secrets::new(db.clone(), clock.clone(), &SecretsSettings::default());
    let parts = Parts {
        approvals: Approvals::new(db.clone(), clock.clone(), audit, secrets, ApprovalSettings::default()),
        inbox: Inbox::new(db.clone(), clock.clone(), &tasks, &InboxSettings::default()),
        definitions: Arc::new(Only(Arc::clone(workflow))),
        calls: Arc::clone(bell) as Arc<dyn Calls>,
        hooks: EndedHooks::new(vec![Arc::clone(bell) as Arc<dyn OnEnd>]),
        settings,
        tasks: tasks.clone(),
        db: db.clone(),
        clock,
    };
    (parts, tasks, db)
}

pub(crate) fn run(workflow: &str, key: String, input: Value) -> NewRun {
    NewRun {
        run_id: RunId::of_key(workflow, &key),
        workflow: workflow.to_owned(),
        revision: 1,
        key: Some(key),
        input,
        acting: Acting::of(&Caller::local("load", tenant(), Role::Member)),
        callback: None,
        parent: None,
    }
}

pub(crate) fn tenant() -> TenantId {
    "acme".parse().expect("a tenant")
}

/// A share of sorted spans, in milliseconds.
pub(crate) fn share(sorted_us: &[u128], per_cent: usize) -> f64 {
    let at = (sorted_us.len().saturating_sub(1)) * per_cent / 100;
    sorted_us.get(at).map_or(0.0, |span_us| *span_us as f64 / 1000.0)
}
