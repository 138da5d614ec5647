//! kill -9 over the booking flow: no run is lost, each step leaves one row, and calls are repeated only under their key
//! and only if they were under way at a kill.

pub(crate) mod node;
mod restate;

use std::collections::{HashMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use common::clock::Clock;
use common::db::Db;
use common::tasks::Tasks;
use mcp_orchestrator::engine::{Engine, Start};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::run::RunId;
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::Row;
use tests::database::{TestDatabase, on_each_database};
use tests::time::is_full_run;

use crate::booking::{CALLS, STEPS};
use crate::engine::world::World;

/// Kills and runs, in the default run and in the long one.
const SIZES: [(usize, usize); 2] = [(20, 300), (500, 5_000)];

/// How long the runs may take after the last kill.
const PATIENCE_MS: i64 = 180_000;

/// What the far side was asked: step and key, in the order of their coming.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_done_twice_whenever_a_process_is_killed() {
    on_each_database(|database| async move {
        let (kills, runs) = SIZES[usize::from(is_full_run())];
        let storm = Storm::begin(database, runs).await;
        let in_flight = storm.rage(kills).await;
        storm.calm_down().await;
        let workers = storm.worker_ids().await.len();
        // On a machine that is too busy a living worker is taken for dead: what it had under way is repeated as well.
        storm.check(kills, &in_flight, workers - kills - 2).await;
    })
    .await;
}

struct Storm {
    database: TestDatabase,
    db: Db,
    far: String,
    asked: Asked,
    runs: Vec<(RunId, &'static str, String)>,
    random: Mutex<fastrand::Rng>,
}

/// A process and the name under which it has runs.
struct Worker {
    process: Child,
    worker_id: String,
}

impl Storm {
    async fn begin(database: TestDatabase, runs: usize) -> Self {
        let seed = seed();
        println!("LUMINAR_SEED={seed}");
        let asked = Asked::default();
        let far = far_side(Arc::clone(&asked)).await;
        let db = node::open(&database.settings, &database.file);
        db.ready().await.unwrap();
        let runs = (0..runs).map(|number| {
            let flow = if number % 2 == 0 { "kept" } else { "late" };
            let key = format!("contact-{number}");
            (RunId::of_key(flow, &key), flow, key)
        });
        let (runs, random) = (runs.collect(), Mutex::new(fastrand::Rng::with_seed(seed)));
        Self { database, db, far, asked, runs, random }
    }

    /// Starts runs and hands events in, while one of two workers after the other is killed. Returns how often a call was
    /// under way at a kill, by step.
    async fn rage(&self, kills: usize) -> HashMap<(String, String), usize> {
        let tasks = Tasks::new();
        let door = node::engine((&self.database.settings, &self.database.file), &self.far, node::hasty(), &tasks);
        let mut workers = vec![self.worker().await, self.worker().await];
        let mut in_flight: HashMap<(String, String), usize> = HashMap::new();
        let killing = async {
            for kill in 0..kills {
                let (pause_ms, victim) = {
                    let mut random = self.random.lock().unwrap();
                    (random.u64(20..250), random.usize(0..2))
                };
                pause(pause_ms).await;
                let Worker { mut process, worker_id } = workers.swap_remove(victim);
                process.kill().unwrap();
                process.wait().unwrap();
                let calls = self.calls_of(&worker_id).await;
                if kill % 50 == 0 {
                    println!("kill {kill}: {} calls under way", calls.len());
                }
                for call in calls {
                    *in_flight.entry(call).or_default() += 1;
                }
                workers.push(self.worker().await);
            }
        };
        let handing_in = async { tokio::join!(killing, self.start_all(&door, kills)) };
        tokio::select! {
            _ = handing_in => {}
            () = self.book(&door) => {}
        }
        self.finish(&door).await;
        for Worker { mut process, .. } in workers {
            process.kill().unwrap();
            process.wait().unwrap();
        }
        in_flight
    }

    /// Starts all runs over the whole time of the killing.
    async fn start_all(&self, door: &dyn Engine, kills: usize) {
        let gap_ms = u64::try_from(kills * 135 / self.runs.len().max(1)).unwrap();
        for (run_id, flow, key) in &self.runs {
            let mut run = World::run(flow, key, json!({ "contact": key }));
            run.run_id = run_id.clone();
            let started = door.start(&"acme".parse().unwrap(), run).await.unwrap();
            assert_eq!(started, Start::Started);
            pause(gap_ms).await;
        }
    }

    /// Tells all that wait for it that they are booked, each twice, for ever.
    async fn book(&self, door: &dyn Engine) {
        let tenant = "acme".parse().unwrap();
        loop {
            for key in self.waiting().await {
                let event = Event {
                    event_id: format!("evt_{key}"),
                    source: "ghl".to_owned(),
                    kind: "Booked".to_owned(),
                    dedupe_key: key.clone(),
                    received_ms: Clock::system().now_ms(),
                    data: json!({ "contact": key }),
                };
                for _ in 0..2 {
                    door.deliver(&tenant, &event).await.unwrap();
                }
            }
            pause(50).await;
        }
    }

    /// Until all runs have ended.
    async fn finish(&self, door: &dyn Engine) {
        let ending = async {
            let ends_ms = Clock::system().now_ms() + PATIENCE_MS;
            while self.left().await > 0 {
                assert!(Clock::system().now_ms() < ends_ms, "{} runs do not end", self.left().await);
                pause(100).await;
            }
        };
        tokio::select! {
            () = ending => {}
            () = self.book(door) => {}
        }
    }

    async fn calm_down(&self) {
        assert_eq!(self.left().await, 0);
    }

