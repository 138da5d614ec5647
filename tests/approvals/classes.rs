//! A tool whose calls are of several classes: each call is approved and counted by what it does.

use std::sync::atomic::Ordering;

use common::audit::Decision;
use common::error::{ErrorCode, Result};
use common::plan::ApprovalMode;
use common::tool::{ApprovalSettings, Voice};
use serde_json::{Value, json};
use tests::database::on_each_database;

use crate::stage::{Stage, caller};

const HANDLE: &str = "handle_note";

fn code(called: Result<Value>) -> Option<ErrorCode> {
    called.err().map(|error| error.code())
}

#[tokio::test]
async fn each_call_needs_the_yes_and_takes_the_allowance_of_what_it_does() {
    on_each_database(async |database| {
        let settings = ApprovalSettings {
            send: ApprovalMode::Auto,
            send_people_per_day_max: 3,
            spend: ApprovalMode::Plan,
            spend_minor_per_day_max: 100,
            ..ApprovalSettings::default()
        };
        let stage = Stage::on(&database, settings);
        for (name, arguments, wanted) in [
            ("writing", json!({ "note": "write", "people": 50 }), None),
            ("sending to few", json!({ "note": "send", "people": 3 }), None),
            ("sending to more", json!({ "note": "send", "people": 1 }), Some(ErrorCode::RateLimited)),
            ("destroying", json!({ "note": "destroy" }), Some(ErrorCode::ApprovalRequired)),
            ("spending", json!({ "note": "spend", "amount_minor": 100 }), Some(ErrorCode::ApprovalRequired)),
            ("spending more", json!({ "note": "spend", "amount_minor": 101 }), Some(ErrorCode::RateLimited)),
            ("writing again", json!({ "note": "write" }), None),
        ] {
            assert_eq!(code(stage.call("ann", None, (HANDLE, arguments)).await), wanted, "{name}");
        }
        let waiting = stage.approvals.inbox(&caller("bob")).await.expect("an administrator may look");
        // Both of the same instant: either may come first.
        let mut classes: Vec<&str> = waiting.iter().map(|item| item.access.as_str()).collect();
        classes.sort_unstable();
        assert_eq!(classes, ["destroy", "spend"]);
        assert_eq!((stage.world.effects("write"), stage.world.effects("send")), (2, 1));
        assert_eq!((stage.world.effects("destroy"), stage.world.effects("spend")), (0, 0));
        let denied = stage.call("mel", None, (HANDLE, json!({ "note": "spend" }))).await;
        assert_eq!(code(denied), Some(ErrorCode::PermissionDenied), "a member does not spend");
        assert_eq!(code(stage.call("mel", None, (HANDLE, json!({ "note": "write" }))).await), None);
    })
    .await;
}

#[tokio::test]
async fn a_yes_to_one_class_is_none_to_another() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, ApprovalSettings::default());
        let arguments = json!({ "note": "send" });
        let plan = stage.propose("ann", HANDLE, arguments.clone()).await;
        let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
        decided.expect("an administrator may");
        stage.world.is_turned.store(true, Ordering::SeqCst);
        let called = stage.call("ann", Some(plan), (HANDLE, arguments)).await;
        assert_eq!(code(called), Some(ErrorCode::Conflict));
        assert_eq!(stage.world.effects("send"), 0);
    })
    .await;
}
