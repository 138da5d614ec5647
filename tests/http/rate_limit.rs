//! Rate limit: never more than the budget in any window, first come first served, and the vendor's word counts.

use std::time::Duration;

use common::clock::Clock;
use common::error::ErrorCode;
use common::http::{Budget, BudgetKey, HttpClient, HttpRequest, HttpSettings};
use futures_util::future::{join, join_all};
use http::Method;
use tests::faults::{Answer, Fault, FaultyServer, RatedVendor, most_in_any_window};
use tests::time::{drive, is_full_run};
use tokio_util::sync::CancellationToken;

use crate::stage::{STEP, Stage, budget, tenant};

const TEN_SECONDS: Duration = Duration::from_secs(10);

#[tokio::test]
async fn of_125_parallel_calls_all_succeed_in_10_to_14_s_and_none_sees_a_429() {
    let mut vendor = RatedVendor::new(100, 10_000);
    let refused = vendor.refused();
    let stage = Stage::start(move |arrival| vendor.answer(arrival).into()).await;
    let key = stage.declare(100, TEN_SECONDS);
    let begun_ms = stage.clock.now_ms();
    let calls = (0..125).map(|number| {
        let request = HttpRequest { budget: Some(key.clone()), ..stage.post(&format!("/{number}")) };
        stage.client.send(&stage.tenant, request)
    });
    let answers = drive(&stage.clock, STEP, join_all(calls)).await;
    let took_ms = stage.clock.now_ms() - begun_ms;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status.as_u16() == 200));
    assert!((10_000..14_000).contains(&took_ms), "{took_ms} ms");
    assert_eq!(*refused.lock().unwrap(), 0);
    assert_eq!(most_in_any_window(&stage.server.arrivals(), 10_000), 100);
}

/// The same in real time, with the vendor's own clock in place of ours.
#[tokio::test]
async fn of_125_parallel_calls_all_succeed_in_10_to_14_real_seconds() {
    if !is_full_run() {
        eprintln!("skipped: takes 10 s of real time; runs with LUMINAR_FULL=1");
        return;
    }
    let clock = Clock::system();
    let mut vendor = RatedVendor::new(100, 10_000);
    let refused = vendor.refused();
    let server = FaultyServer::start(&clock, move |arrival| vendor.answer(arrival).into()).await.unwrap();
    let settings = HttpSettings { egress_allow: vec![server.authority()], ..HttpSettings::default() };
    let client = HttpClient::new(settings, clock.clone());
    let key = BudgetKey::new("vendor/location/1");
    client.declare_budget(&key, budget(100, TEN_SECONDS));
    let (acme, begun_ms) = (tenant("acme"), clock.now_ms());
    let calls = (0..125).map(|_| {
        let request = HttpRequest { budget: Some(key.clone()), ..HttpRequest::new(Method::POST, server.url("/")) };
        client.send(&acme, request)
    });
    let answers = join_all(calls).await;
    let took_ms = clock.now_ms() - begun_ms;
    eprintln!("125 calls at 100 per 10 s took {took_ms} ms");
    assert!(answers.into_iter().all(|answer| answer.unwrap().status.as_u16() == 200));
    assert!((10_000..14_000).contains(&took_ms), "{took_ms} ms");
    assert_eq!(*refused.lock().unwrap(), 0);
}

#[tokio::test]
async fn first_come_first_served() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let key = stage.declare(1, Duration::from_secs(1));
    let calls = (0..8).map(|number| {
        let request = HttpRequest { budget: Some(key.clone()), ..stage.get(&format!("/{number}")) };
        stage.client.send(&stage.tenant, request)
    });
    drive(&stage.clock, STEP, join_all(calls)).await;
    let targets: Vec<_> = stage.server.arrivals().into_iter().map(|arrival| arrival.target).collect();
    assert_eq!(targets, ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);
    assert_eq!(most_in_any_window(&stage.server.arrivals(), 1_000), 1);
}

#[tokio::test]
async fn who_is_cancelled_in_the_queue_makes_room_for_the_next() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let budget = Some(stage.declare(1, TEN_SECONDS));
    let cancel = CancellationToken::new();
    let send = |request| stage.client.send(&stage.tenant, request);
    let first = send(HttpRequest { budget: budget.clone(), ..stage.get("/first") });
    let second = send(HttpRequest { budget: budget.clone(), cancel: Some(cancel.clone()), ..stage.get("/second") });
    let third = send(HttpRequest { budget, ..stage.get("/third") });
    let cancelling = async {
        stage.clock.sleep(Duration::from_secs(5)).await;
        cancel.cancel();
    };
    let work = join(join_all([first, second, third]), cancelling);
    let (answers, ()) = drive(&stage.clock, STEP, work).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(stage.server.count(), 2);
    assert!((10_000..10_500).contains(&stage.gaps_ms()[0]), "{:?}", stage.gaps_ms());
}

