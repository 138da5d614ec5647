//! Saying yes first: what cannot be taken back happens only as a plan that a person, or the settings, let through.
//!
//! The first call answers with its plan; nothing has happened. A second call that names the plan does exactly that, once:
//! the same caller, tool and arguments, a plan that still says the same, before it expires. A yes comes from the person
//! in front of the client (the state that travels there and back is sealed) or from an administrator through the inbox.

mod asking;
mod brake;
mod cap;
mod executing;
mod inbox;
mod proposing;
mod refusal;
mod row;
mod seal;
mod settings;
mod words;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::audit::{ArgumentsDigest, AuditLog};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::plan::{ApprovalMode, PlanId, ProposedPlan};
use crate::secrets::{SealingKey, Secrets};
use crate::tenant::TenantId;
use crate::tool::registry::Entry;
use crate::tool::{Access, Call, added};

pub use asking::{Question, Standing};
pub(crate) use inbox::INBOX_URI;
pub use inbox::{InboxItem, Voice};
pub use settings::{ApprovalSettings, TenantApprovalSettings};
pub(crate) use words::in_words;

use brake::Brake;
use seal::Binding;

/// What the person in front of the client said, when they were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Yes,
    No,
    /// They closed the question without an answer.
    Nothing,
}

/// An answer from in front of the client, with the state that went there with the question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// As [`Approvals::state`] made it; whatever else it is, it is refused.
    pub state: String,
    pub said: Said,
}

/// Plans, yeses and stops of all tenants. Cheap to clone; touches the database only for calls that change something.
#[derive(Clone)]
pub struct Approvals {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    clock: Clock,
    audit: AuditLog,
    settings: ApprovalSettings,
    brake: Brake,
    secrets: Secrets,
    decided: broadcast::Sender<(TenantId, PlanId)>,
}

/// One call that wants to change something, checked and ready.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) entry: &'a Entry,
    pub(super) call: &'a Call,
    /// What this call does.
    pub(super) access: Access,
    pub(super) arguments: &'a Value,
    pub(super) digest: ArgumentsDigest,
}

impl Approvals {
    /// `db` carries the migrations of `common`.
    #[must_use]
    pub fn new(db: Db, clock: Clock, audit: AuditLog, secrets: Secrets, settings: ApprovalSettings) -> Self {
        let (decided, _) = broadcast::channel(asking::DECISIONS_KEPT);
        let inner = Inner { db, clock, audit, settings, brake: Brake::default(), secrets, decided };
        Self { inner: Arc::new(inner) }
    }

    /// Whether the person in front of the client may be asked.
    pub(crate) fn asks_at_client(&self) -> bool {
        self.inner.settings.ask_at_client
    }

    /// Advertises the plan's id on a tool that waits for a yes by this tenant's settings alone. A client that keeps to the
    /// schema could not name the plan otherwise.
    pub(crate) fn offer_by_settings(&self, tenant: &TenantId, access: Access, definition: &mut Definition) {
        if !super::access::is_irreversible(access) && self.inner.settings.mode(tenant, access) != ApprovalMode::Auto {
            added::offer_plan(Arc::make_mut(&mut definition.input_schema));
        }
    }

    /// The state that goes with the question to the person in front of the client.
    ///
    /// # Errors
    /// Those of [`Secrets::sealing_key`].
    pub(crate) async fn state(&self, call: &Call, proposed: &ProposedPlan) -> Result<String> {
        let arguments = ArgumentsDigest::from_bytes(proposed.arguments_digest);
        let binding = Binding { caller: &call.caller, tool: &proposed.tool, arguments };
        Ok(seal::seal(&self.key().await?, &binding, (proposed.plan_id, proposed.expires_at_ms)))
    }

    /// Returns when the plan has expired: so long a person may think.
    pub(crate) async fn expired(&self, proposed: &ProposedPlan) {
        let left_ms = proposed.expires_at_ms.saturating_sub(self.inner.clock.now_ms());
        self.inner.clock.sleep(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))).await;
    }

    async fn key(&self) -> Result<SealingKey> {
        self.inner.secrets.sealing_key("approvals").await
    }

    /// Takes the plan's id out of the arguments of a tool that may need one; the tool never sees it.
    ///
    /// # Errors
    /// `invalid_argument` if it is no plan id, or another than the request names elsewhere.
    pub(super) fn take_plan_id(
        &self,
        entry: &Entry,
        call: &Call,
        arguments: &mut JsonObject,
    ) -> Result<Option<PlanId>> {
        let mode = self.inner.settings.mode(call.tenant(), entry.access);
        let is_taken = super::access::is_irreversible(entry.access) || mode != ApprovalMode::Auto;
        let taken = is_taken.then(|| arguments.shift_remove(added::PLAN)).flatten();
        let Some(taken) = taken else { return Ok(call.approval) };
        let named = taken.as_str().and_then(PlanId::parse);
        match named {
            Some(named) if call.approval.is_none_or(|approval| approval == named) => Ok(Some(named)),
            _ => Err(Error::invalid_argument(
                added::PLAN,
                "is not the id of one plan",
                "the `plan_id` of an earlier answer",
                Some("\"pln_01999999-9999-7999-8999-999999999999\""),
            )),
        }
    }

    /// Lets a change through, or says what is missing. Returns the plan that was spent for it, if it needed one.
    ///
    /// # Errors
    /// `approval_required` with the plan; `permission_denied` after a no or a stop; `conflict` where a plan does not fit
    /// the call; `rate_limited` over a daily cap; those of the tool's plan and of the database.
    pub(super) async fn admit(&self, asked: Asked<'_>, named: Option<PlanId>) -> Result<Option<PlanId>> {
        let Asked { entry, call, access, .. } = asked;
        let (inner, tenant) = (&self.inner, call.tenant());
        let mode = inner.settings.mode(tenant, access);
        let needs_no_plan = mode == ApprovalMode::Auto && named.is_none() && call.answer.is_none();
        match access {
            Access::Read => return Ok(None),
            Access::Write if needs_no_plan => {
                inner.brake.check_lately(&inner.db, &inner.clock, tenant).await?;
                return Ok(None);
            }
            Access::Write | Access::Send | Access::Destroy | Access::Spend => brake::check(&inner.db, tenant).await?,
        }
        let named = match &call.answer {
            Some(answer) => Some(self.hear(asked, answer).await?),
            None => named,
        };
        match named {
            Some(plan_id) => self.execute(asked, mode, plan_id).await.map(Some),
            None if needs_no_plan && access == Access::Destroy => Ok(None),
            None => {
                let plan = entry.plan(call, asked.arguments.clone(), access).await?;
                let wanted = cap::allowances(access, &plan, inner.settings.caps(tenant));
                if needs_no_plan {
                    self.count(asked, &wanted).await
                } else {
                    self.propose(asked, mode, plan, &wanted).await
                }
            }
        }
    }
}

impl fmt::Debug for Approvals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Approvals").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}
