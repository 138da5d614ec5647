//! Retry: what is sent again, how often, and after what pause.

use std::time::Duration;

use common::error::ErrorCode;
use common::http::HttpRequest;
use tests::faults::{Answer, Fault};

use crate::stage::Stage;

/// The clock moves in steps while sockets work: a pause is seen up to this much longer.
const SLACK_MS: i64 = 400;

fn is_about(gap_ms: i64, expected_ms: i64) -> bool {
    (expected_ms..expected_ms + SLACK_MS).contains(&gap_ms)
}

#[tokio::test]
async fn a_read_is_repeated_until_it_succeeds() {
    let faults: [Fault; 3] = [Answer::new(500).into(), Fault::Reset, Answer::new(200).body("fine").into()];
    let stage = Stage::play(faults).await;
    let answer = stage.send(stage.get("/contacts/1")).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"fine"[..]));
    assert_eq!(stage.server.count(), 3);
}

#[tokio::test]
async fn the_last_answer_is_returned_when_attempts_run_out() {
    let stage = Stage::play([Answer::new(503).body("down").into()]).await;
    let answer = stage.send(stage.get("/")).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (503, &b"down"[..]));
    assert_eq!(stage.server.count(), 3);
}

#[tokio::test]
async fn a_change_without_a_key_is_sent_once_whatever_happens() {
    for fault in [Answer::new(500).into(), Answer::new(429).header("retry-after", 1).into(), Fault::Reset, Fault::Hang]
    {
        let name = format!("{fault:?}");
        let stage = Stage::play([fault]).await;
        let _either = stage.send(stage.post("/contacts/")).await;
        assert_eq!(stage.server.count(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_change_with_a_key_is_repeated() {
    let stage = Stage::play([Fault::Reset, Answer::new(201).into()]).await;
    let answer = stage.send(stage.keyed("/payments")).await.unwrap();
    assert_eq!(answer.status.as_u16(), 201);
    assert_eq!(stage.server.count(), 2);
}

#[tokio::test]
async fn what_the_vendor_rejects_is_not_repeated() {
    for status in [400, 401, 403, 404, 409, 422, 501] {
        let stage = Stage::play([Answer::new(status).into()]).await;
        assert_eq!(stage.send(stage.get("/")).await.unwrap().status.as_u16(), status);
        assert_eq!(stage.server.count(), 1, "{status}");
    }
}

#[tokio::test]
async fn retry_after_beats_our_schedule() {
    for status in [429, 503] {
        let busy = Answer::new(status).header("retry-after", 7);
        let stage = Stage::play([busy.into(), Answer::new(200).into()]).await;
        assert_eq!(stage.send(stage.get("/")).await.unwrap().status.as_u16(), 200);
        assert!(is_about(stage.gaps_ms()[0], 7_000), "{status}: {:?}", stage.gaps_ms());
    }
}

#[tokio::test]
async fn a_429_waits_for_the_interval_of_the_rate_headers_at_most_30_s() {
    for (interval_ms, expected_ms) in [(10_000, 10_000), (3_600_000, 30_000)] {
        let busy = Answer::new(429)
            .header("x-ratelimit-interval-milliseconds", interval_ms)
            .header("x-ratelimit-daily-remaining", 5_000);
        let stage = Stage::play([busy.into(), Answer::new(200).into()]).await;
        let budget = Some(stage.declare(100, Duration::from_secs(10)));
        let answer = stage.send(HttpRequest { budget, ..stage.get("/") }).await.unwrap();
        assert_eq!(answer.status.as_u16(), 200);
        assert!(is_about(stage.gaps_ms()[0], expected_ms), "{interval_ms}: {:?}", stage.gaps_ms());
    }
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_is_not_begun() {
    let busy = Answer::new(429).header("retry-after", 3_600);
    let stage = Stage::play([busy.into()]).await;
    let begun_ms = stage.clock.now_ms();
    let answer = stage.send(stage.get("/")).await.unwrap();
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.retry_after(stage.clock.now_ms()), Some(Duration::from_hours(1)));
    assert!(stage.clock.now_ms() - begun_ms < SLACK_MS);
    assert_eq!(stage.server.count(), 1);
}

#[tokio::test]
async fn a_spent_day_is_not_repeated_and_says_until_when() {
    let spent = Answer::new(429)
        .header("x-ratelimit-interval-milliseconds", 10_000)
        .header("x-ratelimit-daily-remaining", 0)
        .header("x-ratelimit-daily-reset", 7_200);
    let stage = Stage::play([spent.into(), Answer::new(200).into()]).await;
    let budget = Some(stage.declare(100, Duration::from_secs(10)));
    for attempt in ["the one that learns it", "the one after"] {
        let request = HttpRequest { budget: budget.clone(), ..stage.get("/") };
        let error = stage.send(request).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::RateLimited, "{attempt}");
        let wait = error.retry_after().unwrap();
        assert!(wait > Duration::from_secs(7_190) && wait <= Duration::from_hours(2), "{attempt}: {wait:?}");
    }
    assert_eq!(stage.server.count(), 1);
    stage.clock.advance(Duration::from_hours(2));
    assert_eq!(stage.send(HttpRequest { budget, ..stage.get("/") }).await.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn our_own_pauses_are_jittered_and_bounded() {
    for seed in 0..20 {
        let stage = Stage::play([Answer::new(500).into()]).await;
        let stage = stage.with(|settings| {
            settings.attempts_max = 5;
            settings.backoff_ms = 1_000;
            settings.backoff_ms_max = 3_000;
            settings.backoff_seed = Some(seed);
            settings.breaker_failures_max = 100;
        });
        stage.send(stage.get("/")).await.unwrap();
        let bounds_ms = [1_000, 2_000, 3_000, 3_000];
        for (gap_ms, bound_ms) in stage.gaps_ms().into_iter().zip(bounds_ms) {
            assert!(gap_ms <= bound_ms + SLACK_MS, "seed {seed}: {gap_ms} ms, at most {bound_ms} ms");
        }
        assert_eq!(stage.server.count(), 5, "seed {seed}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pauses() {
    let pauses_ms = async |seed: u64| {
        let stage = Stage::play([Answer::new(500).into()]).await.with(|settings| {
            settings.backoff_ms = 60_000;
            settings.backoff_ms_max = 60_000;
            settings.deadline_ms = 600_000;
            settings.backoff_seed = Some(seed);
        });
        stage.send(stage.get("/")).await.unwrap();
        stage.gaps_ms()
    };
    let are_alike = |one: &[i64], other: &[i64]| one.iter().zip(other).all(|(a, b)| (a - b).abs() < SLACK_MS);
    let first = pauses_ms(7).await;
    assert!(are_alike(&first, &pauses_ms(7).await));
    assert!(!are_alike(&first, &pauses_ms(8).await));
}
