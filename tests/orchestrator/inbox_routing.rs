//! From the inbox to the workflows: what an event starts is started once, whatever crashes and however many route.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::auth::{Acting, Role};
use common::clock::Clock;
use common::error::{Error, ErrorCode};
use common::tenant::TenantId;
use mcp_orchestrator::engine::{Answering, Engine, NewRun, Resume, Start};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::router::{Current, Pump, Triggered, Workflows};
use mcp_orchestrator::run::RunId;
use mcp_orchestrator::workflow::EventFilter;
use serde_json::json;
use tests::database::on_each_database;
use tokio_util::sync::CancellationToken;

use crate::inbox::stage::{NOW_MS, Stage};

/// An engine's far side: it remembers what it was told, and fails when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub(crate) started: Mutex<BTreeMap<(TenantId, RunId), NewRun>>,
    pub(crate) asked: AtomicUsize,
    waiting_for: Option<String>,
    delivered: Mutex<BTreeSet<String>>,
    failures: AtomicUsize,
}

impl Runs {
    fn names(&self) -> Vec<String> {
        self.started.lock().unwrap().values().map(|run| run.workflow.clone()).collect()
    }
}

fn out_of_scope() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "these runs only begin")
}

impl Engine for Runs {
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let fails = |left: usize| left.checked_sub(1);
            if self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
                return Err(Error::new(ErrorCode::UpstreamUnavailable, "the engine is away"));
            }
            let place = (tenant.clone(), run.run_id.clone());
            let known = self.started.lock().unwrap().insert(place, run).is_some();
            Ok(if known { Start::Known } else { Start::Started })
        })
    }

    fn deliver<'a>(&'a self, _tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize> {
        let is_wanted = self.waiting_for.as_deref() == Some(event.kind.as_str());
        let is_first = is_wanted && self.delivered.lock().unwrap().insert(event.event_id.clone());
        Box::pin(std::future::ready(Ok(usize::from(is_first))))
    }

    fn signal<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: &'a Event) -> Answering<'a, ()> {
        Box::pin(std::future::ready(Err(out_of_scope())))
    }

    fn cancel<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: String) -> Answering<'a, ()> {
        Box::pin(std::future::ready(Err(out_of_scope())))
    }

    fn resume<'a>(&'a self, _: &'a TenantId, _: &'a RunId, _: Resume) -> Answering<'a, ()> {
        Box::pin(std::future::ready(Err(out_of_scope())))
    }
}

/// Published: `welcome` for new contacts of `acme`, `log` for every event of anybody.
#[derive(Debug)]
pub(crate) struct Published;

impl Workflows for Published {
    fn triggered<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Triggered]>> {
        let acting = Acting { subject: "publisher".to_owned(), role: Role::Member, scopes: Vec::new() };
        let triggered = |workflow: &str, kind: &str| Triggered {
            workflow: workflow.to_owned(),
            revision: 3,
            filters: vec![EventFilter { kind: Some(kind.to_owned()), ..EventFilter::default() }],
            acting: acting.clone(),
        };
        let of_local = [triggered("welcome", "ContactCreate"), triggered("log", "Contact*")];
        let list: Arc<[Triggered]> = if tenant.as_str() == "local" { of_local.into() } else { [].into() };
        Box::pin(std::future::ready(Ok(list)))
    }

    fn current<'a>(&'a self, _tenant: &'a TenantId, workflow: &'a str) -> Answering<'a, Option<Current>> {
        let acting = Acting { subject: "publisher".to_owned(), role: Role::Member, scopes: Vec::new() };
        Box::pin(std::future::ready(Ok((workflow == "welcome").then_some(Current { revision: 3, acting }))))
    }
}

/// A process's pump, with connections and a memory of its own.
fn pump(stage: &Stage, engine: &Arc<Runs>, settings: &InboxSettings) -> Pump {
    let db = stage
        .database
        .open()
        .with_migrations("orchestrator_migrations", mcp_orchestrator::SERVER.migrations.unwrap().migrator);
    let inbox = Inbox::new(db, stage.foundation.clock.clone(), &stage.foundation.tasks, settings);
    let engine: Arc<dyn Engine> = Arc::<Runs>::clone(engine);
    Pump::new(inbox, engine, Arc::new(Published), settings)
}

async fn send(stage: &Stage, kind: &str, key: &str) -> String {
    let sent = stage.call("send_event", json!({"type": kind, "key": key, "data": {"n": key}})).await;
    sent["event_id"].as_str().unwrap_or_else(|| panic!("{sent:#}")).to_owned()
}

