//! Rate limit: waits, first come first served, until the declared budget and the vendor's headers leave room.
//!
//! Budgets are per process. Processes that share one vendor budget learn of each other from the vendor's headers only.

mod headers;
mod window;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use super::call::{Call, Failure};
use super::circuit_breaker::CircuitBreaker;
use super::message::{BudgetKey, HttpResponse};
use super::settings::HttpSettings;
use crate::clock::{Clock, UnixMillis};
use crate::error::{Error, ErrorCode};
use headers::Reading;
use window::{Turn, Window};

pub(super) use headers::INTERVAL_MAX;
pub use headers::RateHeaders;
pub use window::{Budget, BudgetSnapshot};

/// Hosts whose concurrency is tracked before idle ones are forgotten.
const HOSTS_MAX: usize = 1_024;

pub(super) struct RateLimit {
    inner: CircuitBreaker,
    budgets: Mutex<HashMap<BudgetKey, Arc<Ledger>>>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    concurrency_per_host_max: usize,
}

impl RateLimit {
    pub(super) fn new(settings: &HttpSettings, inner: CircuitBreaker) -> Self {
        Self {
            inner,
            budgets: Mutex::default(),
            hosts: Mutex::default(),
            concurrency_per_host_max: settings.concurrency_per_host_max.clamp(1, Semaphore::MAX_PERMITS),
        }
    }

    pub(super) fn declare(&self, key: &BudgetKey, budget: Budget) {
        let mut budgets = lock(&self.budgets);
        match budgets.get(key) {
            Some(ledger) => lock(&ledger.window).budget = budget,
            None => drop(budgets.insert(key.clone(), Arc::new(Ledger::new(budget)))),
        }
    }

    pub(super) fn snapshot(&self, key: &BudgetKey, now_ms: UnixMillis) -> Option<BudgetSnapshot> {
        let ledger = lock(&self.budgets).get(key).cloned()?;
        let snapshot = lock(&ledger.window).snapshot(now_ms);
        Some(snapshot)
    }

    /// What an answer's headers say about the budget of the call.
    pub(super) fn reading(&self, call: &Call<'_>, response: &HttpResponse) -> Option<Reading> {
        let ledger = self.ledger(call).ok()??;
        let reading = Reading::of(&lock(&ledger.window).budget.headers, response, call.clock.now_ms());
        Some(reading)
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        let Some(ledger) = self.ledger(call).map_err(Failure::NotSent)? else {
            return self.send_when_host_has_room(call).await;
        };
        let mut slot = ledger.slot(call).await.map_err(Failure::NotSent)?;
        let answer = self.send_when_host_has_room(call).await;
        match &answer {
            Ok(response) => slot.learn(response),
            Err(Failure::NotSent(_)) => slot.is_used = false,
            Err(Failure::Unanswered(_) | Failure::Unusable(_)) => {}
        }
        answer
    }

    async fn send_when_host_has_room(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        let host = self.host(call);
        let Some(room) = call.within(Duration::MAX, host.acquire()).await else {
            return Err(Failure::NotSent(call.out_of_time()));
        };
        let _room = room.map_err(|closed| Failure::NotSent(Error::internal("the host's limit is closed", closed)))?;
        self.inner.send(call).await
    }

    fn ledger(&self, call: &Call<'_>) -> Result<Option<Arc<Ledger>>, Error> {
        let Some(key) = &call.request.budget else { return Ok(None) };
        match lock(&self.budgets).get(key) {
            Some(ledger) => Ok(Some(Arc::clone(ledger))),
            None => Err(Error::new(ErrorCode::Internal, format!("the rate budget `{key}` was not declared"))),
        }
    }

    fn host(&self, call: &Call<'_>) -> Arc<Semaphore> {
        let mut hosts = lock(&self.hosts);
        if let Some(host) = hosts.get(call.host()) {
            return Arc::clone(host);
        }
        if hosts.len() >= HOSTS_MAX {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = Arc::new(Semaphore::new(self.concurrency_per_host_max));
        hosts.insert(call.host().to_owned(), Arc::clone(&host));
        host
    }
}

/// One budget: what was spent, and the queue of those who wait.
struct Ledger {
    window: Mutex<Window>,
    /// Only the head of the queue looks at the window; the semaphore is fair.
    turnstile: Semaphore,
    queued: AtomicUsize,
    changed: Notify,
}

impl Ledger {
    fn new(budget: Budget) -> Self {
        Self {
            window: Mutex::new(Window::new(budget)),
            turnstile: Semaphore::new(1),
            queued: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// Waits for room, at most until the deadline.
    async fn slot<'a>(&'a self, call: &Call<'a>) -> Result<Slot<'a>, Error> {
        let place = Place::take(&self.queued);
        let wait = lock(&self.window).wait_at_least(place.ahead, call.clock.now_ms());
        if wait > call.remaining() {
            return Err(no_room(call, wait));
        }
        match call.within(Duration::MAX, self.turn(call)).await {
            Some(slot) => slot,
            None => Err(no_room(call, lock(&self.window).wait_at_least(0, call.clock.now_ms()))),
        }
    }

    async fn turn<'a>(&'a self, call: &Call<'a>) -> Result<Slot<'a>, Error> {
        let _turn = self.turnstile.acquire().await.map_err(|closed| Error::internal("the queue is closed", closed))?;
        loop {
            let turn = lock(&self.window).take(call.clock.now_ms());
            match turn {
                Turn::Now { sequence } => {
                    return Ok(Slot { ledger: self, clock: call.clock, sequence, is_used: true });
                }
                Turn::NotToday { wait } => return Err(no_room(call, wait)),
                Turn::In { wait } => {
                    tokio::select! {
                        () = call.clock.sleep(wait) => {}
                        () = self.changed.notified() => {}
                    }
                }
                Turn::AfterAnAnswer => self.changed.notified().await,
            }
        }
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    queued: &'a AtomicUsize,
    ahead: usize,
}

impl<'a> Place<'a> {
    fn take(queued: &'a AtomicUsize) -> Self {
        Self { queued, ahead: queued.fetch_add(1, Ordering::AcqRel) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queued.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One request's share of the window, from before it is sent; it ages from when it is dropped.
///
/// Ageing from the answer and not from the sending makes the promise hold where the vendor counts: between two
/// requests that are a window apart by this rule, no delay on the way can bring their arrivals closer.
struct Slot<'a> {
    ledger: &'a Ledger,
    clock: &'a Clock,
    sequence: u64,
    is_used: bool,
}

impl Slot<'_> {
    fn learn(&self, response: &HttpResponse) {
        lock(&self.ledger.window).learn(self.sequence, response, self.clock.now_ms());
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut window = lock(&self.ledger.window);
        if self.is_used {
            window.release(self.clock.now_ms());
        } else {
            window.give_back();
        }
        drop(window);
        self.ledger.changed.notify_one();
    }
}

fn no_room(call: &Call<'_>, wait: Duration) -> Error {
    let message = format!("the rate budget for `{}` has no room before the deadline", call.host());
    Error::new(ErrorCode::RateLimited, message).with_hint("wait, or ask for less").with_retry_after(wait)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
