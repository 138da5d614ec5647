//! The same workflows of four calls, kept by Restate, with the rows in our database.

use std::sync::Arc;
use std::time::Instant;

use mcp_orchestrator::engine::{EngineKind, EngineSettings, Restate, RestateSettings};
use tests::database::TestDatabase;
use tests::load;
use tests::restate::{RestateServer, free_address};

use crate::plant::{self, Bell, share};
use crate::steps::{AT_A_TIME, four, go};

/// Runs before those that count, and those.
const RUNS: (usize, usize) = (500, 3_000);

pub(crate) async fn measure(database: TestDatabase) {
    let server = RestateServer::start();
    let (four, bell) = (four(), Arc::new(Bell::default()));
    let restate = RestateSettings {
        ingress: server.ingress(),
        admin: server.admin(),
        listen: free_address(),
        ..RestateSettings::default()
    };
    let settings = EngineSettings { kind: EngineKind::Restate, restate, ..EngineSettings::default() };
    let (parts, tasks, db) = plant::parts(&database, (&four, &bell), settings);
    let engine = Restate::new(parts).expect("the settings are accepted");
    let (serving, stop) = (engine.clone(), tasks.stopping().clone());
    tasks.spawn(async move { serving.serve(stop).await });
    db.ready().await.expect("the database opens");
    tokio::task::block_in_place(|| server.wait_for("luminar.Run"));
    let engines = [engine];
    go(&engines, &bell, "warm", RUNS.0).await;
    let began = Instant::now();
    let mut spans_us = go(&engines, &bell, "run", RUNS.1).await;
    let seconds = began.elapsed().as_secs_f64();
    spans_us.sort_unstable();
    let sql = "select count(*) from orchestrator_steps where status = 'completed'";
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(db.read().await.expect("a reader")).await.expect("a count");
    assert_eq!(usize::try_from(rows).expect("a count"), 4 * (RUNS.0 + RUNS.1), "each step has its row");
    println!(
        "Restate with rows in {}, four steps, {AT_A_TIME} at a time: {:.0} runs/s; start to end p50 {:.1} ms, p99 {:.1} ms; {:.0} MiB of Restate, {:.0} MiB of ours",
        if database.settings.url.is_some() { "PostgreSQL" } else { "SQLite (FULL)" },
        RUNS.1 as f64 / seconds,
        share(&spans_us, 50),
        share(&spans_us, 99),
        server.process().map_or(0.0, |process| load::memory(process).resident_mib),
        load::memory(std::process::id()).resident_mib,
    );
    tasks.shutdown(std::time::Duration::from_secs(20)).await;
    db.close().await;
}
