//! The straight path of a call: find, authorise, check, decode, approve, call, encode, record. Written once.

mod lost;
mod once;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::{self, ArgumentsDigest, AuditLog, Ending, Outcome};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::telemetry::Metrics;
use crate::tool::approval::Asked;
use crate::tool::idempotency::{self, Ledger};
use crate::tool::registry::Entry;
use crate::tool::{Access, Approvals, Call, PlanId, Registry, Surface, TaskDesk, access, encode, schema};

/// `[tools]`: bounds of every call.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DispatchSettings {
    /// Longest time a call may take, in milliseconds.
    pub deadline_ms: u64,
    /// Largest answer, in bytes of JSON. Claude Code cuts at 25,000 tokens, about 100,000 bytes.
    pub result_bytes_max: usize,
    /// Refuse every tool that changes anything.
    pub read_only: bool,
    /// The toolsets shown, or `all`; empty means what each server shows at first.
    pub toolsets: Vec<String>,
    /// How long an `idempotency_key` answers with the first result, in milliseconds.
    pub idempotency_ms: u64,
}

impl Default for DispatchSettings {
    fn default() -> Self {
        Self {
            deadline_ms: 120_000,
            result_bytes_max: 100_000,
            read_only: false,
            toolsets: Vec::new(),
            // As long as Stripe keeps its keys (https://docs.stripe.com/api/idempotent_requests).
            idempotency_ms: 86_400_000,
        }
    }
}

/// No visible tool has that name: a protocol error, not a failed tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTool;

/// What the path needs besides the registry.
#[derive(Debug, Clone)]
pub struct Dispatch {
    audit: AuditLog,
    clock: Clock,
    metrics: Metrics,
    approvals: Approvals,
    settings: DispatchSettings,
    ledger: Ledger,
    desk: Option<TaskDesk>,
}

/// One call of one tool on its way.
struct Work<'call> {
    entry: &'call Entry,
    call: &'call Call,
    /// What this call does; what its tool may do at worst until the arguments are read.
    access: Access,
    arguments: Value,
    record: audit::Call,
    began: Instant,
}

impl Dispatch {
    /// The path over one audit trail; `db` keeps what must outlive the process.
    #[must_use]
    pub fn new(
        audit: AuditLog,
        db: Db,
        clock: Clock,
        metrics: Metrics,
        approvals: Approvals,
        settings: DispatchSettings,
    ) -> Self {
        let kept_for = Duration::from_millis(settings.idempotency_ms);
        let ledger = Ledger { db, clock: clock.clone(), kept_for };
        Self { audit, clock, metrics, approvals, settings, ledger, desk: None }
    }

    /// The same path, with a desk for what takes long.
    #[must_use]
    pub fn with_desk(self, desk: TaskDesk) -> Self {
        Self { desk: Some(desk), ..self }
    }

    /// Where long work is handed in; without one it is answered in its call.
    pub(crate) fn desk(&self) -> Option<&TaskDesk> {
        self.desk.as_ref()
    }

