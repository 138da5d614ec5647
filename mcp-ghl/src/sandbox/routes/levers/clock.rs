//! `/__sandbox/clock`: what time it is in the emulator.

use axum::Json;
use axum::extract::State;
use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::instants;
use crate::sandbox::time::LAST_MS;

/// What the clock shows.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    now: String,
    now_ms: UnixMillis,
    /// How far it is from the machine's clock.
    offset_ms: i64,
}

/// Where the clock is to go: one of the two.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Move {
    /// Forward by so many milliseconds.
    AdvanceMs(u32),
    /// To an instant: ISO 8601, or milliseconds since 1970 as text.
    Set(String),
}

pub(super) async fn show(State(sandbox): State<Sandbox>) -> Json<Shown> {
    Json(shown(&sandbox))
}

pub(super) async fn set(State(sandbox): State<Sandbox>, Json(to): Json<Move>) -> Result<Json<Shown>, Refusal> {
    let now_ms = match to {
        Move::AdvanceMs(span_ms) => sandbox.now_ms().saturating_add(span_ms.into()),
        Move::Set(text) => instants::parse(&text)
            .filter(|instant_ms| (0..=LAST_MS).contains(instant_ms))
            .ok_or_else(|| Refusal::bad_request("`set` must be an instant such as 2027-01-31T09:00:00Z"))?,
    };
    sandbox.inner.time.set(now_ms);
    Ok(Json(shown(&sandbox)))
}

/// Back to the machine's clock.
pub(super) async fn reset(State(sandbox): State<Sandbox>) -> Json<Shown> {
    sandbox.inner.time.reset();
    Json(shown(&sandbox))
}

fn shown(sandbox: &Sandbox) -> Shown {
    let now_ms = sandbox.now_ms();
    Shown { now: instants::iso(now_ms), now_ms, offset_ms: sandbox.inner.time.offset_ms() }
}