#[tokio::test]
async fn an_event_starts_what_listens_for_it_and_says_so() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Runs { waiting_for: Some("Booked".to_owned()), ..Runs::default() });
        let pump = pump(&stage, &engine, &InboxSettings::default());
        let created = send(&stage, "ContactCreate", "k1").await;
        let (booked, other) = (send(&stage, "Booked", "k2").await, send(&stage, "Other", "k3").await);
        assert_eq!(pump.round().await.unwrap(), 3);
        assert_eq!(pump.round().await.unwrap(), 0, "all of them are done");
        let created = stage.call("get_event", json!({"event": created})).await;
        let of_key = |workflow: &str| json!({"workflow": workflow, "run_id": RunId::of_key(workflow, "manual/k1").0});
        assert_eq!(created["started"], json!([of_key("welcome"), of_key("log")]), "{created:#}");
        assert_eq!((&created["state"], &created["routed_at"]), (&json!("routed"), &json!("2026-11-20T00:00:00Z")));
        let booked = stage.call("get_event", json!({"event": booked})).await;
        assert_eq!((&booked["state"], &booked["delivered"]), (&json!("routed"), &json!(1)));
        assert_eq!(stage.call("get_event", json!({"event": other})).await["state"], "unrouted");
        let run = engine.started.lock().unwrap().values().next().cloned().unwrap();
        assert_eq!(
            (run.revision, run.acting.subject.as_str(), run.key.as_deref()),
            (3, "publisher", Some("manual/k1"))
        );
        assert_eq!((&run.input["type"], &run.input["data"]["n"]), (&json!("ContactCreate"), &json!("k1")));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_started_is_tried_again_and_in_the_end_fails_visibly() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Runs { failures: AtomicUsize::new(4), ..Runs::default() });
        let settings = InboxSettings { attempts_max: 3, ..InboxSettings::default() };
        let pump = pump(&stage, &engine, &settings);
        let id = send(&stage, "ContactCreate", "k1").await;
        for pause_s in [1, 2] {
            assert_eq!(pump.round().await.unwrap(), 1);
            assert_eq!(pump.round().await.unwrap(), 0, "not at once");
            let event = stage.call("get_event", json!({"event": id})).await;
            assert!(event["problem"]["next_attempt_at"].is_string(), "{event:#}");
            stage.foundation.clock.advance(Duration::from_secs(pause_s));
        }
        assert_eq!(pump.round().await.unwrap(), 1);
        let event = stage.call("get_event", json!({"event": id})).await;
        assert_eq!((&event["state"], &event["problem"]["attempts"]), (&json!("failed"), &json!(3)), "{event:#}");
        assert!(event["problem"]["reason"].as_str().unwrap().contains("the engine is away"));
        // A person looks, mends, and replays it.
        stage.call("send_event", json!({"replay": id})).await;
        assert_eq!(pump.round().await.unwrap(), 1, "the fourth failure");
        stage.foundation.clock.advance(Duration::from_secs(1));
        assert_eq!(pump.round().await.unwrap(), 1);
        let event = stage.call("get_event", json!({"event": id})).await;
        assert_eq!((&event["state"], &event["problem"]), (&json!("routed"), &json!(null)), "{event:#}");
        assert_eq!(engine.names().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn routing_again_after_a_crash_starts_nothing_twice() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Runs::default());
        let settings = InboxSettings::default();
        let id = send(&stage, "ContactCreate", "k1").await;
        // Everything was started, and then the process died before it could note that.
        pump(&stage, &engine, &settings).round().await.unwrap();
        let pool = stage.bypass().await;
        sqlx::query("update orchestrator_events set state = 'new', outcome = null").execute(&pool).await.unwrap();
        pump(&stage, &engine, &settings).round().await.unwrap();
        assert_eq!((engine.names().len(), engine.asked.load(Ordering::Relaxed)), (2, 4), "asked twice, started once");
        let event = stage.call("get_event", json!({"event": id})).await;
        assert_eq!(event["started"].as_array().map(Vec::len), Some(2), "{event:#}");
        // Anew is another event.
        let copy = stage.call("send_event", json!({"replay": id, "anew": true})).await;
        pump(&stage, &engine, &settings).round().await.unwrap();
        assert_eq!(engine.names().len(), 4);
        assert_ne!(copy["event_id"], json!(id));
    })
    .await;
}

#[tokio::test]
async fn several_processes_route_side_by_side_and_nothing_is_started_twice() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Runs::default());
        let settings = InboxSettings::default();
        for key in 0..300 {
            send(&stage, "ContactCreate", &format!("k{key}")).await;
        }
        let pumps: Vec<Pump> = (0..3).map(|_| pump(&stage, &engine, &settings)).collect();
        let rounds = pumps.iter().map(|pump| async { while pump.round().await.unwrap() > 0 {} });
        futures_util::future::join_all(rounds).await;
        assert_eq!(engine.names().len(), 600);
        let left: i64 = sqlx::query_scalar("select count(*) from orchestrator_events where state <> 'routed'")
            .fetch_one(&stage.bypass().await)
            .await
            .unwrap();
        assert_eq!(left, 0);
        if stage.database.settings.url.is_some() {
            assert_eq!(engine.asked.load(Ordering::Relaxed), 600, "each was one process's own");
        }
    })
    .await;
}

#[tokio::test]
async fn the_service_routes_what_another_process_stored_within_its_poll() {
    let stage = Stage::open(tests::database::TestDatabase::sqlite(), Clock::manual(NOW_MS), "").await;
    let engine = Arc::new(Runs::default());
    let (stop, pump) = (CancellationToken::new(), pump(&stage, &engine, &InboxSettings::default()));
    stage.foundation.tasks.spawn(pump.run(stop.clone()));
    send(&stage, "ContactCreate", "k1").await;
    let routed = async {
        while engine.names().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tests::time::drive(&stage.foundation.clock, Duration::from_millis(100), routed).await;
    stop.cancel();
}
