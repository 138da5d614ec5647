//! Taking a change back: look whether it still can be, then send its reversals one by one, and write down after each
//! how far it has come, so that a later call goes on there.

use std::time::Duration;

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call};
use serde::{Deserialize, Serialize};

use crate::answer::contact_uri;
use crate::client::Site;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId, Made, Noted};
use crate::reversal::{Effect, Reversal, Standing};
use crate::store::journal::State;

/// How much longer than the call a change is kept from others: the last answer may come late.
const MARGIN: Duration = Duration::from_secs(15);

/// Whether somebody else's later change may be overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Trampling {
    #[default]
    Refused,
    Forced,
}

/// A change that is to be taken back.
pub(super) struct Undoing {
    pub(super) site: Site,
    pub(super) noted: Noted,
    reversals: Vec<Reversal>,
}

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Undone {
    /// What was done now, in words.
    pub(super) steps: Vec<String>,
    /// Fields that the vendor did not set back although it said so.
    pub(super) left: Vec<String>,
    /// The taking back, as a change that can be taken back itself.
    pub(super) change_id: Option<ChangeId>,
}

impl Undoing {
    /// Opens what takes a change back.
    ///
    /// # Errors
    /// `failed_precondition` if nothing does, its location is not connected, or its seal does not open any more.
    pub(super) async fn of(deps: &Deps, call: &Call, noted: Noted) -> Result<Self> {
        let site = deps.directory.site(call, Some(&noted.row.location_id)).await?;
        if noted.row.steps == 0 {
            return Err(Error::new(
                ErrorCode::FailedPrecondition,
                format!("a change of `{}` like this one cannot be taken back: {}", noted.row.tool, noted.row.summary),
            )
            .with_hint("what has gone out to a person stays so, and what was not known before cannot be restored"));
        }
        let reversals =
            if noted.row.state == State::Undone { Vec::new() } else { deps.journal.reversals(call, &noted).await? };
        Ok(Self { site, noted, reversals })
    }

    pub(super) fn is_undone(&self) -> bool {
        self.noted.row.state == State::Undone
    }

    /// The class of the call that makes what is left of it.
    pub(super) fn access(&self) -> Access {
        match self.left().iter().map(|reversal| reversal.effect).max() {
            None | Some(Effect::Writes) => Access::Write,
            Some(Effect::Reaches) => Access::Send,
            Some(Effect::Deletes) => Access::Destroy,
        }
    }

    /// Whether making it again is as simple.
    pub(super) fn is_reversible(&self) -> bool {
        self.reversals.iter().all(|reversal| reversal.again.is_some())
    }

    /// What is left to be done, in words.
    pub(super) fn words(&self) -> Vec<String> {
        self.left().iter().map(|reversal| reversal.says.clone()).collect()
    }

    fn left(&self) -> &[Reversal] {
        let made = usize::try_from(self.noted.row.steps_made).unwrap_or(usize::MAX);
        self.reversals.get(made..).unwrap_or_default()
    }

    /// What stands against it, before anything is sent: for each reversal that is left, whether it is still needed.
    ///
    /// # Errors
    /// `conflict` naming the fields that somebody has changed since, unless it is forced.
    pub(super) async fn examine(&self, deps: &Deps, trampling: Trampling) -> Result<Vec<Need>> {
        let (mut needs, mut changed) = (Vec::new(), Vec::new());
        for reversal in self.left() {
            let Some(check) = &reversal.check else {
                needs.push(Need::Needed);
                continue;
            };
            let answer = deps.client.look(&self.site, &check.read).await?;
            needs.push(match reversal.standing(check, answer.as_ref()) {
                Standing::Back => Need::Done,
                Standing::Holds => Need::Needed,
                Standing::Changed(fields) => {
                    changed.extend(fields);
                    Need::Needed
                }
                Standing::Elsewhere(fields) => return Err(elsewhere(&fields)),
                Standing::Gone => return Err(gone(&self.noted)),
            });
        }
        changed.dedup();
        match trampling {
            Trampling::Refused if !changed.is_empty() => Err(trampled(&changed)),
            Trampling::Refused | Trampling::Forced => Ok(needs),
        }
    }

