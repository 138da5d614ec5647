//! Saying yes first: what cannot be taken back happens only as a plan that a person, or the settings, let through.
//!
//! The first call answers with its plan; nothing has happened. A second call that names the plan does exactly that, once:
//! the same caller, tool and arguments, a plan that still says the same, before it expires. A yes comes from the person
//! in front of the client (the state that travels there and back is sealed) or from an administrator through the inbox.

mod brake;
mod cap;
mod inbox;
mod seal;
mod settings;
mod words;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::JsonObject;
use serde_json::Value;

use crate::audit::{self, ArgumentsDigest, AuditLog, Decision};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{ApprovalMode, Plan, PlanId, ProposedPlan};
use crate::secrets::{SealingKey, Secrets};
use crate::store::approvals::{self as store, Allowance, PlanRow, State};
use crate::tool::registry::Entry;
use crate::tool::{Access, Call};

pub(crate) use inbox::INBOX_URI;
pub use inbox::{InboxItem, Voice};
pub use settings::{ApprovalSettings, TenantApprovalSettings};
pub(crate) use words::in_words;

use brake::Brake;
use seal::Binding;

/// The argument that carries a plan's id, for clients that can set nothing but arguments.
pub(super) const PLAN_ARGUMENT: &str = "approval_plan_id";

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
}

/// One call that wants to change something, checked and ready.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) entry: &'a Entry,
    pub(super) call: &'a Call,
    pub(super) arguments: &'a Value,
    pub(super) digest: ArgumentsDigest,
}

impl Approvals {
    /// `db` carries the migrations of `common`.
    #[must_use]
    pub fn new(db: Db, clock: Clock, audit: AuditLog, secrets: Secrets, settings: ApprovalSettings) -> Self {
        let inner = Inner { db, clock, audit, settings, brake: Brake::default(), secrets };
        Self { inner: Arc::new(inner) }
    }

