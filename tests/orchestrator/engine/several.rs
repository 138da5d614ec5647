//! Several processes on one database: none does what another does, and the living take over from the dead.

use std::collections::BTreeMap;
use std::time::Duration;

use common::clock::Clock;
use mcp_orchestrator::engine::Engine;
use mcp_orchestrator::run::RunId;
use serde_json::json;
use tests::database::on_each_database;

use super::flow::{call, listen, workflow};
use super::place::on_each_engine;
use super::world::{NOW_MS, World};

#[tokio::test]
async fn what_a_dead_process_had_is_taken_over_with_the_call_under_way() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b")), ("three", call("c"))]));
        let first = world.process();
        world.far.hold("b");
        let run = world.start(&first.engine, "greet", "k1").await;
        world.until("the second step is under way", || world.far.made().len() == 2).await;
        first.die();
        let second = world.process();
        world.until_workers(2).await;
        // In the machine's time, though a lease ends four times as soon: a flush that takes long on a busy disk must not
        // count four times.
        let died_ms = Clock::system().now_ms();
        world.until("it is made again", || world.far.made().len() == 3).await;
        let taken_ms = Clock::system().now_ms() - died_ms;
        assert!(taken_ms <= 15_000, "taken over after {taken_ms} ms");
        world.far.let_go("b");
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "b", "b", "c"]);
        let made = world.far.made();
        assert_eq!(made[1].key, made[2].key, "under the same key");
        drop(second);
    })
    .await;
}

/// Restate has no leases: a process that hangs with its connection open is left its calls until they are overdue, and
/// what it says too late is refused by the journal.
#[tokio::test]
async fn a_process_that_was_away_too_long_changes_nothing_any_more() {
    on_each_database(|database| async {
        let world = World::new(database);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b"))]));
        let its_clock = Clock::manual(NOW_MS);
        let paused = world.process_with_clock(its_clock.clone());
        world.far.hold("a");
        let run = world.start(&paused.engine, "greet", "k1").await;
        world.until("it is under way", || world.far.made().len() == 1).await;
        let owner = world.of_run(&run, "owner").await;
        let other = world.process();
        // Its clock stands still: it does not say that it lives.
        world.until("the other has taken over", || world.far.made().len() == 2).await;
        assert_ne!(world.of_run(&run, "owner").await, owner);
        // Both get their answer now; only one of them may go on.
        world.far.let_go("a");
        its_clock.advance(Duration::from_mins(1));
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "a", "b"], "the second step is called once");
        drop((paused, other));
    })
    .await;
}

#[tokio::test]
async fn two_processes_do_every_run_once() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b"))]));
        let (one, other) = (world.process(), world.process());
        world.until_workers(2).await;
        let mut runs: Vec<RunId> = Vec::new();
        for number in 0..40 {
            let engine = if number % 2 == 0 { &one.engine } else { &other.engine };
            runs.push(world.start(engine, "greet", &format!("k{number}")).await);
        }
        for run in &runs {
            world.until_status(run, "completed").await;
        }
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for made in world.far.made() {
            *times.entry(made.key).or_default() += 1;
        }
        assert_eq!(times.len(), 80);
        assert!(times.values().all(|times| *times == 1), "{times:?}");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_one_process_hears_reaches_the_run_that_another_has() {
    on_each_engine(|place| async {
        let world = World::new(place);
        let steps = vec![("both", super::flow::side_by_side(vec![("l", call("a")), ("r", listen("Reply"))]))];
        world.publish(workflow("both", steps));
        let (one, other) = (world.process(), world.process());
        world.until_workers(2).await;
        world.far.hold("a");
        let run = world.start(&one.engine, "both", "k1").await;
        world.until("the call is under way", || world.far.made().len() == 1).await;
        let event = world.event("1", "Reply", json!({}));
        assert_eq!(other.engine.deliver(&world.tenant, &event).await.unwrap(), 1);
        world.far.let_go("a");
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_stops_leaves_its_runs_at_once() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a"))]));
        let first = world.process();
        world.until_workers(1).await;
        world.far.hold("a");
        let run = world.start(&first.engine, "greet", "k1").await;
        world.until("it is under way", || world.far.made().len() == 1).await;
        assert!(first.tasks.shutdown(Duration::from_secs(10)).await);
        let second = world.process();
        let stopped_ms = world.clock.now_ms();
        world.until("it is made again", || world.far.made().len() == 2).await;
        assert!(world.clock.now_ms() - stopped_ms < 8_000, "no lease is waited for");
        world.far.let_go("a");
        world.until_status(&run, "completed").await;
        drop((first, second));
    })
    .await;
}
