//! Calls that are repeated because their answer was lost: made once, found again, or said to be unknown.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings};
use common::auth::{Caller, Role};
use common::clock::{Clock, UnixMillis};
use common::error::{Error, ErrorCode, Result};
use common::secrets::{Secrets, SecretsSettings};
use common::tasks::Tasks;
use common::telemetry::Metrics;
use common::tool::{
    Access, ApprovalSettings, Approvals, Call, Dispatch, DispatchSettings, IdempotencyKey, ReadBack, Registry, Surface,
    Tool, Tools, result_of,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};
use tokio_util::sync::CancellationToken;

/// What a vendor does with the next order.
#[derive(Debug, Clone, Copy)]
enum Next {
    LoseTheAnswer,
    BreakBeforehand,
    Refuse,
    Hang,
}

/// A vendor that knows no keys.
#[derive(Debug, Default)]
struct Vendor {
    next: Mutex<VecDeque<Next>>,
    orders: Mutex<Vec<String>>,
    is_readable: std::sync::atomic::AtomicBool,
    keys: Mutex<Vec<Option<IdempotencyKey>>>,
}

impl Vendor {
    fn will(&self, next: Next) {
        self.next.lock().unwrap().push_back(next);
    }

    fn orders(&self) -> usize {
        self.orders.lock().unwrap().len()
    }

    async fn order(&self, call: &Call, seat: String) -> Result<Output> {
        self.keys.lock().unwrap().push(call.idempotency_key.clone());
        let next = self.next.lock().unwrap().pop_front();
        match next {
            Some(Next::BreakBeforehand) => return Err(unavailable()),
            Some(Next::Refuse) => return Err(Error::new(ErrorCode::UpstreamRejected, "no such seat")),
            Some(Next::Hang) => std::future::pending().await,
            Some(Next::LoseTheAnswer) | None => {}
        }
        let number = {
            let mut orders = self.orders.lock().unwrap();
            orders.push(seat);
            orders.len()
        };
        if matches!(next, Some(Next::LoseTheAnswer)) { Err(unavailable()) } else { Ok(Output { number }) }
    }

    fn find(&self, seat: &str) -> Result<ReadBack<Output>> {
        if !self.is_readable.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(unavailable());
        }
        let position = self.orders.lock().unwrap().iter().position(|order| order == seat);
        Ok(position.map_or(ReadBack::NotDone, |index| ReadBack::Done(Output { number: index + 1 })))
    }
}

fn unavailable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "the vendor did not answer")
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Args {
    /// Which seat.
    seat: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// Of the order.
    number: usize,
}

macro_rules! tool {
    ($tool:ident, $name:literal, $is_idempotent:literal, |$deps:ident, $args:ident| $find:expr) => {
        struct $tool;

        impl Tool for $tool {
            type Deps = Vendor;
            type Args = Args;
            type Output = Output;
            const NAME: &'static str = $name;
            const TITLE: &'static str = $name;
            const DESCRIPTION: &'static str = "Orders a seat.";
            const ACCESS: Access = Access::Write;
            const TOOLSET: &'static str = "seats";
            const IS_IDEMPOTENT: bool = $is_idempotent;

            async fn call(deps: &Vendor, call: &Call, args: Args) -> Result<Output> {
                deps.order(call, args.seat).await
            }

            async fn read_back(
                $deps: &Vendor,
                _call: &Call,
                $args: &Args,
                _since_ms: UnixMillis,
            ) -> Result<ReadBack<Output>> {
                $find
            }
        }
    };
}

tool!(OrderSeat, "order_seat", false, |deps, args| deps.find(&args.seat));
tool!(OrderUnseen, "order_unseen", false, |_deps, _args| Ok(ReadBack::Unknown));
tool!(KeepSeat, "keep_seat", true, |_deps, _args| panic!("an idempotent call is not looked for"));

/// One process: several share a database.
struct Process {
    registry: Registry,
    dispatch: Dispatch,
    vendor: Arc<Vendor>,
    clock: Clock,
}

