//! Workflows that start by the clock: each due time once, whoever looks how often.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::clock::Clock;
use common::tenant::TenantId;
use mcp_orchestrator::follow_up::{FailureSettings, FollowUp};
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::schedule::Missed;
use mcp_orchestrator::scheduler::{ScheduleSettings, Scheduled, Scheduler};
use mcp_orchestrator::workflow::Trigger;
use mcp_orchestrator::workflow::task::Span;
use serde_json::{Value, json};
use tests::database::on_each_database;
use tokio_util::sync::CancellationToken;

use crate::failures::doubles::{Book, Engine, acting};
use crate::inbox::stage::{NOW_MS, Stage};

const HOUR: Duration = Duration::from_hours(1);

/// A process's scheduler, with connections of its own.
fn scheduler(stage: &Stage, engine: &Arc<Engine>, missed: Missed) -> Scheduler {
    let migrations = mcp_orchestrator::SERVER.migrations.unwrap();
    let db = stage.database.open().with_migrations("orchestrator_migrations", migrations.migrator);
    let clock = stage.foundation.clock.clone();
    let inbox = Inbox::new(db.clone(), clock.clone(), &stage.foundation.tasks, &InboxSettings::default());
    let at = (db, clock);
    let follow_up = FollowUp::new(at.clone(), inbox, Arc::new(Book::default()), None, FailureSettings::default());
    Scheduler::new(at, Arc::<Engine>::clone(engine), follow_up, &ScheduleSettings { missed })
}

async fn publish(stage: &Stage, scheduler: &Scheduler, revision: i64, triggers: &[Trigger]) {
    let mut tx = stage.foundation.db.begin().await.unwrap();
    let acting = acting();
    let digest = Scheduled { workflow: "digest", revision, triggers, acting: &acting };
    scheduler.publish(&mut tx, &TenantId::local(), &digest).await.unwrap();
    tx.commit().await.unwrap();
    scheduler.wake();
}

fn hourly() -> Trigger {
    Trigger::Cron { expression: "0 * * * *".to_owned(), zone: Some("Europe/Berlin".to_owned()) }
}

fn due_times(engine: &Engine) -> Vec<i64> {
    let mut times: Vec<i64> =
        engine.started.lock().unwrap().values().map(|run| run.input["scheduled_ms"].as_i64().unwrap()).collect();
    times.sort_unstable();
    times
}

#[tokio::test]
async fn each_due_time_starts_one_run_over_several_processes_and_a_crash() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS + 1), "").await;
        let engine = Arc::new(Engine::default());
        let processes: Vec<_> = (0..3).map(|_| scheduler(&stage, &engine, Missed::One)).collect();
        publish(&stage, &processes[0], 1, &[hourly()]).await;
        assert_eq!(processes[0].round().await.unwrap().next_ms, Some(NOW_MS + 3_600_000));
        for _ in 0..5 {
            stage.foundation.clock.advance(HOUR);
            let rounds = processes.iter().map(Scheduler::round);
            for round in futures_util::future::join_all(rounds).await {
                round.unwrap();
            }
        }
        let expected: Vec<i64> = (1..=5).map(|hour| NOW_MS + hour * 3_600_000).collect();
        assert_eq!(due_times(&engine), expected);
        // A process that dies between starting and moving on leaves the schedule due: started again, it is known.
        let pool = stage.database.bypass().await;
        sqlx::query("update orchestrator_schedules set next_due_ms = $1")
            .bind(expected[4])
            .execute(&pool)
            .await
            .unwrap();
        let round = processes[1].round().await.unwrap();
        assert_eq!((round.started, due_times(&engine)), (0, expected));
        let run = engine.started.lock().unwrap().values().next().cloned().unwrap();
        assert_eq!((run.revision, run.acting.subject.as_str()), (1, "publisher"));
        assert!(run.key.unwrap().starts_with("self/schedule/"));
    })
    .await;
}

#[tokio::test]
async fn one_run_makes_up_for_a_downtime() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS + 1), "").await;
        for (missed, count) in [(Missed::One, 1), (Missed::All, 10), (Missed::None, 0)] {
            let engine = Arc::new(Engine::default());
            let scheduler = scheduler(&stage, &engine, missed);
            publish(&stage, &scheduler, 1, &[]).await;
            publish(&stage, &scheduler, 1, &[hourly()]).await;
            stage.foundation.clock.advance(HOUR * 10 + Duration::from_mins(15));
            scheduler.round().await.unwrap();
            assert_eq!(due_times(&engine).len(), count, "{missed:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_published_again_as_it_is_keeps_its_time_and_gets_the_new_revision() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Engine::default());
        let scheduler = scheduler(&stage, &engine, Missed::One);
        let every = Trigger::Every(Span::Fixed(HOUR));
        publish(&stage, &scheduler, 1, std::slice::from_ref(&every)).await;
        stage.foundation.clock.advance(Duration::from_mins(50));
        publish(&stage, &scheduler, 2, &[every]).await;
        stage.foundation.clock.advance(Duration::from_mins(10));
        assert_eq!(scheduler.round().await.unwrap().started, 1);
        assert_eq!(engine.started.lock().unwrap().values().next().unwrap().revision, 2);
        publish(&stage, &scheduler, 3, &[]).await;
        assert_eq!(scheduler.round().await.unwrap().next_ms, None);
    })
    .await;
}

#[tokio::test]
async fn a_start_that_goes_wrong_is_tried_again_and_in_the_log_until_it_works() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Engine::default());
        engine.failures.store(2, Ordering::Relaxed);
        let scheduler = scheduler(&stage, &engine, Missed::One);
        publish(&stage, &scheduler, 1, &[hourly()]).await;
        stage.foundation.clock.advance(HOUR);
        for _ in 0..2 {
            let round = scheduler.round().await.unwrap();
            assert_eq!((round.started, round.next_ms), (0, Some(stage.foundation.clock.now_ms() + 15_000)));
        }
        let failures = stage.call("list_failures", json!({"kind": "schedule"})).await;
        assert_eq!(
            (&failures["items"][0]["attempts"], &failures["items"][0]["workflow"]),
            (&json!(2), &json!("digest"))
        );
        assert_eq!(scheduler.round().await.unwrap().started, 1);
        let open = stage.call("list_failures", json!({})).await;
        assert_eq!(open["items"], Value::Array(Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn the_sleeping_task_wakes_when_something_is_due() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Engine::default());
        let scheduler = scheduler(&stage, &engine, Missed::One);
        publish(&stage, &scheduler, 1, &[hourly()]).await;
        let stop = CancellationToken::new();
        stage.foundation.tasks.spawn(scheduler.run(stop.clone()));
        while due_times(&engine).len() < 3 {
            stage.foundation.clock.advance(Duration::from_mins(7));
            tokio::task::yield_now().await;
        }
        stop.cancel();
        let times = due_times(&engine);
        assert!(times.iter().all(|at_ms| (at_ms - NOW_MS) % 3_600_000 == 0), "{times:?}");
    })
    .await;
}