    /// Takes it back, or the rest of it.
    ///
    /// # Errors
    /// As [`Undoing::examine`]; `conflict` if somebody else is at it; the vendor's refusals, after which a later call
    /// goes on where this one stopped.
    pub(super) async fn run(self, deps: &Deps, call: &Call, trampling: Trampling) -> Result<Undone> {
        let busy_for = Some(call.deadline.saturating_add(MARGIN));
        deps.journal.claim(call, &self.noted, call.deadline.saturating_add(MARGIN)).await?;
        let mut made = usize::try_from(self.noted.row.steps_made).unwrap_or(usize::MAX);
        let mut undone = Undone::default();
        let ended = async {
            for (reversal, need) in self.left().iter().zip(self.examine(deps, trampling).await?) {
                if need == Need::Needed {
                    undone.left.extend(self.make(deps, reversal).await?);
                    undone.steps.push(reversal.says.clone());
                }
                made = made.saturating_add(1);
                deps.journal.settle(call, &self.noted, Made { steps: made, busy_for }).await?;
            }
            Ok(())
        }
        .await;
        deps.journal.settle(call, &self.noted, Made { steps: made, busy_for: None }).await?;
        if !undone.steps.is_empty() {
            self.announce(deps, call);
        }
        if let Err(error) = ended {
            return Err(self.halted(error, made));
        }
        undone.change_id = self.note(deps, call).await;
        Ok(undone)
    }

    /// Sends one reversal and looks whether it has taken effect: that the vendor accepts a request is no proof.
    async fn make(&self, deps: &Deps, reversal: &Reversal) -> Result<Vec<String>> {
        match deps.client.replay(&self.site, &reversal.request).await {
            // Deleted meanwhile: that is what was wanted.
            Err(error) if error.code() == ErrorCode::NotFound && reversal.effect == Effect::Deletes => {}
            answered => _ = answered?,
        }
        let Some(check) = reversal.check.as_ref().filter(|_| reversal.request.method != "DELETE") else {
            return Ok(Vec::new());
        };
        let answer = deps.client.look(&self.site, &check.read).await.unwrap_or_else(|error| {
            tracing::info!(error.code = %error.code(), "what was taken back could not be read again");
            None
        });
        Ok(answer.map_or_else(Vec::new, |answer| check.left(&answer)))
    }

    /// Tells who follows the contact, and forgets what is remembered of names that may have changed.
    fn announce(&self, deps: &Deps, call: &Call) {
        deps.directory.forget_tags(&self.site);
        deps.directory.forget_custom_fields(&self.site);
        if let Some(contact_id) = &self.noted.row.contact_id {
            deps.changes.announce(call.tenant(), contact_uri(&self.site, contact_id));
        }
    }

    /// Notes the taking back, if making it again is as simple. What was deleted is not: it would come back as another
    /// record.
    async fn note(&self, deps: &Deps, call: &Call) -> Option<ChangeId> {
        let again: Option<Vec<Reversal>> = self.reversals.iter().rev().cloned().map(Reversal::turned).collect();
        let row = &self.noted.row;
        let change = Change {
            tool: UNDO,
            summary: format!("took back: {}", row.summary),
            record: (row.record_kind.clone().into(), row.record_id.clone()),
            contact: row.contact_id.as_deref().and_then(|id| id.parse().ok()),
            undo: again?,
        };
        deps.journal.note_undoing(call, &self.site, change, Some(self.noted.id)).await
    }

    fn halted(&self, error: Error, made: usize) -> Error {
        if made == 0 {
            return error;
        }
        let hint = format!(
            "{made} of {} steps are taken back: call `undo_change` with `{}` again to go on",
            self.noted.row.steps, self.noted.id
        );
        error.with_hint(hint)
    }
}

/// Under which name taking back is noted.
const UNDO: &str = "undo_change";

/// Whether a reversal has still to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Needed,
    Done,
}

fn trampled(fields: &[String]) -> Error {
    let message = format!("somebody has changed this since: {}", fields.join(", "));
    Error::new(ErrorCode::Conflict, message).with_hint("look at the record; `force: true` takes it back all the same")
}

fn elsewhere(fields: &[String]) -> Error {
    let message = format!("the record no longer has what it was found by: {}", fields.join(", "));
    Error::new(ErrorCode::Conflict, message).with_hint("correct it by hand: another record could be hit")
}

fn gone(noted: &Noted) -> Error {
    let message = format!("the {} is no longer there", noted.row.record_kind);
    Error::new(ErrorCode::Conflict, message).with_hint("nothing is left that could be taken back")
}
