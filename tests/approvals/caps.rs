//! Daily caps: people for sending, money for spending, calls where no price is stated.

use std::time::Duration;

use common::audit::Decision;
use common::error::{ErrorCode, Result};
use common::plan::ApprovalMode;
use common::tool::{ApprovalSettings, TenantApprovalSettings, Voice};
use serde_json::{Value, json};
use tests::database::on_each_database;

use crate::stage::{Stage, all_in, caller};

fn capped(mode: ApprovalMode) -> ApprovalSettings {
    ApprovalSettings {
        send_people_per_day_max: 10,
        spend_minor_per_day_max: 1_000,
        spend_calls_per_day_max: 2,
        ..all_in(mode)
    }
}

fn code(called: Result<Value>) -> Option<ErrorCode> {
    called.err().map(|error| error.code())
}

#[tokio::test]
async fn a_day_has_room_for_so_much_and_the_next_day_again() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, capped(ApprovalMode::Auto));
        let over = Some(ErrorCode::RateLimited);
        for (name, tool, arguments, wanted) in [
            ("11 people", "send_note", json!({ "note": "a", "people": 11 }), over),
            ("6 people", "send_note", json!({ "note": "a", "people": 6 }), None),
            ("5 more", "send_note", json!({ "note": "a", "people": 5 }), over),
            ("4 more", "send_note", json!({ "note": "a", "people": 4 }), None),
            ("one more", "send_note", json!({ "note": "a" }), over),
            ("1,000 cents", "buy_note", json!({ "note": "b", "amount_minor": 1_000 }), None),
            ("a cent more", "buy_note", json!({ "note": "b", "amount_minor": 1 }), over),
            ("no price", "buy_note", json!({ "note": "c" }), None),
            ("no price again", "buy_note", json!({ "note": "c" }), None),
            ("no price a third time", "buy_note", json!({ "note": "c" }), over),
            ("what has no cap", "delete_note", json!({ "note": "d", "people": 1_000 }), None),
        ] {
            assert_eq!(code(stage.call("ann", None, (tool, arguments)).await), wanted, "{name}");
        }
        assert_eq!((stage.world.effects("a"), stage.world.effects("b"), stage.world.effects("c")), (2, 1, 2));
        let other = stage.call("eve", None, ("send_note", json!({ "note": "a", "people": 10 }))).await;
        assert_eq!(code(other), None, "another tenant has a day of its own");
        let refused = stage.call("ann", None, ("send_note", json!({ "note": "a" }))).await;
        let wait = refused.expect_err("the day is full").retry_after().expect("a time to wait");
        assert_eq!(wait, Duration::from_hours(12), "until midnight (UTC)");
        stage.clock.advance(wait);
        let next = stage.call("ann", None, ("send_note", json!({ "note": "a", "people": 10 }))).await;
        assert_eq!(code(next), None, "the next day");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_asked_for_what_is_over_the_cap_and_yeses_do_not_add_up_beyond_it() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, capped(ApprovalMode::Ask));
        let too_many = stage.call("ann", None, ("send_note", json!({ "note": "a", "people": 11 }))).await;
        assert_eq!(code(too_many), Some(ErrorCode::RateLimited));
        let (first, second) = (json!({ "note": "one", "people": 6 }), json!({ "note": "two", "people": 6 }));
        let mut plans = Vec::new();
        for arguments in [&first, &second] {
            let plan = stage.propose("ann", "send_note", arguments.clone()).await;
            let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
            decided.expect("an administrator may");
            plans.push(plan);
        }
        let [one, two] = plans.try_into().expect("two plans");
        assert_eq!(code(stage.call("ann", Some(one), ("send_note", first)).await), None);
        assert_eq!(code(stage.call("ann", Some(two), ("send_note", second)).await), Some(ErrorCode::RateLimited));
        assert_eq!((stage.world.effects("one"), stage.world.effects("two")), (1, 0));
        let left = stage.approvals.show(&caller("bob"), two).await.expect("it is there");
        assert_eq!(left.state, "approved", "a plan that did not fit is not used up");
    })
    .await;
}

#[tokio::test]
async fn processes_share_the_day() {
    on_each_database(async |database| {
        let stages = [0, 1].map(|_| Stage::on(&database, capped(ApprovalMode::Auto)));
        let calls = (0..20).map(|number| {
            let stage = &stages[number % 2];
            stage.call("ann", None, ("send_note", json!({ "note": "a", "people": 1 })))
        });
        let sent = futures_util::future::join_all(calls).await.into_iter().flatten().count();
        assert_eq!(sent, 10);
        assert_eq!(stages.iter().map(|stage| stage.world.effects("a")).sum::<usize>(), 10);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_may_have_modes_and_caps_of_its_own() {
    on_each_database(async |database| {
        let own = TenantApprovalSettings {
            send: Some(ApprovalMode::Auto),
            send_people_per_day_max: Some(1),
            ..TenantApprovalSettings::none("evil".parse().expect("a tenant"))
        };
        let stage = Stage::on(&database, ApprovalSettings { tenants: vec![own], ..capped(ApprovalMode::Ask) });
        assert_eq!(code(stage.call("eve", None, ("send_note", json!({ "note": "a" }))).await), None);
        let second = stage.call("eve", None, ("send_note", json!({ "note": "a" }))).await;
        assert_eq!(code(second), Some(ErrorCode::RateLimited));
        let waits = stage.call("ann", None, ("send_note", json!({ "note": "a" }))).await;
        assert_eq!(code(waits), Some(ErrorCode::ApprovalRequired));
    })
    .await;
}
