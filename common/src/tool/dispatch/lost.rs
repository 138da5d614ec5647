//! A change whose answer was lost: looked for before anybody is told that nobody knows.

use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Dispatch, unbroken};
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, LostChange, Result};
use crate::tool::registry::Entry;
use crate::tool::{Call, ReadBack};

/// How long looking for a change may take.
const PATIENCE: Duration = Duration::from_secs(10);

impl Dispatch {
    /// Makes a change; where its answer is lost, looks for what it has left behind.
    pub(super) async fn answer_or_find(&self, entry: &Entry, call: &Call, arguments: Value) -> Result<Value> {
        if entry.is_idempotent {
            return self.answer(entry, call, arguments).await.map_err(|error| {
                if is_answer_lost(&error) {
                    told(error, LostChange::OutcomeUnknown, "the change may have been made; repeating the call is safe")
                } else {
                    error
                }
            });
        }
        let since_ms = self.clock.now_ms();
        let error = match self.answer(entry, call, arguments.clone()).await {
            Err(error) if is_answer_lost(&error) => error,
            settled => return settled,
        };
        match self.find(entry, call, arguments, since_ms).await {
            ReadBack::Done(answer) => Ok(answer),
            ReadBack::NotDone => {
                Err(told(error, LostChange::NotMade, "the change was looked for and is not there: call again"))
            }
            ReadBack::Unknown => {
                let hint = "outcome unknown: the change may have been made, so look for it before you call again";
                Err(told(error, LostChange::OutcomeUnknown, hint))
            }
        }
    }

    /// Looks for what a call made after `since_ms` has left behind.
    pub(super) async fn find(
        &self,
        entry: &Entry,
        call: &Call,
        arguments: Value,
        since_ms: UnixMillis,
    ) -> ReadBack<Value> {
        // The call itself may be over: its deadline passed, its client gone.
        let inquiry = Call::new(call.caller.clone(), CancellationToken::new(), PATIENCE)
            .with_trace(call.trace_id.clone())
            .with_idempotency_key(call.idempotency_key.clone());
        let looking = unbroken(entry.read_back(&inquiry, arguments, since_ms));
        self.bounded(&inquiry, looking).await.unwrap_or(ReadBack::Unknown)
    }
}

/// Whether the vendor may have been faster than the failure.
fn is_answer_lost(error: &Error) -> bool {
    match error.code() {
        ErrorCode::DeadlineExceeded | ErrorCode::UpstreamUnavailable | ErrorCode::Internal => true,
        ErrorCode::InvalidArgument
        | ErrorCode::Unauthenticated
        | ErrorCode::PermissionDenied
        | ErrorCode::EntitlementRequired
        | ErrorCode::ApprovalRequired
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::FailedPrecondition
        | ErrorCode::RateLimited
        | ErrorCode::UpstreamRejected => false,
    }
}

fn told(error: Error, lost_change: LostChange, hint: &str) -> Error {
    error.with_lost_change(lost_change).with_hint(hint)
}