    /// Whether the person in front of the client may be asked.
    pub(crate) fn asks_at_client(&self) -> bool {
        self.inner.settings.ask_at_client
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
        let taken = is_taken.then(|| arguments.shift_remove(PLAN_ARGUMENT)).flatten();
        let Some(taken) = taken else { return Ok(call.approval) };
        let named = taken.as_str().and_then(PlanId::parse);
        match named {
            Some(named) if call.approval.is_none_or(|approval| approval == named) => Ok(Some(named)),
            _ => Err(Error::invalid_argument(
                PLAN_ARGUMENT,
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
        let Asked { entry, call, .. } = asked;
        let (inner, tenant) = (&self.inner, call.tenant());
        let mode = inner.settings.mode(tenant, entry.access);
        let needs_no_plan = mode == ApprovalMode::Auto && named.is_none() && call.answer.is_none();
        match entry.access {
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
            None if needs_no_plan && entry.access == Access::Destroy => Ok(None),
            None => {
                let plan = entry.plan(call, asked.arguments.clone()).await?;
                let wanted = cap::allowances(entry.access, &plan, inner.settings.caps(tenant));
                if needs_no_plan {
                    self.count(asked, &wanted).await
                } else {
                    self.propose(asked, mode, plan, &wanted).await
                }
            }
        }
    }

    /// Counts what a call takes that needs nobody's yes.
    async fn count(&self, asked: Asked<'_>, wanted: &[Allowance]) -> Result<Option<PlanId>> {
        let mut tx = self.inner.db.begin().await?;
        cap::take(&mut tx, asked.call.tenant(), wanted, self.inner.clock.now_ms()).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Keeps the plan and says that it needs a yes. The same call again gets the same plan.
    async fn propose(
        &self,
        asked: Asked<'_>,
        mode: ApprovalMode,
        plan: Plan,
        wanted: &[Allowance],
    ) -> Result<Option<PlanId>> {
        let Asked { entry, call, digest, .. } = asked;
        let Inner { db, clock, settings, .. } = &*self.inner;
        let (tenant, now_ms) = (call.tenant(), clock.now_ms());
        // Nobody is asked for what would be refused afterwards.
        for allowance in wanted {
            let used = store::used(db, tenant, cap::day_number(now_ms), &allowance.unit).await?;
            if used.saturating_add(allowance.amount) > allowance.amount_max {
                return Err(cap::used_up(allowance, now_ms));
            }
        }
        let row = PlanRow {
            plan_id: PlanId::at(now_ms).to_string(),
            subject: call.caller.subject().to_owned(),
            tool: entry.name.to_owned(),
            access: entry.access.as_str().to_owned(),
            mode: mode.as_str().to_owned(),
            arguments_digest: digest.to_string(),
            plan_digest: plan_digest(&plan)?,
            plan: encoded(&plan)?,
            state: State::Pending,
            created_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(i64::try_from(settings.plan_lasts_ms).unwrap_or(i64::MAX)),
            decided_by: None,
            decided_at_ms: None,
        };
        let row = match store::find_same(db, tenant, &row).await? {
            Some(same) => same,
            None => {
                let kept_ms = i64::from(settings.kept_for_days).saturating_mul(86_400_000);
                let limits = (i64::from(settings.open_plans_max), now_ms.saturating_sub(kept_ms));
                if !store::insert(db, tenant, &row, limits).await? {
                    let message = format!("{} plans of yours are waiting already", settings.open_plans_max);
                    return Err(Error::new(ErrorCode::RateLimited, message)
                        .with_hint("have them approved or refused first, or let them expire"));
                }
                row
            }
        };
        Err(needs_a_yes(&row, mode, plan, digest))
    }

    /// Takes the answer of the person in front of the client, and returns the plan that they said yes to.
    async fn hear(&self, asked: Asked<'_>, answer: &Answer) -> Result<PlanId> {
        let Asked { entry, call, digest, .. } = asked;
        let now_ms = self.inner.clock.now_ms();
        let binding = Binding { caller: &call.caller, tool: entry.name, arguments: digest };
        let opened = seal::open(&self.key().await?, &binding, (&answer.state, now_ms));
        let Some(plan_id) = opened.filter(|_| self.asks_at_client()) else {
            let message = "the answer does not belong to this call, or came too late";
            return Err(Error::new(ErrorCode::PermissionDenied, message)
                .with_hint("call again without a request state, and have the question answered in time"));
        };
        let row = self.find_own(call, plan_id).await?;
        let decision = match answer.said {
            Said::Yes => Decision::Approved,
            Said::No => Decision::Refused,
            Said::Nothing => {
                let plan = decoded(&row)?;
                return Err(needs_a_yes(&row, ApprovalMode::Ask, plan, digest));
            }
        };
        if row.state_at(now_ms) == State::Pending {
            let by = format!("whoever sits at the client of {}", call.caller.subject());
            self.settle(&call.caller, &by, &row, decision).await?;
        }
        match decision {
            Decision::Approved => Ok(plan_id),
            Decision::Refused => Err(refused()),
        }
    }

    /// Spends a plan for exactly the call that it was made for.
    async fn execute(&self, asked: Asked<'_>, mode: ApprovalMode, plan_id: PlanId) -> Result<PlanId> {
        let Asked { entry, call, arguments, digest } = asked;
        let Inner { db, clock, settings, .. } = &*self.inner;
        let tenant = call.tenant();
        let row = self.find_own(call, plan_id).await?;
        if row.tool != entry.name || row.arguments_digest != digest.to_string() {
            return Err(Error::new(ErrorCode::Conflict, "the plan is for another call: a tool or an argument differs")
                .with_hint(
                    "repeat the call exactly as it was planned, or without the plan's id for a plan of its own",
                ));
        }
        let state = row.state_at(clock.now_ms());
        match state {
            State::Pending if mode == ApprovalMode::Ask => {
                return Err(needs_a_yes(&row, mode, decoded(&row)?, digest));
            }
            State::Pending | State::Approved => {}
            State::Refused => return Err(refused()),
            State::Spent | State::Expired => return Err(over(state)),
        }
        let plan = entry.plan(call, arguments.clone()).await?;
        if plan_digest(&plan)? != row.plan_digest {
            store::expire(db, tenant, plan_id).await?;
            return Err(Error::new(
                ErrorCode::Conflict,
                "the same call would do something else by now than was planned",
            )
            .with_hint("repeat it without the plan's id, and have the new plan approved"));
        }
        let wanted = cap::allowances(entry.access, &plan, settings.caps(tenant));
        let now_ms = clock.now_ms();
        let mut tx = db.begin().await?;
        if !store::spend(&mut tx, tenant, plan_id, (state, now_ms)).await? {
            return Err(over(State::Spent));
        }
        cap::take(&mut tx, tenant, &wanted, now_ms).await?;
        tx.commit().await?;
        Ok(plan_id)
    }

    /// A plan of this very caller; any other does not exist for it.
    async fn find_own(&self, call: &Call, plan_id: PlanId) -> Result<PlanRow> {
        let row = store::find(&self.inner.db, call.tenant(), plan_id).await?;
        row.filter(|row| row.subject == call.caller.subject()).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "you have no such plan")
                .with_hint("repeat the call without a plan's id to get one")
        })
    }

    /// Writes a decision down, first where it cannot be changed, then where it counts.
    async fn settle(&self, by: &crate::auth::Caller, name: &str, row: &PlanRow, decision: Decision) -> Result<()> {
        let Inner { db, clock, audit, .. } = &*self.inner;
        let state = match decision {
            Decision::Approved => State::Approved,
            Decision::Refused => State::Refused,
        };
        let Some(plan_id) = PlanId::parse(&row.plan_id) else { return Err(unreadable()) };
        audit.decision(by, decided_call(row, plan_id)?, decision).await?;
        if store::decide(db, by.tenant(), plan_id, (state, name, clock.now_ms())).await? {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Conflict, "the plan is no longer waiting: it was decided, spent or has expired"))
    }
}

