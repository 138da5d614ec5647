//! kill -9 in mid-write: the database opens, the audit log verifies, what was acknowledged is there, nothing is half there.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings, VerifyReport};
use common::clock::Clock;
use common::db::Db;
use common::tasks::Tasks;
use tests::database::TestDatabase;

/// Kills in the default run, and with `LUMINAR_FULL=1`.
const KILLS: (usize, usize) = (10, 50);
/// Rows that the appender puts into each transaction.
const PARTS: i64 = 7;

/// What one appender said before it died.
#[derive(Default)]
struct Acknowledged {
    intents: Vec<String>,
    batches: Vec<i64>,
}

#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half_done() {
    let (kills, seed) = kills_and_seed();
    println!("{kills} kills, LUMINAR_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let database = TestDatabase::sqlite();
    create_batches_table(&database).await;
    let mut total = Acknowledged::default();
    for round in 1..=kills {
        // At first soon after the start, in the middle of migrations; later anywhere in the first 400 acknowledgements.
        let is_early = round <= 3;
        let kill_after = if is_early { 0 } else { random.usize(0..400) };
        let pause = Duration::from_micros(random.u64(0..if is_early { 30_000 } else { 5_000 }));
        let mut appender = Appender::start(&database.file, round);
        appender.read(kill_after);
        std::thread::sleep(pause);
        total.add(appender.kill());
        let db = database.open();
        db.ready().await.unwrap();
        let report = check_audit(&db, &total).await;
        check_batches(&db, &total).await;
        db.close().await;
        println!(
            "kill {round} after {kill_after} acknowledgements and {pause:?}: {} intents, {} batches, {} events in {} chains, {} unfinished",
            total.intents.len(),
            total.batches.len(),
            report.events,
            report.chains,
            report.unfinished
        );
    }
    assert!(!total.intents.is_empty() && !total.batches.is_empty(), "the appender appended");
}

#[tokio::test]
async fn processes_share_one_file_from_its_first_moment() {
    let database = TestDatabase::sqlite();
    create_batches_table(&database).await;
    let mut appenders: Vec<_> = (1..=3).map(|round| Appender::start(&database.file, round)).collect();
    let mut total = Acknowledged::default();
    for appender in &mut appenders {
        appender.read(100);
    }
    for appender in appenders {
        total.add(appender.kill());
    }
    let db = database.open();
    let report = check_audit(&db, &total).await;
    check_batches(&db, &total).await;
    assert_eq!(report.chains, 3);
}

#[expect(clippy::disallowed_methods, reason = "how long and from which seed is the runner's choice")]
fn kills_and_seed() -> (usize, u64) {
    let is_full = std::env::var("LUMINAR_FULL").is_ok_and(|full| full == "1");
    let seed = std::env::var("LUMINAR_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    (if is_full { KILLS.1 } else { KILLS.0 }, seed)
}

/// Only the appender's own table: the migrations of `common` are left for the first round to be killed in.
async fn create_batches_table(database: &TestDatabase) {
    let db = Db::new(&database.settings, &database.file);
    let mut tx = db.begin().await.unwrap();
    sqlx::raw_sql(
        "create table chaos_batches (batch bigint not null, part bigint not null, primary key (batch, part))",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    db.close().await;
}

/// A running appender and what it said so far.
struct Appender {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<String>,
}

impl Appender {
    fn start(file: &Path, round: usize) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_chaos-appender"))
            .arg(file)
            .arg(round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines, said: Vec::new() }
    }

    fn read(&mut self, acknowledgements: usize) {
        self.said.extend(self.lines.by_ref().take(acknowledgements).map(Result::unwrap));
        assert!(self.said.len() >= acknowledgements, "the appender ended by itself");
    }

    /// SIGKILL on Unix. What it had still said counts.
    fn kill(mut self) -> Acknowledged {
        self.process.kill().unwrap();
        assert!(!self.process.wait().unwrap().success(), "it was killed, it did not end");
        self.said.extend(self.lines.map_while(Result::ok));
        let mut acknowledged = Acknowledged::default();
        for line in self.said {
            match line.split_once(' ') {
                Some(("intent", id)) => acknowledged.intents.push(id.to_owned()),
                Some(("batch", number)) => acknowledged.batches.push(number.parse().unwrap()),
                _ => panic!("the appender said `{line}`"),
            }
        }
        acknowledged
    }
}

impl Acknowledged {
    fn add(&mut self, other: Self) {
        self.intents.extend(other.intents);
        self.batches.extend(other.batches);
    }
}

async fn check_audit(db: &Db, total: &Acknowledged) -> VerifyReport {
    let audit = AuditLog::new(db.clone(), Clock::system(), &Tasks::new(), AuditSettings::default());
    let report = audit.verify(&"acme".parse().unwrap()).await.unwrap();
    assert!(report.is_sound(), "{report:#?}");
    let stored: Vec<String> = sqlx::query_scalar("select event_id from audit_events where kind = 'intent'")
        .fetch_all(db.read().await.unwrap())
        .await
        .unwrap();
    let stored: HashSet<_> = stored.into_iter().collect();
    let lost: Vec<_> = total.intents.iter().filter(|id| !stored.contains(*id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    report
}

async fn check_batches(db: &Db, total: &Acknowledged) {
    let pool = db.read().await.unwrap();
    let integrity: String = sqlx::query_scalar("pragma integrity_check").fetch_one(pool).await.unwrap();
    assert_eq!(integrity, "ok");
    let stored: Vec<(i64, i64)> =
        sqlx::query_as("select batch, count(*) from chaos_batches group by batch").fetch_all(pool).await.unwrap();
    let half: Vec<_> = stored.iter().filter(|(_, parts)| *parts != PARTS).collect();
    assert!(half.is_empty(), "half a transaction: {half:?}");
    let stored: HashSet<_> = stored.into_iter().map(|(batch, _)| batch).collect();
    let lost: Vec<_> = total.batches.iter().filter(|batch| !stored.contains(*batch)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}