    /// Where yeses come from.
    #[must_use]
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// How long a call may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.settings.deadline_ms)
    }

    /// Serves one call: what the tool answered, or why it did not.
    ///
    /// # Errors
    /// [`UnknownTool`] if the caller can see no tool of that name.
    pub async fn run(
        &self,
        registry: &Registry,
        surface: &Surface,
        call: &Call,
        name: &str,
        arguments: JsonObject,
    ) -> Result<Result<Value>, UnknownTool> {
        let entry = registry.find(surface, &call.caller, name).ok_or(UnknownTool)?;
        let began = Instant::now();
        let mut arguments = schema::without_nulls(arguments, entry.taken_as_is);
        let key = idempotency::take(entry.access, call, &mut arguments);
        let named = self.approvals.take_plan_id(entry, call, &mut arguments);
        let arguments = Value::Object(arguments);
        let mut record = record(entry.name, entry.access, &arguments, call);
        record.plan = named.as_ref().ok().copied().flatten();
        let mut work = Work { entry, call, access: entry.access, arguments, record, began };
        let admitted = match self.admit(&work) {
            // On the heap: few tools have classes.
            Ok(()) if entry.has_classes() => Box::pin(self.classify(&mut work)).await,
            admitted => admitted,
        };
        let outcome = match admitted.and_then(|()| Ok((key?, named?))) {
            Ok((None, named)) => self.perform(work, named).await,
            // On the heap: what few calls need should not make the way of all longer.
            Ok((Some(key), named)) => Box::pin(self.once(work, named, key)).await,
            Err(error) => self.refuse(work, error).await,
        };
        self.metrics.tool_called(entry.name, outcome.as_ref().err().map(Error::code), began.elapsed());
        match &outcome {
            Ok(_) if entry.access.is_read() => {}
            Ok(_) => acknowledge(entry.name, call, began),
            Err(error) => report(entry.name, call, error, began),
        }
        Ok(outcome)
    }

    /// Serves what changes nothing and is no tool (a resource, a prompt, a completion), within the same bounds and as
    /// well recorded. `name` is what it is, `arguments` which one.
    ///
    /// # Errors
    /// Those of the work; `deadline_exceeded`.
    pub async fn read<T>(
        &self,
        call: &Call,
        name: &'static str,
        arguments: &[(&str, &str)],
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let began = Instant::now();
        let arguments = arguments.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
        let outcome = self.bounded(call, unbroken(work)).await;
        let error = outcome.as_ref().err();
        self.audit
            .read(&call.caller, record(name, Access::Read, &Value::Object(arguments), call), ending(error, began))
            .await;
        self.metrics.tool_called(name, error.map(Error::code), began.elapsed());
        if let Some(error) = error {
            report(name, call, error, began);
        }
        outcome
    }

    /// Whether the mildest call with such arguments may be made at all.
    fn admit(&self, work: &Work<'_>) -> Result<()> {
        let Work { entry, call, arguments, .. } = work;
        authorise(entry, entry.access_min, call, self.settings.read_only)?;
        entry.check(arguments)
    }

    /// Finds out what this call does, and whether it may be made.
    async fn classify(&self, work: &mut Work<'_>) -> Result<()> {
        let Work { entry, call, .. } = *work;
        let access = self.bounded(call, unbroken(entry.access_of(call, work.arguments.clone()))).await?;
        work.access = access;
        work.record.access = access;
        authorise(entry, access, call, self.settings.read_only)
    }

    async fn refuse(&self, work: Work<'_>, error: Error) -> Result<Value> {
        let mut record = work.record;
        record.plan = error.details().plan.as_ref().map(|proposed| proposed.plan_id).or(record.plan);
        self.audit.refusal(&work.call.caller, record, error.code()).await;
        Err(error)
    }

    /// Has it approved and made.
    async fn perform(&self, mut work: Work<'_>, named: Option<PlanId>) -> Result<Value> {
        match self.approve(&work, named).await {
            Ok(plan) => {
                work.record.plan = plan;
                self.make(work).await
            }
            Err(error) => self.refuse(work, error).await,
        }
    }

    /// Whether it may happen, and by which plan, if it needs one.
    async fn approve(&self, work: &Work<'_>, named: Option<PlanId>) -> Result<Option<PlanId>> {
        let Work { entry, call, access, arguments, record, .. } = work;
        if access.is_read() {
            return Ok(None);
        }
        let asked = Asked { entry, call, access: *access, arguments, digest: record.arguments };
        // On the heap: what reads never need should not make their way longer.
        Box::pin(self.bounded(call, unbroken(self.approvals.admit(asked, named)))).await
    }

    /// Makes the call, between the two audit events of a change or before the one of a read.
    async fn make(&self, work: Work<'_>) -> Result<Value> {
        let Work { entry, call, access, arguments, record, began } = work;
        if access.is_read() {
            let answered = self.answer(entry, call, arguments).await;
            let outcome = answered.and_then(|answer| encode::within(self.settings.result_bytes_max, answer));
            self.audit.read(&call.caller, record, ending(outcome.as_ref().err(), began)).await;
            return outcome;
        }
        // Committed before the effect: what changed the world is never without a trace.
        let intent = self.bounded(call, self.audit.intent(&call.caller, record)).await?;
        let outcome = self.answer_or_find(entry, call, arguments).await;
        self.audit.outcome(&call.caller, Outcome { intent, ending: ending(outcome.as_ref().err(), began) }).await;
        outcome
    }

    async fn answer(&self, entry: &Entry, call: &Call, arguments: Value) -> Result<Value> {
        let work = async {
            if let Some(task) = &call.task {
                task.begin().await?;
            }
            entry.call(call, arguments).await
        };
        self.bounded(call, unbroken(work)).await
    }

    /// Lets work run until it ends, the client goes or the time is up, whichever comes first.
    async fn bounded<T>(&self, call: &Call, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            outcome = work => outcome,
            () = call.cancel.cancelled() => Err(Error::new(ErrorCode::DeadlineExceeded, "the call was cancelled")),
            () = self.clock.sleep(call.deadline) => {
                call.cancel.cancel();
                let message = format!("the call took longer than {} ms", call.deadline.as_millis());
                Err(Error::new(ErrorCode::DeadlineExceeded, message).with_hint(deadline_hint(call)))
            }
        }
    }
}

