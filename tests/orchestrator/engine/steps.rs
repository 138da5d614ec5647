//! One process: sequences, timers, children, failures, cancelling.

use std::time::Duration;

use mcp_orchestrator::engine::{Engine, Resume, Start};
use serde_json::json;

use super::flow::{call, child, set, side_by_side, wait, workflow};
use super::place::on_each_engine;
use super::world::{Answer, World};

#[tokio::test]
async fn steps_are_called_one_after_the_other_each_once() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow(
            "greet",
            vec![("one", call("a")), ("two", call("b")), ("three", set(json!({"ok": true})))],
        ));
        let process = world.process();
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "b"]);
        assert_eq!(world.outcome(&run).await, json!({"completed": {"output": {"ok": true}}}));
        let trace = world.trace(&run).await;
        let names: Vec<_> = trace.iter().map(|(name, status)| (name.as_str(), status.as_str())).collect();
        assert_eq!(names, [("one", "completed"), ("two", "completed"), ("three", "completed")]);
        assert_eq!(world.of_run(&run, "owner").await, None);
        assert_ne!(world.far.made()[0].key, world.far.made()[1].key, "each step has a key of its own");
    })
    .await;
}

#[tokio::test]
async fn the_same_run_is_started_once() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a"))]));
        let process = world.process();
        world.until_workers(1).await;
        let start = || process.engine.start(&world.tenant, World::run("greet", "k1", json!({})));
        let (one, other) = tokio::join!(start(), start());
        let mut both = [one.unwrap(), other.unwrap()];
        both.sort_by_key(|start| *start == Start::Known);
        assert_eq!(both, [Start::Started, Start::Known]);
        let run = World::run("greet", "k1", json!({})).run_id;
        world.until_status(&run, "completed").await;
        assert_eq!(start().await.unwrap(), Start::Known);
        assert_eq!(world.far.tools(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_a_process_without_a_worker_starts_is_done_by_another() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a"))]));
        let idle = world.process();
        idle.tasks.shutdown(Duration::from_secs(5)).await;
        let process = world.process();
        world.until_workers(1).await;
        drop(idle);
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until_status(&run, "completed").await;
    })
    .await;
}

#[tokio::test]
async fn a_parked_run_goes_on_when_its_time_has_come() {
    on_each_engine(|place| async {
        let world = World::new(place);
        let (three_days, nearly) = (Duration::from_hours(72), Duration::from_mins(72 * 60 - 1));
        world.publish(workflow("later", vec![("sleep", wait(three_days)), ("one", call("a"))]));
        let process = world.process();
        let run = world.start(&process.engine, "later", "k1").await;
        world.until_status(&run, "waiting").await;
        assert_eq!(world.of_run(&run, "owner").await, world.owner_of_parked(), "nobody has what is parked");
        world.clock.advance(nearly);
        for _ in 0..50 {
            assert_eq!(world.status(&run).await, "waiting");
        }
        world.clock.advance(Duration::from_mins(1));
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a"]);
        assert_eq!(world.count("orchestrator_waits").await, 0);
    })
    .await;
}

#[tokio::test]
async fn branches_run_side_by_side() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("both", vec![("both", side_by_side(vec![("l", call("a")), ("r", call("b"))]))]));
        let process = world.process();
        world.far.hold("a");
        world.far.hold("b");
        let run = world.start(&process.engine, "both", "k1").await;
        world.until("both are under way", || world.far.made().len() == 2).await;
        world.far.let_go("b");
        world.far.let_go("a");
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.made().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_run_waits_for_the_run_that_it_starts() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("inner", vec![("one", call("a"))]));
        world.publish(workflow("outer", vec![("inner", child("inner")), ("two", call("b"))]));
        let process = world.process();
        let run = world.start(&process.engine, "outer", "k1").await;
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "b"]);
        assert_eq!(world.count("orchestrator_runs where status = 'completed'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_child_that_is_not_there_fails_its_parent() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("outer", vec![("inner", child("nowhere"))]));
        let process = world.process();
        let run = world.start(&process.engine, "outer", "k1").await;
        world.until_status(&run, "failed").await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_run_is_retried_from_its_step() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b")), ("three", call("c"))]));
        world.far.answers("b", vec![Answer::Fails { is_transient: false }]);
        let process = world.process();
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until_status(&run, "failed").await;
        assert!(process.engine.cancel(&world.tenant, &run, "too late".to_owned()).await.is_err());
        let retry = Resume::Retry { from: None, input: None };
        process.engine.resume(&world.tenant, &run, retry.clone()).await.unwrap();
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "b", "b", "c"]);
        let again = process.engine.resume(&world.tenant, &run, retry).await.unwrap_err();
        assert_eq!(again.code().as_str(), "failed_precondition");
    })
    .await;
}

