//! Steps that need a person's yes.

use std::time::Duration;

use common::audit::Decision;
use common::auth::{Caller, Role};
use common::plan::PlanId;
use common::tool::Voice;
use serde_json::json;

use super::flow::{approval, call, workflow};
use super::place::on_each_engine;
use super::world::{Answer, World};

/// The one plan in the inbox, once it is there.
async fn asked(world: &World) -> PlanId {
    let admin = Caller::local("boss", world.tenant.clone(), Role::Admin);
    for _ in 0..20_000 {
        if let Some(item) = world.approvals.inbox(&admin).await.unwrap().first() {
            return item.plan_id;
        }
        world.clock.advance(Duration::from_millis(1));
    }
    panic!("nobody was asked");
}

async fn decide(world: &World, plan: PlanId, decision: Decision) {
    let admin = Caller::local("boss", world.tenant.clone(), Role::Admin);
    world.approvals.decide(&admin, Voice::Request, plan, decision).await.unwrap();
}

#[tokio::test]
async fn a_call_that_needs_a_yes_is_made_again_with_the_plan() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("send", vec![("sms", call("a")), ("two", call("b"))]));
        world.far.answers("a", vec![Answer::NeedsYes, Answer::NeedsYes]);
        let process = world.process();
        let run = world.start(&process.engine, "send", "k1").await;
        world.until_status(&run, "waiting").await;
        let plan = asked(&world).await;
        assert_eq!(world.of_run(&run, "owner").await, world.owner_of_parked(), "a parked run costs nothing");
        // Decided elsewhere: this process learns of it by looking.
        decide(&world, plan, Decision::Approved).await;
        world.until_status(&run, "completed").await;
        let made = world.far.made();
        assert_eq!(world.far.tools(), ["a", "a", "b"]);
        assert_eq!((made[0].approval, made[1].approval), (None, Some(plan)));
        assert_eq!((made[0].key.as_str(), made[0].attempt), (made[1].key.as_str(), made[1].attempt));
        assert_eq!(world.count("orchestrator_waits").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_refused_fails_its_step() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("send", vec![("sms", call("a"))]));
        world.far.answers("a", vec![Answer::NeedsYes]);
        let process = world.process();
        let run = world.start(&process.engine, "send", "k1").await;
        world.until_status(&run, "waiting").await;
        decide(&world, asked(&world).await, Decision::Refused).await;
        world.until_status(&run, "failed").await;
        assert_eq!(world.far.tools(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_expires_is_proposed_again() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("send", vec![("sms", call("a"))]));
        world.far.answers("a", vec![Answer::NeedsYes, Answer::NeedsYes, Answer::NeedsYes]);
        let process = world.process();
        let run = world.start(&process.engine, "send", "k1").await;
        world.until_status(&run, "waiting").await;
        world.clock.advance(Duration::from_mins(16));
        world.until("it is asked again", || world.far.made().len() == 2).await;
        decide(&world, asked(&world).await, Decision::Approved).await;
        world.until_status(&run, "completed").await;
    })
    .await;
}

#[tokio::test]
async fn a_step_asks_a_person_and_goes_on_with_the_yes() {
    on_each_engine(|place| async {
        let world = World::new(place);
        world.publish(workflow("ask", vec![("ask", approval("give a discount of 20 %", None)), ("one", call("a"))]));
        let process = world.process();
        let run = world.start(&process.engine, "ask", "k1").await;
        world.until_status(&run, "waiting").await;
        let plan = asked(&world).await;
        let admin = Caller::local("boss", world.tenant.clone(), Role::Admin);
        let item = world.approvals.show(&admin, plan).await.unwrap();
        assert_eq!((item.plan.summary.as_str(), item.tool.as_str()), ("give a discount of 20 %", "workflow ask"));
        assert!(world.far.made().is_empty());
        decide(&world, plan, Decision::Approved).await;
        world.until_status(&run, "completed").await;
        assert_eq!(world.far.tools(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_question_that_nobody_answers_expires() {
    on_each_engine(|place| async {
        let world = World::new(place);
        let day = Duration::from_hours(24);
        world.publish(workflow("ask", vec![("ask", approval("anything", Some(day)))]));
        let process = world.process();
        let run = world.start(&process.engine, "ask", "k1").await;
        world.until_status(&run, "waiting").await;
        asked(&world).await;
        world.clock.advance(day);
        world.until_status(&run, "failed").await;
        let outcome = world.outcome(&run).await;
        assert_eq!(outcome["failed"]["failure"]["status"], json!(408));
    })
    .await;
}
