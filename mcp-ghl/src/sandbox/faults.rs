//! Faults ordered by a test, and the log of what was asked. Served only when `sandbox.test_levers` is on.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

/// How long an ordered timeout keeps a client waiting: longer than any of ours waits.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(2);

/// Requests the log remembers; older ones fall out.
const LOG_LINES_MAX: usize = 1_000;

/// Orders that may wait at once; further ones are refused.
const ORDERS_MAX: usize = 100;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// 429, as if the budget were spent.
    RateLimited,
    /// 500, nothing done.
    ServerError,
    /// No answer for two minutes, then 504; nothing done.
    Timeout,
    /// The write is done and answered with 422.
    DoneButUnprocessable,
    /// The write is done and answered with 500: its answer is lost.
    DoneButServerError,
}

/// "Let the next `count` matching calls fail like this."
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    kind: FaultKind,
    #[serde(default = "once")]
    count: u32,
    /// Only this method; any when absent.
    #[serde(default)]
    method: Option<String>,
    /// Only paths that begin so; any when absent.
    #[serde(default)]
    path_prefix: Option<String>,
}

fn once() -> u32 {
    1
}

/// One answered request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogLine {
    at_ms: UnixMillis,
    method: String,
    /// Path and query.
    target: String,
    version: Option<String>,
    status: u16,
}

/// The waiting orders and the log of this process.
#[derive(Debug, Default)]
pub(crate) struct Levers {
    orders: Mutex<Vec<Order>>,
    log: Mutex<VecDeque<LogLine>>,
}

impl Levers {
    /// Returns whether there was room for the order.
    pub(crate) fn order(&self, order: Order) -> bool {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = orders.len() < ORDERS_MAX;
        if has_room && order.count > 0 {
            orders.push(order);
        }
        has_room
    }

    /// The fault ordered for this call, if any; the oldest order that matches is used up by one.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<FaultKind> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let position = orders.iter().position(|order| {
            order.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
                && order.path_prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
        })?;
        let order = orders.get_mut(position)?;
        let kind = order.kind;
        order.count -= 1;
        if order.count == 0 {
            orders.remove(position);
        }
        Some(kind)
    }

    pub(crate) fn record(
        &self,
        at_ms: UnixMillis,
        method: &Method,
        target: String,
        version: Option<String>,
        status: StatusCode,
    ) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == LOG_LINES_MAX {
            log.pop_front();
        }
        log.push_back(LogLine { at_ms, method: method.to_string(), target, version, status: status.as_u16() });
    }

    pub(crate) fn log(&self) -> Vec<LogLine> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
