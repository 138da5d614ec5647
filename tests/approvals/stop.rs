//! What beats every yes: the emergency stop and a server that only reads.

use std::time::Duration;

use common::audit::Decision;
use common::error::ErrorCode;
use common::plan::ApprovalMode;
use common::tool::{Access, DispatchSettings, Voice};
use serde_json::json;
use tests::database::{TestDatabase, on_each_database};

use crate::door::Door;
use crate::person::Mood;
use crate::stage::{Stage, all_in, caller, roomy};
use crate::tools::TOOLS;

#[tokio::test]
async fn a_stop_holds_for_every_process_of_the_tenant_and_for_no_other() {
    on_each_database(async |database| {
        let (here, there) =
            (Stage::on(&database, all_in(ApprovalMode::Auto)), Stage::on(&database, all_in(ApprovalMode::Auto)));
        for (_, tool) in TOOLS {
            there.call("ann", None, (tool, json!({ "note": "before" }))).await.expect("nothing is stopped");
        }
        let refused = here.approvals.stop(&caller("mel")).await;
        assert_eq!(refused.expect_err("not an administrator").code(), ErrorCode::PermissionDenied);
        here.approvals.stop(&caller("bob")).await.expect("it can be stopped");
        // A change that can be taken back may go by what was known a second ago.
        there.clock.advance(Duration::from_secs(1));
        for (access, tool) in TOOLS {
            let called = there.call("ann", None, (tool, json!({ "note": "during" }))).await;
            match access {
                Access::Read => drop(called.expect("reading goes on")),
                _ => assert_eq!(called.expect_err("it is stopped").code(), ErrorCode::PermissionDenied, "{tool}"),
            }
            there.call("eve", None, (tool, json!({ "note": "elsewhere" }))).await.expect("others are not stopped");
        }
        assert_eq!(there.world.effects("during"), 1, "the read alone");
        assert!(here.approvals.resume(&caller("bob")).await.expect("it can be lifted"));
        assert!(!here.approvals.resume(&caller("bob")).await.expect("it can be lifted"), "once");
        for (_, tool) in TOOLS {
            there.call("ann", None, (tool, json!({ "note": "after" }))).await.expect("it goes on");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stop_beats_a_yes_and_does_not_use_it_up() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, roomy());
        let plan = stage.propose("ann", "send_note", json!({ "note": "hello" })).await;
        let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
        decided.expect("an administrator may");
        stage.approvals.stop(&caller("bob")).await.expect("it can be stopped");
        let called = stage.call("ann", Some(plan), ("send_note", json!({ "note": "hello" }))).await;
        let error = called.expect_err("it is stopped");
        assert_eq!(error.code(), ErrorCode::PermissionDenied);
        assert!(error.hint().is_some_and(|hint| hint.contains("approvals resume --tenant acme")), "{error}");
        stage.approvals.resume(&caller("bob")).await.expect("it can be lifted");
        stage.call("ann", Some(plan), ("send_note", json!({ "note": "hello" }))).await.expect("the yes is still good");
        assert_eq!(stage.world.effects("hello"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_only_reads_changes_nothing_whatever_the_mode_or_the_yes() {
    let database = TestDatabase::sqlite();
    let asking = Stage::on(&database, roomy());
    let plan = asking.propose("ann", "send_note", json!({ "note": "hello" })).await;
    let decided = asking.approvals.decide(&caller("bob"), Voice::CommandLine, plan, Decision::Approved).await;
    decided.expect("an operator may");
    for mode in [ApprovalMode::Ask, ApprovalMode::Plan, ApprovalMode::Auto] {
        let bounds = DispatchSettings { read_only: true, ..DispatchSettings::default() };
        let stage = Stage::with(&database, all_in(mode), bounds);
        for (access, tool) in TOOLS {
            for named in [None, Some(plan)] {
                let called = stage.call("ann", named, (tool, json!({ "note": "hello" }))).await;
                match access {
                    Access::Read => drop(called.expect("reading goes on")),
                    _ => assert_eq!(called.expect_err("read-only").code(), ErrorCode::PermissionDenied, "{tool}"),
                }
            }
        }
        assert_eq!(stage.world.effects("hello"), 2, "the reads alone");
    }
    assert_eq!(asking.approvals.inbox(&caller("bob")).await.expect("a list").len(), 1, "nothing was even planned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_and_a_server_that_only_reads_hold_at_every_door() {
    let read_only = DispatchSettings { read_only: true, ..DispatchSettings::default() };
    for (bounds, mode) in
        [DispatchSettings::default(), read_only].into_iter().zip([ApprovalMode::Auto, ApprovalMode::Ask])
    {
        let is_stopped = !bounds.read_only;
        let mut stage = Stage::with(&TestDatabase::sqlite(), all_in(mode), bounds);
        let address = stage.serve().await;
        if is_stopped {
            stage.approvals.stop(&caller("bob")).await.expect("it can be stopped");
        }
        for door in Door::ALL {
            let inside = door.open(&mut stage, address).await;
            let note = door.to_string();
            for (access, tool) in TOOLS {
                let answer = inside.call(tool, json!({ "note": note }), None, Mood::SaysYes).await;
                let wanted = if access == Access::Read { "ok" } else { "permission_denied" };
                assert_eq!(answer.code, wanted, "{door}, {tool}, stopped: {is_stopped}");
            }
            assert_eq!(
                (stage.world.effects(&note), inside.asked()),
                (1, 0),
                "{door}: the read alone, and nobody is asked"
            );
        }
    }
}
