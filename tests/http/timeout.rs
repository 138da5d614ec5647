//! Timeout: an attempt ends in time, and so does the whole call.

use std::time::Duration;

use common::error::ErrorCode;
use common::http::HttpRequest;
use tests::faults::{Answer, Fault};

use crate::stage::Stage;

#[tokio::test]
async fn a_vendor_that_hangs_is_given_up_after_the_request_timeout() {
    for fault in [Fault::Hang, Fault::SlowBody] {
        let name = format!("{fault:?}");
        let stage = Stage::play([fault]).await;
        let begun_ms = stage.clock.now_ms();
        let error = stage.send(stage.post("/")).await.unwrap_err();
        let took_ms = stage.clock.now_ms() - begun_ms;
        assert_eq!(error.code(), ErrorCode::UpstreamUnavailable, "{name}");
        assert!((30_000..30_500).contains(&took_ms), "{name}: {took_ms} ms");
    }
}

#[tokio::test]
async fn an_attempt_that_hung_is_repeated_within_the_deadline() {
    let stage = Stage::play([Fault::Hang, Answer::new(200).into()]).await;
    assert_eq!(stage.send(stage.get("/")).await.unwrap().status.as_u16(), 200);
    assert_eq!(stage.server.count(), 2);
}

#[tokio::test]
async fn the_deadline_ends_the_call_whatever_attempts_are_left() {
    let stage = Stage::play([Fault::Hang]).await;
    let begun_ms = stage.clock.now_ms();
    let request = HttpRequest { deadline: Some(Duration::from_secs(3)), ..stage.get("/") };
    let error = stage.send(request).await.unwrap_err();
    let took_ms = stage.clock.now_ms() - begun_ms;
    assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
    assert!((3_000..3_200).contains(&took_ms), "{took_ms} ms");
    assert_eq!(stage.server.count(), 1);
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_and_a_call_cancelled_before_sends_nothing() {
    let stage = Stage::play([Fault::Hang]).await;
    let cancel = tokio_util::sync::CancellationToken::new();
    let request = || HttpRequest { cancel: Some(cancel.clone()), ..stage.get("/") };
    let cancelling = async {
        stage.clock.sleep(Duration::from_secs(2)).await;
        cancel.cancel();
    };
    let begun_ms = stage.clock.now_ms();
    let work = futures_util::future::join(stage.client.send(&stage.tenant, request()), cancelling);
    let (answer, ()) = tests::time::drive(&stage.clock, crate::stage::STEP, work).await;
    assert_eq!(answer.unwrap_err().code(), ErrorCode::DeadlineExceeded);
    assert!(stage.clock.now_ms() - begun_ms < 2_200);
    stage.send(request()).await.unwrap_err();
    assert_eq!(stage.server.count(), 1);
}
