//! What an audit event costs: the calling task, and the whole process.
//!
//! `cargo bench -p common --bench audit [-- postgres://…]` (an empty database): SQLite always, PostgreSQL when a URL is given.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use common::audit::{Access, ArgumentsDigest, AuditLog, AuditSettings, Call, Ending};
use common::auth::{Caller, Role};
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::tasks::Tasks;

const READS: u32 = 200_000;
const INTENTS: u32 = 500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("| what | events/s | CPU µs per event, process | µs per event, calling task |");
    println!("| --- | ---: | ---: | ---: |");
    let folder = tempfile::tempdir()?;
    measure("SQLite", &DatabaseSettings::default(), &folder.path().join("audit.db")).await?;
    if let Some(url) = std::env::args().nth(1).filter(|argument| argument.starts_with("postgres")) {
        let settings = DatabaseSettings { url: Some(url.into()), ..DatabaseSettings::default() };
        measure("PostgreSQL", &settings, Path::new("")).await?;
    }
    Ok(())
}

async fn measure(name: &str, settings: &DatabaseSettings, file: &Path) -> Result<(), Box<dyn Error>> {
    let tasks = Tasks::new();
    let db = Db::open(settings, file).await?;
    let audit = AuditLog::new(db, Clock::system(), &tasks, AuditSettings::default());
    let caller = Caller::local("local", "bench".parse()?, Role::Member);
    let call = |access| Call {
        tool: "search_contacts".into(),
        access,
        arguments: ArgumentsDigest::of(&serde_json::json!({ "query": "ada", "limit": 20 })),
        location: Some("ve9EPM428h8vShlRW1KT".to_owned()),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
        plan: None,
    };
    audit.read(&caller, call(Access::Read), Ending::default()).await;
    audit.flush().await?;

    // As fast as it goes: the queue fills and the caller waits for the writer.
    let (cpu, started) = (cpu_time()?, Instant::now());
    for _ in 0..READS {
        audit.read(&caller, call(Access::Read), Ending::default()).await;
    }
    audit.flush().await?;
    report(
        &format!("{name}: reads, as fast as it goes"),
        READS,
        started.elapsed(),
        (cpu_time()?.saturating_sub(cpu), None),
    );

    // 20,000 reads/s in bursts of 200, as under a steady load of trivial calls.
    let (cpu, started, mut sending) = (cpu_time()?, Instant::now(), Duration::ZERO);
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..READS / 4 / 200 {
        tick.tick().await;
        let burst = Instant::now();
        for _ in 0..200 {
            audit.read(&caller, call(Access::Read), Ending::default()).await;
        }
        sending += burst.elapsed();
    }
    audit.flush().await?;
    let cpu = cpu_time()?.saturating_sub(cpu);
    report(&format!("{name}: reads, 20,000/s"), READS / 4, started.elapsed(), (cpu, Some(sending)));

    let (cpu, started) = (cpu_time()?, Instant::now());
    for _ in 0..INTENTS {
        audit.intent(&caller, call(Access::Write)).await?;
    }
    report(
        &format!("{name}: intents, one after the other"),
        INTENTS,
        started.elapsed(),
        (cpu_time()?.saturating_sub(cpu), None),
    );
    let (cpu, started) = (cpu_time()?, Instant::now());
    let verified = audit.verify(caller.tenant()).await?;
    let events = u32::try_from(verified.events)?;
    report(&format!("{name}: verify"), events, started.elapsed(), (cpu_time()?.saturating_sub(cpu), None));
    tasks.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

fn report(what: &str, events: u32, elapsed: Duration, (cpu, sending): (Duration, Option<Duration>)) {
    let events = f64::from(events);
    let per_second = events / elapsed.as_secs_f64();
    let cpu_us = cpu.as_secs_f64() * 1e6 / events;
    let sending_us = sending.map_or(String::new(), |sending| format!("{:.2}", sending.as_secs_f64() * 1e6 / events));
    println!("| {what} | {per_second:.0} | {cpu_us:.1} | {sending_us} |");
}

/// User and system time of this process so far, in ticks of 10 ms (`man 5 proc`, fields 14 and 15).
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").ok_or("no process name in /proc/self/stat")?.1;
    let mut ticks = 0;
    for field in after_name.split(' ').skip(11).take(2) {
        ticks += field.parse::<u64>()?;
    }
    Ok(Duration::from_millis(ticks * 10))
}
