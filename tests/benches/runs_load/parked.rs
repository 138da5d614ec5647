//! 50,000 runs that wait three days unless an event comes: what they cost, and how soon the event is acted on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::clock::Clock;
use futures_util::stream::{self, StreamExt};
use mcp_orchestrator::engine::Engine;
use mcp_orchestrator::event::Event;
use serde_json::json;
use tests::database::TestDatabase;
use tests::load;

use crate::flow::{call, listen_for_contact, race, wait, workflow};
use crate::plant::{self, Bell, share};

const PARKED: usize = 50_000;
const SIGNALS: usize = 1_000;
const WATCHED: Duration = Duration::from_secs(20);

pub(crate) async fn measure(database: TestDatabase) {
    let three_days = Duration::from_hours(72);
    let branches = vec![("booked", listen_for_contact("Booked")), ("late", wait(three_days))];
    let flow = Arc::new(workflow("wait", vec![("wait", race(branches)), ("after", call("a"))]));
    let bell = Arc::new(Bell::default());
    let (engine, tasks, db) = plant::worker(&database, &flow, &bell).await;
    let tenant = plant::tenant();
    let began = Instant::now();
    let starts = stream::iter(0..PARKED).map(|number| {
        let run = plant::run("wait", format!("c{number}"), json!({ "contact": format!("c{number}") }));
        engine.start(&tenant, run)
    });
    starts.buffer_unordered(64).for_each(async |started| assert!(started.is_ok())).await;
    let parking_s = began.elapsed().as_secs_f64();
    let cpu = cpu_ms();
    Clock::system().sleep(WATCHED).await;
    let cpu_share = (cpu_ms() - cpu) / (WATCHED.as_secs_f64() * 10.0);
    let memory = load::memory(std::process::id());
    let mut spans_us = Vec::with_capacity(SIGNALS);
    for number in (0..PARKED).step_by(PARKED / SIGNALS) {
        let run = plant::run("wait", format!("c{number}"), json!({}));
        let called = bell.calling(&run.run_id);
        let event = Event {
            event_id: format!("evt_{number}"),
            source: "ghl".to_owned(),
            kind: "Booked".to_owned(),
            dedupe_key: number.to_string(),
            received_ms: Clock::system().now_ms(),
            data: json!({ "contact": format!("c{number}") }),
        };
        let began = Instant::now();
        assert_eq!(engine.deliver(&tenant, &event).await.expect("it is delivered"), 1);
        called.await.expect("it goes on");
        spans_us.push(began.elapsed().as_micros());
    }
    spans_us.sort_unstable();
    println!(
        "{}: {PARKED} parked in {parking_s:.1} s; then {cpu_share:.2} % of a core, {:.0} MiB; event to call p50 {:.1} ms, p99 {:.1} ms",
        if database.settings.url.is_some() { "PostgreSQL" } else { "SQLite (FULL)" },
        memory.resident_mib,
        share(&spans_us, 50),
        share(&spans_us, 99),
    );
    tasks.shutdown(Duration::from_secs(10)).await;
    db.close().await;
}

/// Time on processors of this process so far, in milliseconds: fields 14 and 15 of `proc_pid_stat(5)`, in hundredths.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) * 10.0
}