    async fn worker(&self) -> Worker {
        let before = self.worker_ids().await;
        let at = self.at();
        #[expect(
            clippy::zombie_processes,
            reason = "a worker is killed and waited for at the end of the storm, or by it"
        )]
        let process = Command::new(env!("CARGO_BIN_EXE_storm-worker"))
            .args([&at, &self.far])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        loop {
            let now = self.worker_ids().await;
            if let Some(worker_id) = now.difference(&before).next() {
                return Worker { process, worker_id: worker_id.clone() };
            }
            pause(5).await;
        }
    }

    /// Where the database is, for another process.
    fn at(&self) -> String {
        match &self.database.settings.url {
            Some(url) => url.expose_secret().to_owned(),
            None => self.database.file.display().to_string(),
        }
    }

    async fn worker_ids(&self) -> HashSet<String> {
        let sql = "select worker_id from orchestrator_workers";
        let ids: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.db.read().await.unwrap()).await.unwrap();
        ids.into_iter().collect()
    }

    /// The calls that a worker has under way: run and step.
    async fn calls_of(&self, worker_id: &str) -> Vec<(String, String)> {
        let rows = sqlx::query("select run_id, calls from orchestrator_runs where owner = $1")
            .bind(worker_id.to_owned())
            .fetch_all(self.db.read().await.unwrap())
            .await
            .unwrap();
        let mut calls = Vec::new();
        for row in rows {
            let open: Vec<serde_json::Value> = serde_json::from_str(row.get("calls")).unwrap();
            for call in open {
                let key = call["call"]["idempotency_key"].as_str().unwrap().to_owned();
                calls.push((row.get("run_id"), key));
            }
        }
        calls
    }

    /// The contacts whose runs wait for an event.
    async fn waiting(&self) -> Vec<String> {
        let sql = "select started_by from orchestrator_runs where status = 'waiting' and workflow = 'kept' limit 200";
        sqlx::query_scalar(sql).fetch_all(self.db.read().await.unwrap()).await.unwrap()
    }

    async fn left(&self) -> usize {
        let sql = "select count(*) from orchestrator_runs where ended_ms is not null";
        let ended: i64 = sqlx::query_scalar(sql).fetch_one(self.db.read().await.unwrap()).await.unwrap();
        self.runs.len() - usize::try_from(ended).unwrap()
    }

    async fn check(&self, kills: usize, in_flight: &HashMap<(String, String), usize>, lapses: usize) {
        let pool = self.db.read().await.unwrap();
        let sql = "select run_id from orchestrator_runs where status = 'completed'";
        let completed: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
        let completed: HashSet<String> = completed.into_iter().collect();
        let lost: Vec<_> = self.runs.iter().filter(|(run, ..)| !completed.contains(&run.0)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");

        let mut rows: HashMap<(String, String), usize> = HashMap::new();
        let steps: Vec<(String, String, String)> =
            sqlx::query_as("select run_id, name, status from orchestrator_steps").fetch_all(pool).await.unwrap();
        for (run, name, status) in steps {
            assert!(status == "completed" || status == "cancelled", "{run} {name}: {status}");
            *rows.entry((run, name)).or_default() += 1;
        }
        for (run, ..) in &self.runs {
            for step in STEPS {
                assert_eq!(rows.get(&(run.0.clone(), step.to_owned())), Some(&1), "rows of {step} of {run}");
            }
        }
        let sql = "select count(*) from orchestrator_events where kind = 'BookingHandled'";
        let emitted: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
        assert_eq!(usize::try_from(emitted).unwrap(), self.runs.len(), "each run has emitted its event once");

        let mut times: HashMap<(String, String), usize> = HashMap::new();
        for asked in self.asked.lock().unwrap().iter() {
            *times.entry(asked.clone()).or_default() += 1;
        }
        assert_eq!(times.len(), self.runs.len() * CALLS.len(), "each call of each run has one key");
        let at_kills: HashMap<&str, usize> = in_flight.iter().map(|((_, key), times)| (key.as_str(), *times)).collect();
        let mut repeated = 0;
        for ((step, key), times) in &times {
            let allowed = at_kills.get(key.as_str()).copied().unwrap_or_default();
            let at_kills = format!("under way at {allowed} kills, {lapses} leases ran out");
            assert!(times - 1 <= allowed + lapses, "{step} {key}: called {times} times, {at_kills}");
            repeated += times - 1;
        }
        let under_way: usize = in_flight.values().sum();
        println!(
            "{} runs, {kills} kills: 0 lost, {} rows of steps each once, {} calls, {repeated} repeated of {under_way} under way at a kill, {lapses} leases ran out",
            self.runs.len(),
            rows.values().sum::<usize>(),
            self.runs.len() * CALLS.len()
        );
    }
}

/// The far side: outside of all processes that are killed.
async fn far_side(asked: Asked) -> String {
    let answer = async |State(asked): State<Asked>, Path(step): Path<String>, headers: HeaderMap| {
        let key = headers["idempotency-key"].to_str().unwrap().to_owned();
        asked.lock().unwrap().push((step, key));
        // Long enough to be killed in the middle of.
        pause(5).await;
        axum::Json(json!({ "ok": true }))
    };
    let router = Router::new().route("/{step}", post(answer)).with_state(asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test has no task set")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn pause(span_ms: u64) {
    Clock::system().sleep(Duration::from_millis(span_ms)).await;
}

#[expect(clippy::disallowed_methods, reason = "the seed is the runner's choice")]
fn seed() -> u64 {
    std::env::var("LUMINAR_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap())
}
