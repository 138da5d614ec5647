//! Three processes, one of which is killed: how soon its runs go on, and that none goes on twice.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::tasks::Tasks;
use mcp_orchestrator::engine::{Engine, EngineSettings};
use secrecy::ExposeSecret;
use serde_json::json;
use tests::database::TestDatabase;

use crate::{node, plant};

const RUNS: usize = 600;

/// How long the far side takes for one call.
const ANSWER: Duration = Duration::from_millis(400);

type Asked = Arc<Mutex<HashMap<String, usize>>>;

/// The process that is killed.
pub(crate) async fn work(database: &str, far: &str) {
    let url = database.starts_with("postgres").then(|| database.to_owned().into());
    let settings = DatabaseSettings { url, ..DatabaseSettings::default() };
    let tasks = Tasks::new();
    let engine = node::engine((&settings, &PathBuf::from(database)), far, EngineSettings::default(), &tasks);
    engine.serve(tasks.stopping().clone()).await;
}

pub(crate) async fn measure(database: TestDatabase) {
    let asked = Asked::default();
    let far = far_side(Arc::clone(&asked)).await;
    let db = node::open(&database.settings, &database.file);
    db.ready().await.expect("the database opens");
    let mut processes: Vec<Child> = (0..3).map(|_| process(&database, &far)).collect();
    let tasks = Tasks::new();
    let door = node::engine((&database.settings, &database.file), &far, EngineSettings::default(), &tasks);
    for number in 0..RUNS {
        let run = plant::run("late", format!("c{number}"), json!({ "contact": number }));
        door.start(&plant::tenant(), run).await.expect("it starts");
    }
    let (mut killed, had) = loop {
        let owners = owners(&db).await;
        if owners.len() == 3 {
            let killed = processes.remove(0);
            break (killed, owners);
        }
        Clock::system().sleep(Duration::from_millis(20)).await;
    };
    killed.kill().expect("it runs");
    killed.wait().expect("it is gone");
    let began = Instant::now();
    // The worker whose runs do not change hands is the dead one; its runs are free when it is buried.
    let took = loop {
        let dead: i64 = one(&db, "select count(*) from orchestrator_workers where buried_ms is not null").await;
        let sql = "select count(*) from orchestrator_runs where owner in
            (select worker_id from orchestrator_workers where buried_ms is not null)";
        if dead == 1 && one(&db, sql).await == 0 && one(&db, FREE).await == 0 {
            break began.elapsed();
        }
        Clock::system().sleep(Duration::from_millis(20)).await;
    };
    while one(&db, "select count(*) from orchestrator_runs where ended_ms is null").await > 0 {
        Clock::system().sleep(Duration::from_millis(50)).await;
    }
    let (times, calls): (Vec<usize>, usize) = {
        let asked = asked.lock().expect("nobody panics");
        (asked.values().copied().collect(), asked.len())
    };
    let repeated: usize = times.iter().map(|times| times - 1).sum();
    assert!(times.iter().all(|times| *times <= 2), "no call more than once more");
    println!(
        "{}, 3 workers with {:?} runs, one killed: taken over after {:.1} s; {calls} calls, {repeated} repeated under their key",
        if database.settings.url.is_some() { "PostgreSQL" } else { "SQLite (FULL)" },
        had.values().collect::<Vec<_>>(),
        took.as_secs_f64(),
    );
    for mut process in processes {
        process.kill().expect("it runs");
        process.wait().expect("it is gone");
    }
    db.close().await;
}

const FREE: &str = "select count(*) from orchestrator_runs where owner is null and status = 'running'";

async fn one(db: &Db, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db.read().await.expect("a reader")).await.expect("a count")
}

async fn owners(db: &Db) -> HashMap<String, i64> {
    let sql = "select owner, count(*) from orchestrator_runs where owner is not null group by owner";
    let owners: Vec<(String, i64)> =
        sqlx::query_as(sql).fetch_all(db.read().await.expect("a reader")).await.expect("owners");
    owners.into_iter().collect()
}

fn process(database: &TestDatabase, far: &str) -> Child {
    let at = match &database.settings.url {
        Some(url) => url.expose_secret().to_owned(),
        None => database.file.display().to_string(),
    };
    let program = std::env::current_exe().expect("this program");
    Command::new(program).args(["worker", &at, far]).stdin(Stdio::null()).spawn().expect("it starts")
}

async fn far_side(asked: Asked) -> String {
    let answer = async |State(asked): State<Asked>, headers: HeaderMap| {
        let key = headers["idempotency-key"].to_str().expect("a key").to_owned();
        *asked.lock().expect("nobody panics").entry(key).or_default() += 1;
        Clock::system().sleep(ANSWER).await;
        axum::Json(json!({ "ok": true }))
    };
    let router = Router::new().route("/{step}", post(answer)).with_state(asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    #[expect(clippy::disallowed_methods, reason = "a driver has no task set")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
