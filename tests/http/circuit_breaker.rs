//! Circuit breaker: a failing host is left alone for a while, per tenant, and tried with one request.

use std::time::Duration;

use common::error::ErrorCode;
use futures_util::future::join_all;
use tests::faults::{Answer, Fault};
use tests::time::drive;

use crate::stage::{STEP, Stage, tenant};

const PAUSE: Duration = Duration::from_secs(15);

async fn broken(fault: impl Fn() -> Fault) -> Stage {
    let mut script: Vec<Fault> = (0..5).map(|_| fault()).collect();
    script.push(Answer::new(200).into());
    let stage = Stage::play(script).await;
    for _ in 0..5 {
        let _failed = stage.send(stage.post("/")).await;
    }
    assert_eq!(stage.server.count(), 5);
    stage
}

#[tokio::test]
async fn after_five_failures_in_a_row_nothing_is_sent() {
    for fault in [|| Answer::new(500).into(), || Fault::Reset, || Fault::Hang, || Fault::SlowBody] {
        let stage = broken(fault).await;
        let error = stage.send(stage.get("/")).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::UpstreamUnavailable);
        let wait = error.retry_after().unwrap();
        assert!(wait > Duration::from_secs(14) && wait <= PAUSE, "{wait:?}");
        assert_eq!(stage.server.count(), 5, "{:?}", fault());
    }
}

#[tokio::test]
async fn a_success_in_between_starts_the_count_again() {
    let script = [500, 500, 500, 500, 200, 500, 500, 500, 500, 200].map(|status| Answer::new(status).into());
    let stage = Stage::play(script).await;
    for _ in 0..10 {
        stage.send(stage.post("/")).await.unwrap();
    }
    assert_eq!(stage.server.count(), 10);
}

#[tokio::test]
async fn a_refusal_is_not_a_failure() {
    for status in [429, 400, 401, 404, 422] {
        let stage = Stage::play([Answer::new(status).into()]).await;
        for _ in 0..10 {
            assert_eq!(stage.send(stage.post("/")).await.unwrap().status.as_u16(), status);
        }
        assert_eq!(stage.server.count(), 10);
    }
}

#[tokio::test]
async fn after_the_pause_one_probe_goes_and_its_success_lets_everything_through() {
    let stage = broken(|| Answer::new(500).into()).await;
    stage.clock.advance(PAUSE);
    let calls = (0..6).map(|_| stage.client.send(&stage.tenant, stage.post("/")));
    let answers = drive(&stage.clock, STEP, join_all(calls)).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(stage.server.count(), 6);
    for _ in 0..3 {
        stage.send(stage.post("/")).await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_probe_begins_another_pause() {
    let stage = Stage::play([Fault::Reset]).await;
    for _ in 0..5 {
        stage.send(stage.post("/")).await.unwrap_err();
    }
    for round in 1..=3 {
        stage.clock.advance(PAUSE);
        for _ in 0..3 {
            stage.send(stage.post("/")).await.unwrap_err();
        }
        assert_eq!(stage.server.count(), 5 + round);
    }
}

#[tokio::test]
async fn a_probe_that_is_abandoned_does_not_close_the_way_for_ever() {
    let stage = Stage::play(
        [500, 500, 500, 500, 500]
            .map(|status| Answer::new(status).into())
            .into_iter()
            .chain([Fault::Hang, Answer::new(200).into()]),
    )
    .await;
    for _ in 0..5 {
        stage.send(stage.post("/")).await.unwrap();
    }
    stage.clock.advance(PAUSE);
    let cancel = tokio_util::sync::CancellationToken::new();
    let mut request = stage.post("/");
    request.cancel = Some(cancel.clone());
    let probe = stage.client.send(&stage.tenant, request);
    let cancelling = async {
        stage.clock.sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    };
    let (probed, ()) = drive(&stage.clock, STEP, futures_util::future::join(probe, cancelling)).await;
    assert!(probed.is_err());
    assert_eq!(stage.send(stage.post("/")).await.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn one_tenants_trouble_is_not_anothers() {
    let stage = broken(|| Answer::new(500).into()).await;
    let other = tenant("other");
    let answer = drive(&stage.clock, STEP, stage.client.send(&other, stage.post("/"))).await.unwrap();
    assert_eq!(answer.status.as_u16(), 200);
}