#[tokio::test]
async fn a_failed_run_goes_on_behind_the_step_that_is_skipped() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b"))]));
        world.far.answers("a", vec![Answer::Fails { is_transient: false }]);
        let process = world.process();
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until_status(&run, "failed").await;
        let skip = Resume::Skip { output: json!({"by": "hand"}) };
        process.engine.resume(&world.tenant, &run, skip).await.unwrap();
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn runs_are_forgotten_in_time_and_those_that_go_on_never() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a"))]));
        world.publish(workflow("later", vec![("one", call("a")), ("sleep", wait(Duration::from_hours(24 * 365)))]));
        let process = world.process();
        let over = world.start(&process.engine, "greet", "k1").await;
        let parked = world.start(&process.engine, "later", "k2").await;
        world.until_status(&over, "completed").await;
        world.until_status(&parked, "waiting").await;
        world.clock.advance(Duration::from_hours(24 * 89));
        assert_eq!(process.engine.forget_old().await.unwrap(), 0);
        world.clock.advance(Duration::from_hours(48));
        assert_eq!(process.engine.forget_old().await.unwrap(), 1);
        assert_eq!((world.status(&over).await.as_str(), world.status(&parked).await.as_str()), ("absent", "waiting"));
        assert_eq!(world.count(&format!("orchestrator_steps where run_id = '{over}'")).await, 0);
        assert_eq!(world.count(&format!("orchestrator_steps where run_id = '{parked}'")).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_goes_on_after_a_failure_can_be_cancelled() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b"))]));
        let process = world.process();
        world.far.answers("a", vec![Answer::Fails { is_transient: false }]);
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until_status(&run, "failed").await;
        world.far.hold("a");
        let retry = Resume::Retry { from: None, input: None };
        process.engine.resume(&world.tenant, &run, retry).await.unwrap();
        world.until("it is under way", || world.far.made().len() == 2).await;
        process.engine.cancel(&world.tenant, &run, "enough".to_owned()).await.unwrap();
        world.until_status(&run, "cancelled").await;
        let over = process.engine.cancel(&world.tenant, &run, "enough".to_owned()).await.unwrap_err();
        assert_eq!(over.code().as_str(), "failed_precondition");
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_run_ends_and_its_call_with_it() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("greet", vec![("one", call("a")), ("two", call("b"))]));
        world.publish(workflow("later", vec![("sleep", wait(Duration::from_hours(72)))]));
        let process = world.process();
        world.far.hold("a");
        let run = world.start(&process.engine, "greet", "k1").await;
        world.until("it is under way", || world.far.made().len() == 1).await;
        process.engine.cancel(&world.tenant, &run, "enough".to_owned()).await.unwrap();
        world.until_status(&run, "cancelled").await;
        assert_eq!(world.far.tools(), ["a"]);
        let parked = world.start(&process.engine, "later", "k2").await;
        world.until_status(&parked, "waiting").await;
        process.engine.cancel(&world.tenant, &parked, "enough".to_owned()).await.unwrap();
        world.until_status(&parked, "cancelled").await;
        assert_eq!(world.count("orchestrator_waits").await, 0);
    })
    .await;
}
