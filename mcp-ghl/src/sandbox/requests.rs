//! The log of what was asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{Method, StatusCode};
use common::clock::UnixMillis;
use serde::Serialize;

/// Requests the log remembers; older ones fall out.
const LINES_MAX: usize = 1_000;

/// One answered request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogLine {
    pub(crate) at_ms: UnixMillis,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) version: Option<String>,
    pub(crate) status: u16,
}

/// What this process was asked.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    lines: Mutex<VecDeque<LogLine>>,
}

impl RequestLog {
    pub(crate) fn record(
        &self,
        at_ms: UnixMillis,
        method: &Method,
        target: String,
        version: Option<String>,
        status: StatusCode,
    ) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(LogLine { at_ms, method: method.to_string(), target, version, status: status.as_u16() });
    }

    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
