//! The same key answers with the first result: a call that is repeated because its answer was lost is made once.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rmcp::model::JsonObject;
use serde_json::Value;

use crate::audit::ArgumentsDigest;
use crate::clock::{Clock, UnixMillis, after};
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::store::idempotency::{self, Attempt, State};
use crate::tool::{Access, Call, added};

pub(super) use crate::store::idempotency::Slot;

/// Longest key, in characters. As long as a UUID with a prefix ever is, and Stripe's keys twice over.
const LENGTH_MAX: usize = 128;

/// How much longer than its deadline an attempt counts as under way.
const MARGIN: Duration = Duration::from_secs(15);

/// What a caller names a call by, so that repeating it is safe: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        let expected = format!("1 to {LENGTH_MAX} visible ASCII characters, the same for each repetition");
        Err(Error::invalid_argument(added::KEY, "is not a key", expected, Some("\"lead-4711-note-1\"")))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Takes the key out of the arguments, or the one that came with the call.
///
/// # Errors
/// `invalid_argument` if it is not a key, or there are two.
pub(super) fn take(access: Access, call: &Call, arguments: &mut JsonObject) -> Result<Option<IdempotencyKey>> {
    if access.is_read() {
        return Ok(None);
    }
    let given = match arguments.shift_remove(added::KEY) {
        None => return Ok(call.idempotency_key.clone()),
        Some(Value::String(text)) => text.parse::<IdempotencyKey>()?,
        Some(_) => return "".parse().map(Some),
    };
    match &call.idempotency_key {
        Some(other) if *other != given => Err(Error::invalid_argument(
            added::KEY,
            "is not the key of the request's header",
            "one key for one call",
            None,
        )),
        _ => Ok(Some(given)),
    }
}

/// What is known of a key before a call is made.
#[derive(Debug)]
pub(super) enum Before {
    Nothing,
    /// The first result.
    Answered(Value),
    /// Somebody tried, and nobody knows how it ended.
    Lost {
        begun_at_ms: UnixMillis,
    },
}

/// The book of keys.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) kept_for: Duration,
}

impl Ledger {
    /// What is known of a key.
    ///
    /// # Errors
    /// `conflict` if it belongs to another call, or the call is under way.
    pub(super) async fn look(&self, slot: &Slot<'_>, digest: &ArgumentsDigest) -> Result<Before> {
        let now_ms = self.clock.now_ms();
        let Some(known) = idempotency::find(&self.db, slot, now_ms).await? else { return Ok(Before::Nothing) };
        if known.arguments_digest != digest.to_string() {
            return Err(Error::new(
                ErrorCode::Conflict,
                "this `idempotency_key` belongs to a call with other arguments",
            )
            .with_hint("take a new key for a new call"));
        }
        match (known.state, known.answer) {
            (State::Answered, Some(answer)) => serde_json::from_str(&answer)
                .map(Before::Answered)
                .map_err(|source| Error::internal("the first answer cannot be read", source)),
            (State::Begun, _) if known.busy_until_ms > now_ms => Err(under_way()),
            (State::Begun | State::Answered | State::Lost, _) => Ok(Before::Lost { begun_at_ms: known.begun_at_ms }),
        }
    }

    /// Takes a key for an attempt that lasts at most `deadline`.
    ///
    /// # Errors
    /// `conflict` if somebody else has just taken it.
    pub(super) async fn claim<'call>(
        &self,
        slot: Slot<'call>,
        digest: &ArgumentsDigest,
        deadline: Duration,
    ) -> Result<Attempt<'call>> {
        let now_ms = self.clock.now_ms();
        let attempt = Attempt {
            slot,
            // Only has to differ from the other attempts of this key.
            id: format!("{:032x}", fastrand::u128(..)),
            arguments_digest: digest.to_string(),
            busy_until_ms: after(now_ms, deadline.saturating_add(MARGIN)),
            expires_at_ms: after(now_ms, self.kept_for),
        };
        if idempotency::claim(&self.db, &attempt, now_ms).await? { Ok(attempt) } else { Err(under_way()) }
    }

    /// Writes down how an attempt ended. What cannot be written counts as lost once its time is over.
    pub(super) async fn settle(&self, attempt: &Attempt<'_>, outcome: &Result<Value>) {
        let settled = match outcome {
            Ok(answer) => idempotency::settle(&self.db, attempt, State::Answered, Some(&answer.to_string())).await,
            Err(error) if error.is_outcome_unknown() => idempotency::settle(&self.db, attempt, State::Lost, None).await,
            Err(_) => idempotency::release(&self.db, attempt).await,
        };
        if let Err(error) = settled {
            let cause = error.cause();
            let tool = attempt.slot.tool;
            tracing::error!(tool.name = tool, error.cause = cause, "the end of a keyed `{tool}` was not written down");
        }
    }
}

fn under_way() -> Error {
    Error::new(ErrorCode::Conflict, "a call with this `idempotency_key` is under way")
        .with_hint("wait, then repeat the call with the same key")
        .with_retry_after(Duration::from_secs(1))
}
