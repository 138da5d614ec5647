//! The one way out: every request to a vendor takes the same layers, in this order.
//!
//! ```text
//! cache → retry → rate limit → circuit breaker → timeout → egress guard → send
//! ```
//!
//! The typed client above decides what is asked; the layers decide whether, when and how often it leaves the process.
//! An answer of any status that the layers have no remedy for is returned as it is: only the typed client knows its vendor's errors.

mod broken;
mod cache;
mod call;
mod circuit_breaker;
mod egress;
mod message;
mod rate_limit;
mod reach;
mod retry;
mod send;
mod settings;
mod stream;
mod timeout;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::error::{Error, ErrorCode, LostChange, Result};
use crate::tenant::TenantId;
use cache::Cache;
use call::{Call, Failure};
use circuit_breaker::CircuitBreaker;
use egress::{Egress, OwnPorts};
use rate_limit::RateLimit;
use retry::Retry;
use send::Sender;
use timeout::Timeout;

pub use message::{BudgetKey, HttpRequest, HttpResponse, Repeat};
pub use rate_limit::{Budget, BudgetSnapshot, RateHeaders};
pub use settings::HttpSettings;
pub use stream::HttpStream;

/// Sends requests to vendors. Cheap to clone; all clones share budgets, cache, circuit breakers and connections.
#[derive(Clone)]
pub struct HttpClient {
    settings: Arc<HttpSettings>,
    clock: Clock,
    own_ports: OwnPorts,
    egress: Arc<Egress>,
    stack: Arc<Cache>,
}

impl HttpClient {
    /// Puts the layers together. Opens nothing: connections and TLS roots wait for the first request.
    #[must_use]
    pub fn new(settings: HttpSettings, clock: Clock) -> Self {
        let own_ports = OwnPorts::default();
        let egress = Arc::new(Egress::new(&settings, own_ports.clone(), Sender::new(&settings)));
        let breaker = CircuitBreaker::new(&settings, Timeout::new(&settings, Arc::clone(&egress)));
        let retry = Retry::new(&settings, RateLimit::new(&settings, breaker));
        let stack = Arc::new(Cache::new(&settings, retry));
        Self { settings: Arc::new(settings), clock, own_ports, egress, stack }
    }

    /// Sends one request for a tenant and returns the answer, whatever its status.
    ///
    /// # Errors
    /// `upstream_unavailable` if no answer came or the host is left alone after failures; `rate_limited`, with the
    /// wait, if the budget has no room before the deadline or the day's share is used up; `deadline_exceeded` if the
    /// time ran out or the call was cancelled; `failed_precondition` if the address is not one that may be reached or
    /// the answer is too large; `internal` for an undeclared budget.
    pub async fn send(&self, tenant: &TenantId, request: HttpRequest) -> Result<HttpResponse> {
        let deadline = request.deadline.unwrap_or_else(|| self.settings.deadline());
        let call = Call::new(tenant, &request, &self.clock, deadline);
        // Apart from its caller's future, which is much smaller and mostly answers without a request.
        let work = Box::pin(self.stack.send(&call));
        let answer = match &request.cancel {
            None => work.await,
            Some(cancel) if cancel.is_cancelled() => return Err(cancelled()),
            Some(cancel) => {
                cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(Failure::NotSent(cancelled())))
            }
        };
        answer.map_err(Failure::into_error)
    }

    /// Sends one request once and returns the answer as it begins, its body still to come: for protocols that keep a
    /// connection open, whose clients know when to repeat and whom to leave alone. Only the deadline until the answer
    /// begins and the egress guard are kept here; its bounds are its reader's.
    ///
    /// # Errors
    /// `upstream_unavailable` if no answer came; `deadline_exceeded`; `failed_precondition` if the address is not one
    /// that may be reached. Where nothing has left this process, the error says [`LostChange::NotMade`].
    pub async fn open(&self, tenant: &TenantId, request: HttpRequest) -> Result<HttpStream> {
        let deadline = request.deadline.unwrap_or_else(|| self.settings.deadline());
        let call = Call::new(tenant, &request, &self.clock, deadline);
        let opened = call.within(deadline, self.egress.open(&call)).await;
        match opened {
            Some(Ok(stream)) => Ok(stream),
            Some(Err(Failure::NotSent(error))) => Err(error.with_lost_change(LostChange::NotMade)),
            Some(Err(failure)) => Err(failure.into_error()),
            None => Err(call.out_of_time()),
        }
    }

    /// Declares what may be spent under a key. Declaring again changes the limits and keeps what was spent.
    pub fn declare_budget(&self, key: &BudgetKey, budget: Budget) {
        self.stack.rate_limit().declare(key, budget);
    }

    /// What is left of a budget, as far as this process and the vendor's last answer know; `None` if undeclared.
    #[must_use]
    pub fn budget(&self, key: &BudgetKey) -> Option<BudgetSnapshot> {
        self.stack.rate_limit().snapshot(key, self.clock.now_ms())
    }

    /// Lets requests reach a port that this process itself has opened on loopback.
    pub fn allow_own_port(&self, address: SocketAddr) {
        self.own_ports.add(address);
    }

    /// Forgets a tenant's cached answers whose URL begins with `url_prefix`, also those that are on their way.
    /// Called after a change, so that the next read sees it.
    pub fn invalidate(&self, tenant: &TenantId, url_prefix: &str) {
        self.stack.invalidate(tenant, url_prefix, self.clock.now_ms());
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn cancelled() -> Error {
    Error::new(ErrorCode::DeadlineExceeded, "the call was cancelled")
        .with_hint("if it was a change, read back whether it took place")
}