impl Process {
    fn new(database: &TestDatabase, clock: &Clock, vendor: &Arc<Vendor>) -> Self {
        let db = database.open();
        let audit = AuditLog::new(db.clone(), Clock::system(), &Tasks::new(), AuditSettings::default());
        let registry =
            Tools::new(Arc::clone(vendor)).with::<OrderSeat>().with::<OrderUnseen>().with::<KeepSeat>().build();
        let secrets = Secrets::new(db.clone(), clock.clone(), &SecretsSettings::default());
        let approvals = Approvals::new(db.clone(), clock.clone(), audit.clone(), secrets, ApprovalSettings::default());
        let dispatch = Dispatch::new(audit, db, clock.clone(), Metrics::new(), approvals, DispatchSettings::default());
        Self { registry, dispatch, vendor: Arc::clone(vendor), clock: clock.clone() }
    }

    fn alone(database: &TestDatabase) -> Self {
        let vendor = Vendor::default();
        vendor.is_readable.store(true, std::sync::atomic::Ordering::SeqCst);
        Self::new(database, &Clock::manual(1_000_000), &Arc::new(vendor))
    }

    async fn run(&self, call: &Call, tool: &str, arguments: Value) -> Value {
        let arguments = arguments.as_object().unwrap().clone();
        let called = self.dispatch.run(&self.registry, &Surface::whole(), call, tool, arguments).await;
        result_of(called.unwrap()).structured_content.unwrap()
    }

    async fn order(&self, tool: &str, seat: &str, key: &str) -> Value {
        self.run(&call("tester"), tool, json!({"seat": seat, "idempotency_key": key})).await
    }
}

fn call(subject: &str) -> Call {
    let caller = Caller::local(subject, "acme".parse().unwrap(), Role::Member);
    Call::new(caller, CancellationToken::new(), Duration::from_mins(1))
}

fn lost(answer: &Value) -> &str {
    answer["error"]["details"]["lost_change"].as_str().unwrap_or("settled")
}

