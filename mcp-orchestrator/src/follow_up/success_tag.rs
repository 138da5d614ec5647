//! The tag that says in the CRM that a run about a contact has succeeded. Whether it can be set never matters to the run.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use common::auth::Caller;
use common::clock::{Clock, after};
use common::db::{Db, Dialect, Tx};
use common::error::{Error, ErrorCode, Result};
use common::peer::{PeerCall, Peers};
use common::tenant::TenantId;
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{RunBook, SuccessTagSettings, days_before};
use crate::crm::{TAGS_CHANGED, TagTemplate, contact_of, location_of};
use crate::engine::Answering;
use crate::engine::hooks::EndedRun;
use crate::failure::{Failed, FailureKind, FailureState, failure_id};
use crate::interpreter::Ending;
use crate::store::tags::{self, Outcome, Pending};
use crate::store::{events, failures};
use crate::workflow::task::{Backoff, RetryPolicy};

/// Set side by side.
const BATCH: i64 = 16;

/// How often tags that other processes have written down are looked for.
const POLL: Duration = Duration::from_secs(10);

/// How long setting one may take, and how long it is one process's own.
const PATIENCE: Duration = Duration::from_secs(30);
const CLAIM: Duration = Duration::from_mins(2);

/// How long is known what was set, in days: longer than anything is reconciled.
const KEPT_DAYS: u32 = 30;

/// The CRM as a server of tools. A seam: tests have one of their own.
pub trait Crm: fmt::Debug + Send + Sync {
    /// Calls one of its tools. As [`Peers::call`].
    fn call<'a>(&'a self, caller: &'a Caller, call: PeerCall) -> Answering<'a, Value>;
}

impl Crm for Peers {
    fn call<'a>(&'a self, caller: &'a Caller, call: PeerCall) -> Answering<'a, Value> {
        Box::pin(async move { Self::call(self, caller, call).await })
    }
}

/// Sets tags. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct SuccessTags {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    crm: Arc<dyn Crm>,
    runs: Arc<dyn RunBook>,
    /// Whose events are about contacts: the names of sources, by tenant.
    sources: BTreeSet<(TenantId, String)>,
    template: TagTemplate,
    zone: TimeZone,
    server: String,
    written: Notify,
}

impl SuccessTags {
    /// From the settings, for the CRM's sources; none if they are switched off or there are no such sources. Touches
    /// nothing.
    ///
    /// # Errors
    /// `failed_precondition` if the template or the zone is none.
    pub fn new(
        (db, clock): (Db, Clock),
        crm: Arc<dyn Crm>,
        runs: Arc<dyn RunBook>,
        sources: BTreeSet<(TenantId, String)>,
        settings: &SuccessTagSettings,
    ) -> Result<Option<Self>> {
        let template = TagTemplate::parse(&settings.template)?;
        let zone = zone_of("orchestrator.success_tag.zone", &settings.zone)?;
        if !settings.enabled || sources.is_empty() {
            return Ok(None);
        }
        let server = settings.server.clone();
        let inner = Inner { db, clock, crm, runs, sources, template, zone, server, written: Notify::new() };
        Ok(Some(Self { inner: Arc::new(inner) }))
    }

    /// Writes down which of the runs get a tag, in the commit with which they end.
    pub(super) async fn keep(&self, at: (Dialect, &mut Tx), ended: &[EndedRun]) -> Result<()> {
        let meant: Vec<&EndedRun> = ended.iter().filter(|end| self.is_about_contact(end)).collect();
        tags::insert(at, &meant).await
    }

    fn is_about_contact(&self, end: &EndedRun) -> bool {
        let Ending::Completed { .. } = end.ending else { return false };
        let source = end.started_by.as_deref().and_then(|key| key.split_once('/')).map(|(source, _)| source);
        source.is_some_and(|source| self.inner.sources.contains(&(end.tenant.clone(), source.to_owned())))
    }

    /// Says that something was written down and committed.
    pub fn wake(&self) {
        self.inner.written.notify_one();
    }

