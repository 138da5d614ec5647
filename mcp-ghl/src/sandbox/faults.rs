//! Faults on order: which calls go wrong, how, how often and for how long.

mod effect;
mod pattern;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids::Scramble;
pub(crate) use effect::apply;
use pattern::PathPattern;

/// How long an ordered timeout keeps a client waiting unless the order says: longer than any of ours waits.
const TIMEOUT: Duration = Duration::from_mins(2);

/// How late a slow answer is unless the order says.
const DELAY: Duration = Duration::from_secs(3);

/// Orders that may wait at once; further ones are refused.
const ORDERS_MAX: usize = 100;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// 429, as if the budget of the window were spent.
    RateLimited,
    /// 429, as if the budget of the day were spent.
    DailyLimitSpent,
    /// 500, nothing done.
    ServerError,
    /// 502, nothing done.
    BadGateway,
    /// 503, nothing done.
    Unavailable,
    /// No answer for `delay_ms` (two minutes), then 504; nothing done.
    Timeout,
    /// The answer comes `delay_ms` (three seconds) late; all is done.
    Slow,
    /// The connection closes before an answer; nothing done.
    ConnectionReset,
    /// All is done; of the answer half comes, though `content-length` promises it whole, and the connection closes.
    TruncatedBody,
    /// All is done; the answer is not JSON to its end.
    MalformedJson,
    /// The write is done and answered with 422.
    DoneButUnprocessable,
    /// The write is done and answered with 500: its answer is lost.
    DoneButServerError,
}

/// "Let the next `count` matching calls fail like this." What is left out does not narrow it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) kind: FaultKind,
    /// How many calls; 1, or without end if there is a `duration_ms`.
    #[serde(default)]
    count: Option<u32>,
    /// For how long from the order on, by the emulator's clock.
    #[serde(default)]
    duration_ms: Option<i64>,
    /// Only this operation of the catalogue, such as `contacts.get-contact`, in either generation.
    #[serde(default)]
    operation: Option<String>,
    /// Only this method.
    #[serde(default)]
    method: Option<String>,
    /// Only paths that begin so.
    #[serde(default)]
    path_prefix: Option<String>,
    /// Only this path; `*` or `{name}` is any one segment.
    #[serde(default)]
    path: Option<String>,
    /// How likely a matching call fails, 0 to 1.
    #[serde(default)]
    probability: Option<f64>,
    /// The same seed chooses the same calls.
    #[serde(default)]
    seed: u64,
    /// How long the client waits, by the machine's clock.
    #[serde(default)]
    delay_ms: Option<u32>,
}

impl Order {
    /// Narrows an order that names an operation to its method and path.
    ///
    /// # Errors
    /// 400 for an operation that the catalogue does not know.
    pub(crate) fn resolved(mut self) -> Result<Self, Refusal> {
        if let Some(id) = &self.operation {
            let operation = Catalogue::embedded()?.operation(id);
            let operation = operation.ok_or_else(|| Refusal::bad_request(format!("there is no operation {id}")))?;
            self.method = Some(operation.method.to_string());
            self.path = Some(operation.path.to_string());
        }
        Ok(self)
    }
}

/// An order that waits.
#[derive(Debug)]
struct Waiting {
    order: Order,
    path: Option<PathPattern>,
    dice: Scramble,
    ends_at_ms: Option<UnixMillis>,
}

/// One fault that befalls one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    delay_ms: Option<u32>,
}

impl Fault {
    /// How long the client waits for this.
    fn delay(self) -> Duration {
        let usual = if self.kind == FaultKind::Timeout { TIMEOUT } else { DELAY };
        self.delay_ms.map_or(usual, |delay_ms| Duration::from_millis(delay_ms.into()))
    }
}

/// The waiting orders of this process.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<Waiting>>,
}

impl Faults {
    /// Returns whether there was room for the order.
    pub(crate) fn order(&self, mut order: Order, now_ms: UnixMillis) -> bool {
        let ends_at_ms = order.duration_ms.map(|span_ms| now_ms.saturating_add(span_ms));
        if ends_at_ms.is_none() {
            order.count.get_or_insert(1);
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|waiting| !waiting.is_over(now_ms));
        let has_room = waiting.len() < ORDERS_MAX;
        if has_room && order.count != Some(0) {
            let path = order.path.as_deref().map(PathPattern::new);
            let dice = Scramble::of(&format!("fault/{}", order.seed));
            waiting.push(Waiting { order, path, dice, ends_at_ms });
        }
        has_room
    }

    /// The fault ordered for this call, if any; the oldest order that matches is used up by one.
    pub(crate) fn take(&self, method: &Method, path: &str, now_ms: UnixMillis) -> Option<Fault> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|waiting| !waiting.is_over(now_ms));
        let waiting = all.iter_mut().find_map(|waiting| waiting.befalls(method, path).then_some(waiting))?;
        let order = &mut waiting.order;
        order.count = order.count.map(|count| count.saturating_sub(1));
        Some(Fault { kind: order.kind, delay_ms: order.delay_ms })
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self, now_ms: UnixMillis) -> Vec<Order> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|waiting| !waiting.is_over(now_ms));
        all.iter().map(|waiting| waiting.order.clone()).collect()
    }

    pub(crate) fn reset(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Waiting {
    fn is_over(&self, now_ms: UnixMillis) -> bool {
        self.order.count == Some(0) || self.ends_at_ms.is_some_and(|ends_at_ms| now_ms >= ends_at_ms)
    }

    /// Whether the order is about this call, and the dice want it.
    fn befalls(&mut self, method: &Method, path: &str) -> bool {
        let order = &self.order;
        let is_about = order.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && order.path_prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
            && self.path.as_ref().is_none_or(|pattern| pattern.matches(path));
        if !is_about {
            return false;
        }
        let Some(probability) = order.probability else { return true };
        let thrown = u32::try_from(self.dice.below(1_000_000)).unwrap_or(u32::MAX);
        f64::from(thrown) < probability * 1_000_000.0
    }
}