#[tokio::test]
async fn the_vendor_is_obeyed_when_it_says_that_less_is_left() {
    let used_up_by_others =
        Answer::new(200).header("x-ratelimit-remaining", 0).header("x-ratelimit-interval-milliseconds", 10_000);
    let stage = Stage::play([used_up_by_others.into(), Answer::new(200).into()]).await;
    let budget = Some(stage.declare(100, TEN_SECONDS));
    for _ in 0..2 {
        stage.send(HttpRequest { budget: budget.clone(), ..stage.get("/") }).await.unwrap();
    }
    assert!((10_000..10_500).contains(&stage.gaps_ms()[0]), "{:?}", stage.gaps_ms());
}

#[tokio::test]
async fn the_vendor_is_not_believed_when_it_says_that_more_is_left() {
    let generous = Answer::new(200)
        .header("x-ratelimit-remaining", 1_000_000)
        .header("x-ratelimit-max", 1_000_000)
        .header("x-ratelimit-interval-milliseconds", 1);
    let stage = Stage::play([generous.into()]).await;
    let key = stage.declare(5, TEN_SECONDS);
    let calls =
        (0..20).map(|_| stage.client.send(&stage.tenant, HttpRequest { budget: Some(key.clone()), ..stage.get("/") }));
    let answers = drive(&stage.clock, STEP, join_all(calls)).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(most_in_any_window(&stage.server.arrivals(), 10_000), 5);
}

#[tokio::test]
async fn a_vendor_that_always_says_nothing_is_left_slows_us_down_but_does_not_stop_us() {
    let lying = Answer::new(200)
        .header("x-ratelimit-remaining", 0)
        .header("x-ratelimit-max", 0)
        .header("x-ratelimit-interval-milliseconds", i64::MAX);
    let stage = Stage::play([lying.into()]).await;
    let budget = Some(stage.declare(100, TEN_SECONDS));
    for _ in 0..6 {
        stage.send(HttpRequest { budget: budget.clone(), ..stage.get("/") }).await.unwrap();
    }
    // All but ours count as others' for the longest interval that is believed, 30 s; ours come free meanwhile.
    assert!(most_in_any_window(&stage.server.arrivals(), 29_000) <= 2, "{:?}", stage.gaps_ms());
}

/// A vendor with a sliding window, as the emulator is: what it calls left at the end of a window is only what our own
/// requests have used, and waiting for it another window long would halve the throughput.
#[tokio::test]
async fn what_our_own_requests_have_used_is_not_taken_for_others() {
    let full = |remaining: u32| {
        Answer::new(200)
            .header("x-ratelimit-max", 5)
            .header("x-ratelimit-remaining", remaining)
            .header("x-ratelimit-interval-milliseconds", 10_000)
    };
    let stage =
        Stage::play([full(4).into(), full(3).into(), full(2).into(), full(1).into(), full(0).into(), full(0).into()])
            .await;
    let budget = Some(stage.declare(5, TEN_SECONDS));
    for _ in 0..12 {
        stage.send(HttpRequest { budget: budget.clone(), ..stage.get("/") }).await.unwrap();
        stage.clock.advance(Duration::from_secs(1));
    }
    // Five at one a second; then the first slot comes free after 10 s, and from there one a second again.
    let long: Vec<i64> = stage.gaps_ms().into_iter().filter(|gap_ms| *gap_ms > 1_100).collect();
    assert_eq!(long.len(), 2, "{:?}", stage.gaps_ms());
    assert!(long.iter().all(|gap_ms| *gap_ms < 6_500), "{long:?}");
}

#[tokio::test]
async fn a_429_holds_back_everyone_who_shares_the_budget() {
    let busy = Answer::new(429).header("retry-after", 8);
    let stage = Stage::play([busy.into(), Answer::new(200).into()]).await;
    let budget = Some(stage.declare(100, TEN_SECONDS));
    let refused = stage.send(HttpRequest { budget: budget.clone(), ..stage.post("/a") }).await.unwrap();
    assert_eq!(refused.status.as_u16(), 429);
    stage.send(HttpRequest { budget, ..stage.post("/b") }).await.unwrap();
    assert!((8_000..8_500).contains(&stage.gaps_ms()[0]), "{:?}", stage.gaps_ms());
}

