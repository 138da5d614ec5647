//! A call that carries an idempotency key is made once, however often it comes.

use serde_json::Value;

use super::{Dispatch, Work, ending};
use crate::error::{Error, Result};
use crate::plan::PlanId;
use crate::tool::ReadBack;
use crate::tool::idempotency::{Before, IdempotencyKey, Slot};

impl Dispatch {
    /// Answers with the first result if there is one; otherwise makes the call, unless nobody can tell whether it has
    /// been made.
    pub(super) async fn once(&self, work: Work<'_>, named: Option<PlanId>, key: IdempotencyKey) -> Result<Value> {
        let keyed = work.call.clone().with_idempotency_key(Some(key.clone()));
        let work = Work { call: &keyed, ..work };
        let slot =
            Slot { tenant: keyed.tenant(), subject: keyed.caller.subject(), tool: work.entry.name, key: key.as_str() };
        let digest = work.record.arguments;
        let lost_since_ms = match self.ledger.look(&slot, &digest).await {
            Err(error) => return self.refuse(work, error).await,
            Ok(Before::Answered(answer)) => {
                self.audit.read(&keyed.caller, work.record, ending(None, work.began)).await;
                return Ok(answer);
            }
            Ok(Before::Nothing) => None,
            Ok(Before::Lost { begun_at_ms }) => Some(begun_at_ms).filter(|_| !work.entry.is_idempotent),
        };
        let found = match lost_since_ms {
            None => ReadBack::NotDone,
            Some(since_ms) => self.find(work.entry, &keyed, work.arguments.clone(), since_ms).await,
        };
        match found {
            ReadBack::Unknown => return self.refuse(work, unknown()).await,
            ReadBack::Done(answer) => {
                let outcome = Ok(answer);
                // Whoever holds the key has the same answer to look for.
                if let Ok(attempt) = self.ledger.claim(slot, &digest, keyed.deadline).await {
                    self.ledger.settle(&attempt, &outcome).await;
                }
                self.audit.read(&keyed.caller, work.record, ending(None, work.began)).await;
                return outcome;
            }
            ReadBack::NotDone => {}
        }
        // Before a yes is spent: of two calls with one key only one may spend it.
        let attempt = match self.ledger.claim(slot, &digest, keyed.deadline).await {
            Ok(attempt) => attempt,
            Err(error) => return self.refuse(work, error).await,
        };
        let outcome = self.perform(work, named).await;
        self.ledger.settle(&attempt, &outcome).await;
        outcome
    }
}

fn unknown() -> Error {
    use crate::error::{ErrorCode, LostChange};
    Error::new(ErrorCode::Conflict, "outcome unknown: an earlier call with this `idempotency_key` may have been made")
        .with_hint("look for what it would have changed; if it is not there, call with a new key")
        .with_lost_change(LostChange::OutcomeUnknown)
}