#[tokio::test]
async fn the_same_key_answers_with_the_first_result_in_every_process() {
    on_each_database(async |database| {
        let one = Process::alone(&database);
        let other = Process::new(&database, &one.clock, &one.vendor);
        assert_eq!(one.order("order_seat", "1a", "k1").await, json!({"number": 1}));
        assert_eq!(one.order("order_seat", "1a", "k1").await, json!({"number": 1}));
        assert_eq!(other.order("order_seat", "1a", "k1").await, json!({"number": 1}));
        assert_eq!(other.order("order_seat", "1a", "k2").await, json!({"number": 2}), "another key is another call");
        assert_eq!(other.order("keep_seat", "1a", "k1").await, json!({"number": 3}), "and so is another tool");
        let arguments = json!({"seat": "1a", "idempotency_key": "k1"});
        assert_eq!(
            other.run(&call("colleague"), "order_seat", arguments).await,
            json!({"number": 4}),
            "and another caller"
        );
        assert_eq!(one.vendor.orders(), 4);
        assert!(one.vendor.keys.lock().unwrap().iter().all(Option::is_some), "the tool is told the key");
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_call_and_is_forgotten_after_a_day() {
    on_each_database(async |database| {
        let process = Process::alone(&database);
        process.order("order_seat", "1a", "k1").await;
        let other = process.order("order_seat", "2b", "k1").await;
        assert_eq!((&other["error"]["code"], process.vendor.orders()), (&json!("conflict"), 1));
        process.clock.advance(Duration::from_hours(24));
        assert_eq!(process.order("order_seat", "2b", "k1").await, json!({"number": 2}));
    })
    .await;
}

#[tokio::test]
async fn of_calls_at_once_one_is_made() {
    on_each_database(async |database| {
        let one = Process::alone(&database);
        let other = Process::new(&database, &one.clock, &one.vendor);
        let calls = (0..20).map(|turn| {
            let process = if turn % 2 == 0 { &one } else { &other };
            process.order("order_seat", "1a", "k1")
        });
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(one.vendor.orders(), 1);
        let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| **answer == json!({"number": 1}));
        assert!(!made.is_empty());
        for answer in refused {
            assert_eq!(answer["error"]["code"], "conflict", "{answer}");
            assert!(answer["error"]["retry_after_ms"].is_u64(), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_looked_for_at_once() {
    let process = Process::alone(&TestDatabase::sqlite());
    process.vendor.will(Next::LoseTheAnswer);
    assert_eq!(process.run(&call("tester"), "order_seat", json!({"seat": "1a"})).await, json!({"number": 1}));
    process.vendor.will(Next::BreakBeforehand);
    let answer = process.run(&call("tester"), "order_seat", json!({"seat": "2b"})).await;
    assert_eq!((lost(&answer), process.vendor.orders()), ("not_made", 1));
    process.vendor.will(Next::LoseTheAnswer);
    let answer = process.run(&call("tester"), "order_unseen", json!({"seat": "3c"})).await;
    assert_eq!(lost(&answer), "outcome_unknown");
    assert!(answer["error"]["hint"].as_str().unwrap().starts_with("outcome unknown"), "{answer}");
}

#[tokio::test]
async fn a_repeated_call_is_looked_for_before_it_is_made_again() {
    on_each_database(async |database| {
        let process = Process::alone(&database);
        process.vendor.is_readable.store(false, std::sync::atomic::Ordering::SeqCst);
        process.vendor.will(Next::LoseTheAnswer);
        assert_eq!(lost(&process.order("order_seat", "1a", "k1").await), "outcome_unknown");
        let again = process.order("order_seat", "1a", "k1").await;
        assert_eq!((lost(&again), process.vendor.orders()), ("outcome_unknown", 1), "not made again in the dark");
        assert!(again["error"]["message"].as_str().unwrap().starts_with("outcome unknown"), "{again}");
        process.vendor.is_readable.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(process.order("order_seat", "1a", "k1").await, json!({"number": 1}));
        assert_eq!(process.vendor.orders(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_idempotent_call_is_simply_made_again_and_a_refused_one_gives_its_key_back() {
    let process = Process::alone(&TestDatabase::sqlite());
    process.vendor.will(Next::LoseTheAnswer);
    assert_eq!(lost(&process.order("keep_seat", "1a", "k1").await), "outcome_unknown");
    assert_eq!(process.order("keep_seat", "1a", "k1").await, json!({"number": 2}));
    process.vendor.will(Next::Refuse);
    assert_eq!(process.order("order_seat", "2b", "k2").await["error"]["code"], "upstream_rejected");
    assert_eq!(process.order("order_seat", "2b", "k2").await, json!({"number": 3}));
}

#[tokio::test]
async fn a_call_that_died_on_its_way_is_looked_for_once_its_time_is_over() {
    on_each_database(async |database| {
        let process = Process::alone(&database);
        process.vendor.will(Next::Hang);
        let dying = process.order("order_seat", "1a", "k1");
        let reached = async {
            while process.vendor.keys.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        // The connection breaks, or the process dies: nobody polls the call any more.
        tokio::select! { _ = dying => unreachable!(), () = reached => {} }
        assert_eq!(process.order("order_seat", "1a", "k1").await["error"]["code"], "conflict");
        process.clock.advance(Duration::from_secs(76));
        assert_eq!(
            process.order("order_seat", "1a", "k1").await,
            json!({"number": 1}),
            "found not to be there, and made"
        );
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_before_anything_happens() {
    let process = Process::alone(&TestDatabase::sqlite());
    for key in [json!(""), json!("with space"), json!("x".repeat(129)), json!(7), json!("ä")] {
        let answer = process.run(&call("tester"), "order_seat", json!({"seat": "1a", "idempotency_key": key})).await;
        assert_eq!(answer["error"]["details"]["faults"][0]["field"], "/idempotency_key", "{key}: {answer}");
    }
    let with_header = call("tester").with_idempotency_key(Some("other".parse().unwrap()));
    let answer = process.run(&with_header, "order_seat", json!({"seat": "1a", "idempotency_key": "k1"})).await;
    assert_eq!(answer["error"]["code"], "invalid_argument");
    assert_eq!(process.vendor.orders(), 0);
}