#[tokio::test]
async fn without_room_before_the_deadline_the_wait_is_told_at_once_and_nothing_is_sent() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let budget = Some(stage.declare(1, TEN_SECONDS));
    stage.send(HttpRequest { budget: budget.clone(), ..stage.get("/") }).await.unwrap();
    let begun_ms = stage.clock.now_ms();
    let deadline = Some(Duration::from_secs(5));
    let error = stage.send(HttpRequest { budget, deadline, ..stage.get("/") }).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::RateLimited);
    assert!(error.retry_after().unwrap() > Duration::from_secs(9), "{error:?}");
    assert!(stage.clock.now_ms() - begun_ms < 200);
    assert_eq!(stage.server.count(), 1);
}

#[tokio::test]
async fn a_queue_that_is_too_long_for_the_deadline_turns_away_the_last() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let key = stage.declare(10, TEN_SECONDS);
    let calls = (0..50).map(|_| {
        let deadline = Some(Duration::from_secs(15));
        let request = HttpRequest { budget: Some(key.clone()), deadline, ..stage.get("/") };
        stage.client.send(&stage.tenant, request)
    });
    let answers = drive(&stage.clock, STEP, join_all(calls)).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    for error in answers.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), ErrorCode::RateLimited);
        assert!(error.retry_after().is_some());
    }
    assert_eq!(stage.server.count(), 20);
}

#[tokio::test]
async fn the_declared_day_is_kept_until_midnight() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let key = BudgetKey::new("vendor/location/2");
    stage.client.declare_budget(&key, Budget { daily_max: Some(3), ..budget(100, TEN_SECONDS) });
    let request = || HttpRequest { budget: Some(key.clone()), ..stage.get("/") };
    for _ in 0..3 {
        stage.send(request()).await.unwrap();
    }
    let error = stage.send(request()).await.unwrap_err();
    assert_eq!((error.code(), stage.server.count()), (ErrorCode::RateLimited, 3));
    stage.clock.advance(error.retry_after().unwrap());
    assert_eq!(stage.clock.now_ms() % 86_400_000, 0);
    stage.send(request()).await.unwrap();
}

#[tokio::test]
async fn clones_share_a_budget_and_anyone_can_read_it() {
    let told = Answer::new(200)
        .header("x-ratelimit-remaining", 97)
        .header("x-ratelimit-interval-milliseconds", 10_000)
        .header("x-ratelimit-daily-remaining", 1_234);
    let stage = Stage::play([told.into()]).await;
    let key = stage.declare(100, TEN_SECONDS);
    let clone = stage.client.clone();
    let before = clone.budget(&key).unwrap();
    assert_eq!((before.requests_max, before.remaining, before.resets_in_ms), (100, 100, 0));
    assert_eq!(before.daily_remaining, None);
    stage.send(HttpRequest { budget: Some(key.clone()), ..stage.get("/") }).await.unwrap();
    let after = clone.budget(&key).unwrap();
    assert_eq!((after.remaining, after.daily_remaining), (97, Some(1_234)));
    assert!((9_000..=10_001).contains(&after.resets_in_ms), "{after:?}");
    assert_eq!(clone.budget(&BudgetKey::new("another")), None);
}

#[tokio::test]
async fn an_undeclared_budget_is_our_own_mistake() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let budget = Some(BudgetKey::new("forgotten"));
    let error = stage.send(HttpRequest { budget, ..stage.get("/") }).await.unwrap_err();
    assert_eq!((error.code(), stage.server.count()), (ErrorCode::Internal, 0));
}

#[tokio::test]
async fn what_is_refused_before_sending_costs_no_budget() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let key = stage.declare(2, TEN_SECONDS);
    let elsewhere = "http://127.0.0.1:1/".parse().unwrap();
    let request = HttpRequest { budget: Some(key.clone()), ..HttpRequest::new(Method::GET, elsewhere) };
    assert_eq!(stage.send(request).await.unwrap_err().code(), ErrorCode::FailedPrecondition);
    assert_eq!(stage.client.budget(&key).unwrap().remaining, 2);
}

#[tokio::test]
async fn no_more_than_the_limit_are_under_way_to_one_host() {
    let stage = Stage::play([Fault::Hang]).await.with(|settings| {
        settings.concurrency_per_host_max = 4;
        settings.request_timeout_ms = 1_000;
        settings.deadline_ms = 1_500;
    });
    let calls = (0..12).map(|_| stage.client.send(&stage.tenant, stage.post("/")));
    let answers = drive(&stage.clock, STEP, join_all(calls)).await;
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(most_in_any_window(&stage.server.arrivals(), 500), 4);
}
