//! Whatever the vendor does, drawn from a seed: the promises that hold in any case.

use std::collections::HashMap;
use std::time::Duration;

use common::error::{Error, ErrorCode};
use common::http::{HttpRequest, HttpSettings, Repeat};
use fastrand::Rng;
use futures_util::future::join_all;
use http::Method;
use tests::faults::{Answer, Arrival, Fault, RatedVendor, most_in_any_window};
use tests::time::{drive, is_full_run};

use crate::stage::Stage;

/// Stands in every header, query and body, of requests and answers, and must never stand in an error.
const SECRET: &str = "hunter2";

const STEP: Duration = Duration::from_millis(100);

/// A vendor that keeps its books honestly and answers anything.
fn moody_vendor(seed: u64) -> impl FnMut(&Arrival) -> Fault + Send + 'static {
    let mut dice = Rng::with_seed(seed);
    let mut books = RatedVendor::new(100, 10_000);
    move |arrival| {
        let honest = books.answer(arrival).header("x-secret", SECRET).body(SECRET);
        match dice.u32(0..20) {
            0 => Answer::new(429).body(SECRET).into(),
            1 => Answer::new(429).header("retry-after", dice.u32(0..20)).body(SECRET).into(),
            2 => Answer::new(*dice.choice(&[500, 502, 503, 504]).unwrap()).body(SECRET).into(),
            3 => Fault::Hang,
            4 => Fault::SlowBody,
            5 => Fault::Reset,
            6 => Answer::new(200).body(vec![b'x'; 200_000]).into(),
            7 => Answer::new(302).header("location", format!("http://127.0.0.1:1/?{SECRET}")).into(),
            8 => lie(&mut dice).into(),
            9 => Answer::new(400).body(SECRET).into(),
            _ => honest.into(),
        }
    }
}

/// Rate headers that cannot be true.
fn lie(dice: &mut Rng) -> Answer {
    let values = ["-1", "0", "1", "3", "1000000", "18446744073709551616", "NaN", "", "hunter2"];
    let mut any = || *dice.choice(&values).unwrap();
    Answer::new(if any() == "0" { 429 } else { 200 })
        .header("x-ratelimit-remaining", any())
        .header("x-ratelimit-max", any())
        .header("x-ratelimit-interval-milliseconds", any())
        .header("x-ratelimit-daily-reset", any())
        .header("retry-after", any())
        .body(SECRET)
}

fn any_request(stage: &Stage, dice: &mut Rng, number: usize) -> HttpRequest {
    let url = stage.server.url(&format!("/{number}?token={SECRET}"));
    let (method, repeat) = match dice.u32(0..4) {
        0 => (Method::POST, Repeat::Never),
        1 => (Method::POST, Repeat::Keyed),
        2 => (Method::PUT, Repeat::Idempotent),
        _ => (Method::GET, Repeat::Idempotent),
    };
    let mut request = HttpRequest::new(method, url);
    request.repeat = repeat;
    request.headers.insert("authorization", format!("Bearer {SECRET}").parse().unwrap());
    request.body = Some(SECRET.into());
    request.cache_for = dice.bool().then_some(Duration::from_secs(5));
    request.deadline = Some(Duration::from_secs(dice.u64(1..120)));
    request
}

fn settings(seed: u64) -> impl FnOnce(&mut HttpSettings) {
    move |settings| {
        settings.backoff_seed = Some(seed);
        settings.response_bytes_max = 100_000;
        settings.request_timeout_ms = 5_000;
        settings.breaker_pause_ms = 2_000;
    }
}

fn check_error(seed: u64, error: &Error) {
    let known = matches!(
        error.code(),
        ErrorCode::UpstreamUnavailable
            | ErrorCode::RateLimited
            | ErrorCode::DeadlineExceeded
            | ErrorCode::FailedPrecondition
    );
    assert!(known, "seed {seed}: {error:?}");
    for shown in [format!("{error}"), format!("{error:?}")] {
        assert!(!shown.contains(SECRET), "seed {seed}: {shown}");
    }
    if error.code() == ErrorCode::RateLimited {
        assert!(error.retry_after().is_some(), "seed {seed}: {error:?}");
    }
}

#[tokio::test]
async fn never_over_budget_never_twice_never_a_secret_in_an_error() {
    let seeds = if is_full_run() { 0..400 } else { 0..12 };
    let mut most_seen = 0;
    for seed in seeds {
        let stage = Stage::start(moody_vendor(seed)).await.with(settings(seed));
        let key = stage.declare(100, Duration::from_secs(10));
        let mut dice = Rng::with_seed(seed);
        let requests: Vec<_> = (0..250).map(|number| any_request(&stage, &mut dice, number)).collect();
        let repeats: Vec<_> = requests.iter().map(|request| request.repeat).collect();
        let calls = requests.into_iter().map(|request| {
            let request = HttpRequest { budget: Some(key.clone()), ..request };
            stage.client.send(&stage.tenant, request)
        });
        let answers = drive(&stage.clock, STEP, join_all(calls)).await;

        answers.iter().filter_map(|answer| answer.as_ref().err()).for_each(|error| check_error(seed, error));
        let arrivals = stage.server.arrivals();
        let most = most_in_any_window(&arrivals, 10_000);
        assert!(most <= 100, "seed {seed}: {most} in a window of 10 s");
        most_seen = most_seen.max(most);
        check_repeats(seed, &arrivals, &repeats);
    }
    // If the budget was never used up, the first promise was not put to the test.
    assert!(most_seen >= 95, "{most_seen}");
}

fn check_repeats(seed: u64, arrivals: &[Arrival], repeats: &[Repeat]) {
    let mut times = HashMap::<&str, usize>::new();
    for arrival in arrivals {
        *times.entry(&arrival.target).or_default() += 1;
    }
    for (number, repeat) in repeats.iter().enumerate() {
        let sent = times.get(format!("/{number}?token={SECRET}").as_str()).copied().unwrap_or(0);
        let most = match repeat {
            Repeat::Never => 1,
            Repeat::Idempotent | Repeat::Keyed => 3,
        };
        assert!(sent <= most, "seed {seed}: request {number} was sent {sent} times");
    }
}