fn authorise(entry: &Entry, access: Access, call: &Call, is_read_only: bool) -> Result<()> {
    if is_read_only && !access.is_read() {
        let message = format!("`{}` changes things, and this server is read-only", entry.name);
        return Err(
            Error::new(ErrorCode::PermissionDenied, message).with_hint("ask the operator to lift `tools.read_only`")
        );
    }
    if call.caller.role() < access::least_role(access) {
        let so = if entry.has_classes() { " so that it does this" } else { "" };
        let message = format!("your role may not call `{}`{so}", entry.name);
        return Err(Error::new(ErrorCode::PermissionDenied, message).with_hint("ask an administrator of your tenant"));
    }
    Ok(())
}

fn ending(error: Option<&Error>, began: Instant) -> Ending {
    Ending {
        code: error.map(Error::code),
        duration_ms: milliseconds(began),
        vendor_trace_id: error.and_then(|error| error.details().vendor_trace_id.clone()),
    }
}

fn milliseconds(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// What the audit trail keeps of a call: never the arguments, but their digest and the place they name.
fn record(name: &'static str, access: Access, arguments: &Value, call: &Call) -> audit::Call {
    audit::Call {
        tool: name.into(),
        access,
        arguments: ArgumentsDigest::of(arguments),
        location: arguments.get("location").and_then(Value::as_str).map(str::to_owned),
        trace_id: call.trace_id.clone(),
        plan: None,
    }
}

fn deadline_hint(call: &Call) -> &'static str {
    match call.task {
        Some(_) => "ask for less at once, or raise `tasks.deadline_ms`",
        None => "ask for less at once, or raise `tools.deadline_ms`",
    }
}

/// Work that panics has failed; its caller still gets an answer, and everybody else is served on.
async fn unbroken<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| Err(Error::new(ErrorCode::Internal, "the tool broke down")))
}

/// The one place where a failure is logged, with its cause.
fn report(name: &'static str, call: &Call, error: &Error, began: Instant) {
    let cause = error.cause();
    let (tenant, subject) = (call.tenant().as_str(), call.caller.subject());
    let (code, duration_ms) = (error.code(), milliseconds(began));
    if code == ErrorCode::Internal {
        tracing::error!(
            tool.name = name,
            tenant.id = tenant,
            caller.subject = subject,
            error.code = %code,
            error.cause = cause,
            duration_ms,
            "`{name}` broke"
        );
    } else {
        tracing::info!(
            tool.name = name,
            tenant.id = tenant,
            caller.subject = subject,
            error.code = %code,
            error.cause = cause,
            duration_ms,
            "`{name}` was refused"
        );
    }
}

/// A change leaves a line; what was only read is in the audit trail and the figures.
fn acknowledge(name: &'static str, call: &Call, began: Instant) {
    let (tenant, subject) = (call.tenant().as_str(), call.caller.subject());
    let duration_ms = milliseconds(began);
    tracing::info!(tool.name = name, tenant.id = tenant, caller.subject = subject, duration_ms, "`{name}` was done");
}
