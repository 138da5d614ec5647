//! Workflows of four calls, each step committed before the next is called, 64 at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;
use mcp_orchestrator::engine::Engine;
use mcp_orchestrator::workflow::Workflow;
use serde_json::json;
use tests::database::TestDatabase;

use crate::flow::{call, workflow};
use crate::plant::{self, Bell, share};

pub(crate) const AT_A_TIME: usize = 64;

/// Runs before those that count, and those.
const RUNS: (usize, usize) = (2_000, 20_000);

/// Four calls, one after the other.
pub(crate) fn four() -> Arc<Workflow> {
    let steps = vec![("one", call("a")), ("two", call("b")), ("three", call("c")), ("four", call("d"))];
    Arc::new(workflow("four", steps))
}

pub(crate) async fn measure(database: TestDatabase) {
    let (four, bell) = (four(), Arc::new(Bell::default()));
    let workers = if database.settings.url.is_some() { 2 } else { 1 };
    let (mut engines, mut all) = (Vec::new(), Vec::new());
    for _ in 0..workers {
        let (engine, tasks, db) = plant::worker(&database, &four, &bell).await;
        engines.push(engine);
        all.push((tasks, db));
    }
    go(&engines, &bell, "warm", RUNS.0).await;
    let began = Instant::now();
    let mut spans_us = go(&engines, &bell, "run", RUNS.1).await;
    let seconds = began.elapsed().as_secs_f64();
    spans_us.sort_unstable();
    let sql = "select count(*) from orchestrator_steps where status = 'completed'";
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(all[0].1.read().await.expect("a reader")).await.expect("a count");
    assert_eq!(usize::try_from(rows).expect("a count"), 4 * (RUNS.0 + RUNS.1), "each step has its row");
    println!(
        "{} with {workers} worker(s), four steps, {AT_A_TIME} at a time: {:.0} runs/s; start to end p50 {:.1} ms, p99 {:.1} ms",
        if workers == 1 { "SQLite (FULL)" } else { "PostgreSQL" },
        RUNS.1 as f64 / seconds,
        share(&spans_us, 50),
        share(&spans_us, 99),
    );
    for (tasks, db) in all {
        tasks.shutdown(std::time::Duration::from_secs(10)).await;
        db.close().await;
    }
}

pub(crate) async fn go(engines: &[impl Engine], bell: &Bell, prefix: &str, runs: usize) -> Vec<u128> {
    let (next, tenant) = (AtomicUsize::new(0), plant::tenant());
    let lanes = (0..AT_A_TIME).map(|lane| {
        let (next, tenant, engine) = (&next, &tenant, &engines[lane % engines.len()]);
        async move {
            let mut spans_us = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= runs {
                    return spans_us;
                }
                let run = plant::run("four", format!("{prefix}{number}"), json!({ "contact": number }));
                let (began, ended) = (Instant::now(), bell.ending(&run.run_id));
                engine.start(tenant, run).await.expect("it starts");
                ended.await.expect("it ends");
                spans_us.push(began.elapsed().as_micros());
            }
        }
    });
    join_all(lanes).await.into_iter().flatten().collect()
}