impl fmt::Debug for Approvals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Approvals").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// Advertises the plan's id among the arguments of tools that cannot be taken back.
pub(super) fn offer(schema: &mut JsonObject, access: Access) {
    if !super::access::is_irreversible(access) {
        return;
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let property = serde_json::json!({ "type": "string", "description": "Approved plan's id." });
        properties.insert(PLAN_ARGUMENT.to_owned(), property);
    }
}

fn needs_a_yes(row: &PlanRow, mode: ApprovalMode, plan: Plan, digest: ArgumentsDigest) -> Error {
    let Some(plan_id) = PlanId::parse(&row.plan_id) else { return unreadable() };
    let again = format!("then repeat exactly this call with `{PLAN_ARGUMENT}`: \"{plan_id}\"");
    let (message, hint) = match (mode, row.state) {
        (ApprovalMode::Ask, State::Approved) => {
            ("the plan is approved but not named", again.replace("then repeat", "repeat"))
        }
        (ApprovalMode::Ask, _) => (
            "a person has to say yes to this plan first",
            format!(
                "ask one to run `approvals approve {plan_id}` or to POST /api/approvals/{plan_id}/approve; {again}"
            ),
        ),
        (ApprovalMode::Plan | ApprovalMode::Auto, _) => {
            ("nothing has happened yet: this is the plan", format!("check that it is what is wanted; {again}"))
        }
    };
    let proposed = ProposedPlan {
        plan_id,
        tool: row.tool.clone(),
        plan,
        expires_at_ms: row.expires_at_ms,
        mode,
        arguments_digest: digest.to_bytes(),
    };
    Error::new(ErrorCode::ApprovalRequired, message).with_hint(hint).with_plan(proposed)
}

fn refused() -> Error {
    Error::new(ErrorCode::PermissionDenied, "a person was asked and said no to this plan")
        .with_hint("do not try again unless they ask for it")
}

fn over(state: State) -> Error {
    let message = match state {
        State::Spent => "the plan has been executed already",
        State::Pending | State::Approved | State::Refused | State::Expired => "the plan has expired",
    };
    Error::new(ErrorCode::Conflict, message).with_hint("repeat the call without the plan's id for a new plan")
}

/// What the audit trail keeps of a decided call.
fn decided_call(row: &PlanRow, plan_id: PlanId) -> Result<audit::Call> {
    let digest = <[u8; 32]>::try_from(hex::decode(&row.arguments_digest).unwrap_or_default());
    let (Ok(digest), Some(access)) = (digest, Access::parse(&row.access)) else { return Err(unreadable()) };
    Ok(audit::Call {
        tool: row.tool.clone().into(),
        access,
        arguments: ArgumentsDigest::from_bytes(digest),
        location: None,
        trace_id: None,
        plan: Some(plan_id),
    })
}

fn plan_digest(plan: &Plan) -> Result<String> {
    let plan = serde_json::to_value(plan).map_err(|source| Error::internal("the plan could not be encoded", source))?;
    Ok(ArgumentsDigest::of(&plan).to_string())
}

fn encoded(plan: &Plan) -> Result<String> {
    serde_json::to_string(plan).map_err(|source| Error::internal("the plan could not be encoded", source))
}

fn decoded(row: &PlanRow) -> Result<Plan> {
    serde_json::from_str(&row.plan).map_err(|source| Error::internal("a stored plan cannot be read", source))
}

fn unreadable() -> Error {
    Error::new(ErrorCode::Internal, "a stored plan cannot be read")
}
