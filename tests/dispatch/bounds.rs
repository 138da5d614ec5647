//! Nothing takes longer, says more or breaks further than it may.

use std::time::Duration;

use common::auth::Role;
use common::tool::{DispatchSettings, Surface};
use serde_json::json;

use crate::bench::{Bench, call, error_of};

#[tokio::test]
async fn a_call_ends_at_its_deadline_and_says_that_a_change_may_have_been_made() {
    let bench = Bench::new();
    let calling = bench.call("wait_forever", json!({ "seats": 1 }));
    let moving = async {
        loop {
            if bench.effects() > 0 {
                bench.clock.advance(Duration::from_secs(10));
            }
            tokio::task::yield_now().await;
        }
    };
    let result = tokio::select! { result = calling => result, () = moving => unreachable!() };
    let error = error_of(&result);
    assert_eq!(
        (&error["code"], &error["message"]),
        (&json!("deadline_exceeded"), &json!("the call took longer than 60000 ms"))
    );
    assert!(error["hint"].as_str().expect("a hint").contains("may have been made"));
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once() {
    let bench = Bench::new();
    let call = call(Role::Admin);
    let whole = Surface::whole();
    let calling = bench.run(&call, &whole, "wait_forever", json!({ "seats": 1 }));
    let cancelling = async {
        tokio::task::yield_now().await;
        call.cancel.cancel();
    };
    let (result, ()) = tokio::join!(calling, cancelling);
    assert_eq!(error_of(&result.expect("the tool is there"))["message"], "the call was cancelled");
}

#[tokio::test]
async fn a_tool_that_panics_fails_alone() {
    let bench = Bench::new();
    let result = bench.call("break_down", json!({ "seats": 7 })).await;
    let error = error_of(&result);
    assert_eq!((&error["code"], &error["message"]), (&json!("internal"), &json!("the tool broke down")));
    assert_eq!(bench.call("get_seats", json!({ "seats": 1 })).await.is_error, Some(false));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_with_a_way_out() {
    let bench = Bench::with(DispatchSettings { result_bytes_max: 5_000, ..DispatchSettings::default() });
    let result = bench.call("say_too_much", json!({ "seats": 1 })).await;
    let error = error_of(&result);
    assert_eq!(error["code"], "failed_precondition");
    assert!(error["hint"].as_str().expect("a hint").contains("`limit`"));
}
