//! Events: for whoever listens, once.

use std::time::Duration;

use mcp_orchestrator::engine::Engine;
use serde_json::json;

use super::flow::{call, listen, listen_for_contact, race, wait, workflow};
use super::place::on_each_engine;
use super::world::World;

#[tokio::test]
async fn an_event_is_for_the_runs_that_it_correlates_with() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("rescue", vec![("reply", listen_for_contact("Reply")), ("thank", call("a"))]));
        let process = world.process();
        let ada = world.start(&process.engine, "rescue", "ada").await;
        let bob = world.start(&process.engine, "rescue", "bob").await;
        world.until_status(&ada, "waiting").await;
        world.until_status(&bob, "waiting").await;
        let other = world.event("1", "Booked", json!({"contact": "ada"}));
        assert_eq!(process.engine.deliver(&world.tenant, &other).await.unwrap(), 0);
        let nobody = world.event("2", "Reply", json!({"contact": "carl"}));
        assert_eq!(process.engine.deliver(&world.tenant, &nobody).await.unwrap(), 0);
        let elsewhere = "globex".parse().unwrap();
        let reply = world.event("3", "Reply", json!({"contact": "ada"}));
        assert_eq!(process.engine.deliver(&elsewhere, &reply).await.unwrap(), 0, "tenants are apart");
        assert_eq!(process.engine.deliver(&world.tenant, &reply).await.unwrap(), 1);
        world.until_status(&ada, "completed").await;
        assert_eq!(world.status(&bob).await, "waiting");
        assert_eq!(process.engine.deliver(&world.tenant, &reply).await.unwrap(), 0, "it has ended");
    })
    .await;
}

#[tokio::test]
async fn the_same_event_is_not_taken_again_by_a_later_wait() {
    on_each_engine(|place| async {
        let world = World::new(place);
        let steps = vec![("first", listen("Reply")), ("note", call("a")), ("second", listen("Reply"))];
        world.publish(workflow("twice", steps));
        let process = world.process();
        let run = world.start(&process.engine, "twice", "k1").await;
        world.until_status(&run, "waiting").await;
        let one = world.event("1", "Reply", json!({}));
        assert_eq!(process.engine.deliver(&world.tenant, &one).await.unwrap(), 1);
        world.until("it has gone on", || world.far.made().len() == 1).await;
        world.until_status(&run, "waiting").await;
        assert_eq!(process.engine.deliver(&world.tenant, &one).await.unwrap(), 0);
        process.engine.signal(&world.tenant, &run, &one).await.unwrap();
        assert_eq!(world.status(&run).await, "waiting");
        let two = world.event("2", "Reply", json!({}));
        assert_eq!(process.engine.deliver(&world.tenant, &two).await.unwrap(), 1);
        world.until_status(&run, "completed").await;
    })
    .await;
}

#[tokio::test]
async fn an_event_before_the_wait_is_not_for_it() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("rescue", vec![("one", call("a")), ("reply", listen("Reply"))]));
        let process = world.process();
        world.far.hold("a");
        let run = world.start(&process.engine, "rescue", "k1").await;
        let early = world.event("1", "Reply", json!({}));
        assert_eq!(process.engine.deliver(&world.tenant, &early).await.unwrap(), 0);
        let refused = process.engine.signal(&world.tenant, &run, &early).await.unwrap_err();
        assert_eq!(refused.code().as_str(), "not_found");
        world.far.let_go("a");
        world.until_status(&run, "waiting").await;
        let late = world.event("2", "Reply", json!({}));
        process.engine.signal(&world.tenant, &run, &late).await.unwrap();
        world.until_status(&run, "completed").await;
        let over = process.engine.signal(&world.tenant, &run, &late).await.unwrap_err();
        assert_eq!(over.code().as_str(), "not_found");
    })
    .await;
}

#[tokio::test]
async fn the_first_of_event_and_timer_wins() {
    on_each_engine(|place| async {
        let world = World::new(place);
        let three_days = Duration::from_hours(72);
        let steps = vec![
            ("wait", race(vec![("booked", listen_for_contact("Booked")), ("late", wait(three_days))])),
            ("after", call("a")),
        ];
        world.publish(workflow("booking", steps));
        let process = world.process();
        let booked = world.start(&process.engine, "booking", "ada").await;
        let late = world.start(&process.engine, "booking", "bob").await;
        world.until_status(&booked, "waiting").await;
        world.until_status(&late, "waiting").await;
        let event = world.event("1", "Booked", json!({"contact": "ada"}));
        assert_eq!(process.engine.deliver(&world.tenant, &event).await.unwrap(), 1);
        world.until_status(&booked, "completed").await;
        assert_eq!(world.status(&late).await, "waiting");
        world.clock.advance(three_days);
        world.until_status(&late, "completed").await;
        assert_eq!(world.far.tools(), ["a", "a"]);
        assert_eq!(world.count("orchestrator_waits").await, 0);
    })
    .await;
}