    /// The service: sets what is due until `stop` fires.
    pub async fn run(self, stop: CancellationToken) {
        let setting = async {
            loop {
                let written = self.inner.written.notified();
                match self.round().await {
                    Ok(count) if count > 0 => continue,
                    Ok(_) => {}
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(error.cause = cause, "success tags could not be set: {}", error.message());
                    }
                }
                tokio::select! {
                    () = written => {}
                    () = self.inner.clock.sleep(POLL) => {}
                }
            }
        };
        stop.run_until_cancelled(setting).await;
    }

    /// Sets what is due, at most a batch. Returns how many were looked at.
    ///
    /// # Errors
    /// Those of the database; what goes wrong with one tag is noted with it.
    pub async fn round(&self) -> Result<usize> {
        let due = tags::due(&self.inner.db, self.inner.clock.now_ms(), BATCH).await?;
        let count = due.len();
        for done in join_all(due.into_iter().map(|due| self.attempt(due))).await {
            done?;
        }
        Ok(count)
    }

    /// Forgets what is done with. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_old(&self) -> Result<u64> {
        let Some(before_ms) = days_before(self.inner.clock.now_ms(), KEPT_DAYS) else { return Ok(0) };
        tags::forget(&self.inner.db, before_ms).await
    }

    async fn attempt(&self, due: Pending) -> Result<()> {
        let Inner { db, clock, .. } = &*self.inner;
        if !tags::claim(db, &due, after(clock.now_ms(), CLAIM)).await? {
            return Ok(());
        }
        let set = match self.meant(&due).await {
            Ok(Some(meant)) => self.set(&due, &meant).await.map(|()| Some(meant)),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let error = match set {
            Ok(Some(meant)) => {
                return self.settle(&due, &Outcome::Done { contact: meant.contact, tag: meant.tag }, None).await;
            }
            Ok(None) => return self.settle(&due, &Outcome::None, None).await,
            // No CRM is connected, or the contact is gone: there is nobody to tell.
            Err(error) if error.code() == ErrorCode::NotFound => return self.settle(&due, &Outcome::None, None).await,
            Err(error) => error,
        };
        let next = pause(due.attempts, &error).map(|pause| after(clock.now_ms(), pause));
        let (run, cause) = (&due.run, error.cause());
        tracing::warn!(run.id = %run, error.cause = cause, "the success of run `{run}` could not be told the CRM: {}", error.message());
        match next {
            Some(due_ms) => self.settle(&due, &Outcome::Later { due_ms }, None).await,
            None => self.settle(&due, &Outcome::Failed, Some(&error)).await,
        }
    }

    /// Notes what became of it, and the failure or its end, in one commit.
    async fn settle(&self, due: &Pending, outcome: &Outcome, error: Option<&Error>) -> Result<()> {
        let mut tx = self.inner.db.begin().await?;
        tags::settle(&mut tx, due, outcome).await?;
        match (outcome, error) {
            (Outcome::Failed, Some(error)) => {
                let words = (error.code().as_str(), error.message());
                let tried = (due.attempts + 1, self.inner.clock.now_ms());
                failures::note(&mut tx, &due.tenant, &Failed::of_tag(&due.run, &due.workflow, words, tried)).await?;
            }
            (Outcome::Done { .. }, _) if due.attempts > 0 || due.again > 0 => {
                let ids = [failure_id(FailureKind::Tag, &due.run.0)];
                failures::close((self.inner.db.dialect(), &mut tx), &due.tenant, &ids, FailureState::Resolved).await?;
            }
            _ => {}
        }
        Ok(tx.commit().await?)
    }

    /// What is to be set on whom; none if the event is about nobody, or about tags: setting one would be the next event.
    async fn meant(&self, due: &Pending) -> Result<Option<Meant>> {
        let Some((source, key)) = due.started_by.split_once('/') else { return Ok(None) };
        let Some(event_id) = tags::event_of_key(&self.inner.db, &due.tenant, (source, key)).await? else {
            return Ok(None);
        };
        let Some(stored) = events::find(&self.inner.db, &due.tenant, &event_id).await? else { return Ok(None) };
        let event = stored.event();
        if event.kind == TAGS_CHANGED {
            return Ok(None);
        }
        let Some(contact) = contact_of(&event.kind, &event.data) else { return Ok(None) };
        let tag = self.inner.template.tag(&event.kind, &due.workflow, (due.ended_ms, &self.inner.zone));
        let location = location_of(&event.data).map(str::to_owned);
        Ok(Some(Meant { contact: contact.to_owned(), location, tag }))
    }

    async fn set(&self, due: &Pending, meant: &Meant) -> Result<()> {
        let facts = self.inner.runs.find(&due.tenant, &due.run).await?;
        let Some(facts) = facts else { return Err(Error::new(ErrorCode::NotFound, "the run is forgotten")) };
        let mut arguments = Map::new();
        arguments.insert("contact".to_owned(), json!(meant.contact));
        arguments.insert("add".to_owned(), json!([meant.tag]));
        if let Some(location) = &meant.location {
            arguments.insert("location".to_owned(), json!(location));
        }
        let call = PeerCall {
            server: self.inner.server.clone(),
            tool: "set_contact_tags".to_owned(),
            arguments,
            idempotency_key: Some(format!("{}.success_tag.{}", due.run, due.again).parse()?),
            approval: None,
            trace_id: None,
            deadline: PATIENCE,
            cancel: CancellationToken::new(),
        };
        self.inner.crm.call(&facts.acting.caller(&due.tenant), call).await.map(drop)
    }
}

/// A tag for a contact.
#[derive(Debug)]
struct Meant {
    contact: String,
    location: Option<String>,
    tag: String,
}

/// How long until the next attempt; none if there is none, or no sense in one.
fn pause(attempts: i64, error: &Error) -> Option<Duration> {
    let may_pass = match error.code() {
        ErrorCode::RateLimited
        | ErrorCode::UpstreamUnavailable
        | ErrorCode::DeadlineExceeded
        | ErrorCode::Conflict
        | ErrorCode::Internal => true,
        ErrorCode::InvalidArgument
        | ErrorCode::Unauthenticated
        | ErrorCode::PermissionDenied
        | ErrorCode::EntitlementRequired
        | ErrorCode::ApprovalRequired
        | ErrorCode::NotFound
        | ErrorCode::FailedPrecondition
        | ErrorCode::UpstreamRejected => false,
    };
    let Backoff::Schedule(pauses) = RetryPolicy::patient().backoff else { return None };
    let pause = usize::try_from(attempts).ok().and_then(|made| pauses.get(made).copied())?;
    // A fifth more at most, so that many do not come at once.
    may_pass.then(|| pause.max(error.retry_after().unwrap_or_default()).mul_f64(1.0 + fastrand::f64() / 5.0))
}

/// The zone of a setting.
///
/// # Errors
/// `failed_precondition` if there is none of that name.
fn zone_of(setting: &str, name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, format!("`{setting}` names no time zone"))
            .with_hint("give an IANA name, such as `Europe/Berlin`")
            .with_source(source)
    })
}
