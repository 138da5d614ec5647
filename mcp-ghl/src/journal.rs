//! What this server has changed: noted by every tool that writes, listed, and taken back.
//!
//! What stood in the records before is sealed with the vault's key, bound to tenant and change. Where there is no vault and
//! nowhere to keep a key for one, the key is random and ends with the process: later ones still list the change, but
//! can no longer take it back.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::bootstrap::Foundation;
use common::clock::{Clock, UnixMillis, after, time_ordered_uuid};
use common::db::Db;
use common::error::{Error, ErrorCode, Result};
use common::secrets::{SealingKey, Secrets};
use common::tenant::TenantId;
use common::tool::{Call, one_line};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::client::Site;
use crate::record_id::RecordId;
use crate::reversal::Reversal;
use crate::store::journal::{self as store, Filter, Progress, Row, State};

/// Longest summary kept, in characters.
const SUMMARY_LENGTH_MAX: usize = 240;

/// Most that the reversals of one change may take, in bytes of JSON. What is larger is not noted.
const REVERSALS_BYTES_MAX: usize = 1024 * 1024;

const DAY: Duration = Duration::from_hours(24);

/// A change that a tool has made.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) tool: &'static str,
    /// One line in the past tense, with names instead of ids: `added a note to Anna Weber`.
    pub(crate) summary: String,
    /// What was changed: a kind, as in `contact`, and an id.
    pub(crate) record: (Cow<'static, str>, String),
    /// The contact that it is about, whose followers are told when it is taken back.
    pub(crate) contact: Option<RecordId>,
    /// What takes it back, in the order in which it is done. Empty: nothing does.
    pub(crate) undo: Vec<Reversal>,
}

/// What takes a change back, or why nothing does.
pub(crate) type Undo = std::result::Result<Vec<Reversal>, &'static str>;

impl Change {
    /// One that is about no contact.
    pub(crate) fn of(tool: &'static str, summary: String, record: (&'static str, String), undo: Undo) -> Self {
        match undo {
            Ok(undo) => Self { undo, ..Self::lasting(tool, summary, record) },
            Err(why) => {
                // However long a name is, the reason must be read.
                let reason = format!(" (stays: {why})");
                let left = SUMMARY_LENGTH_MAX.saturating_sub(reason.chars().count());
                Self::lasting(tool, one_line(&summary, left) + &reason, record)
            }
        }
    }

    /// One that nothing takes back: it is listed, and whoever wants the last change undone is told of it.
    pub(crate) fn lasting(tool: &'static str, summary: String, (kind, id): (&'static str, String)) -> Self {
        Self { tool, summary, record: (kind.into(), id), contact: None, undo: Vec::new() }
    }
}

/// The id of a change, `chg_` and a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
pub(crate) struct ChangeId(#[schemars(with = "String")] Uuid);

impl ChangeId {
    fn at(at_ms: UnixMillis) -> Self {
        Self(time_ordered_uuid(at_ms))
    }

    /// The id that a text spells, in the one spelling that we give out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let id = text.strip_prefix("chg_").and_then(|id| Uuid::parse_str(id).ok()).map(Self);
        id.filter(|id| id.to_string() == text)
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "chg_{}", self.0)
    }
}

impl Serialize for ChangeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A change on record, with what takes it back still sealed.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) id: ChangeId,
    pub(crate) row: Row,
}

/// The changes of all tenants. Touches the database with the first change.
#[derive(Debug)]
pub(crate) struct Journal {
    db: Db,
    clock: Clock,
    secrets: Secrets,
    keep: Duration,
}

impl Journal {
    /// Over the foundation's database, and swept with the rest; `keep_days` is how long a change can be taken back.
    pub(crate) fn new(foundation: &Foundation, keep_days: u32) -> Self {
        let (db, clock) = (foundation.db.clone(), foundation.clock.clone());
        let keep = DAY.saturating_mul(keep_days);
        let (swept, time) = (db.clone(), clock.clone());
        foundation.sweeps.add("changes", move || {
            let (db, before_ms) = (swept.clone(), before(time.now_ms(), keep));
            async move { store::forget(&db, before_ms).await }
        });
        Self { db, clock, secrets: foundation.secrets.clone(), keep }
    }

    /// Notes a change that was made. It never fails the call: what cannot be noted is logged, and has no id.
    pub(crate) async fn note(&self, call: &Call, site: &Site, change: Change) -> Option<ChangeId> {
        self.note_undoing(call, site, change, None).await
    }

    /// Notes the taking back of a change, so that it can be made again.
    pub(crate) async fn note_undoing(
        &self,
        call: &Call,
        site: &Site,
        change: Change,
        undoes: Option<ChangeId>,
    ) -> Option<ChangeId> {
        let tool = change.tool;
        match self.keep(call, site, change, undoes).await {
            Ok(id) => Some(id),
            Err(error) => {
                let cause = error.cause();
                tracing::warn!(
                    tool.name = tool,
                    error.cause = cause,
                    "a change of `{tool}` was not noted and cannot be taken back: {}",
                    error.message()
                );
                None
            }
        }
    }

    async fn keep(&self, call: &Call, site: &Site, change: Change, undoes: Option<ChangeId>) -> Result<ChangeId> {
        let at_ms = self.clock.now_ms();
        let id = ChangeId::at(at_ms);
        let (record_kind, record_id) = change.record;
        let row = Row {
            change_id: id.to_string(),
            at_ms,
            subject: call.caller.subject().to_owned(),
            tool: change.tool.to_owned(),
            location_id: site.location.id.to_string(),
            location_name: site.location.name.clone(),
            record_kind: record_kind.into_owned(),
            record_id,
            contact_id: change.contact.map(String::from),
            summary: one_line(&change.summary, SUMMARY_LENGTH_MAX),
            state: State::Done,
            steps: count(change.undo.len()),
            steps_made: 0,
            sealed: self.seal(call.tenant(), id, &change.undo).await?,
            undone_by: None,
            undone_at_ms: None,
            undoes: undoes.map(|id| id.to_string()),
        };
        store::insert(&self.db, call.tenant(), &row).await?;
        Ok(id)
    }

    /// A change of the caller's tenant.
    ///
    /// # Errors
    /// `not_found` if there is none of that id, it is another tenant's, or too old.
    pub(crate) async fn find(&self, call: &Call, id: ChangeId) -> Result<Noted> {
        let row = store::find(&self.db, call.tenant(), &id.to_string(), self.since_ms()).await?;
        row.map(|row| Noted { id, row }).ok_or_else(unknown)
    }

    /// Changes of the caller's tenant, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn list(&self, call: &Call, filter: Filter, limit: u32) -> Result<Vec<Noted>> {
        let filter = Filter { since_ms: self.since_ms(), ..filter };
        let rows = store::list(&self.db, call.tenant(), &filter, i64::from(limit)).await?;
        let noted = |row: Row| Some(Noted { id: ChangeId::parse(&row.change_id)?, row });
        Ok(rows.into_iter().filter_map(noted).collect())
    }

    /// What takes a change back.
    ///
    /// # Errors
    /// `failed_precondition` if it was sealed with a key that is no longer there; `internal` if it was tampered with.
    pub(crate) async fn reversals(&self, call: &Call, noted: &Noted) -> Result<Vec<Reversal>> {
        let key = self.key().await?;
        let sealed = STANDARD.decode(&noted.row.sealed).map_err(damaged)?;
        let plain = key.open(&binding(call.tenant(), noted.id), &sealed).ok_or_else(|| {
            Error::new(ErrorCode::FailedPrecondition, "what takes this change back was sealed with a key that is gone")
                .with_hint(
                    "without a key of its own the installation forgets it when it stops: set `secrets.key`; this change \
                     has to be corrected by hand",
                )
        })?;
        serde_json::from_slice(&plain).map_err(damaged)
    }

    /// Takes a change for its taking back, for at most `span`.
    ///
    /// # Errors
    /// `conflict` if somebody else is at it or has done it.
    pub(crate) async fn claim(&self, call: &Call, noted: &Noted, span: Duration) -> Result<()> {
        let now_ms = self.clock.now_ms();
        let until_ms = after(now_ms, span);
        if store::claim(&self.db, call.tenant(), &noted.row.change_id, (now_ms, until_ms)).await? {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Conflict, "somebody is taking this change back")
            .with_hint("wait, then look with `list_changes`")
            .with_retry_after(Duration::from_secs(1)))
    }

    /// Writes down how many reversals are made, while more are to come or after the last one; `is_over` gives the change
    /// back.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn settle(&self, call: &Call, noted: &Noted, made: Made) -> Result<()> {
        let state = match made.steps {
            steps if count(steps) >= noted.row.steps => State::Undone,
            0 => State::Done,
            _ => State::Partly,
        };
        let now_ms = self.clock.now_ms();
        let progress = Progress {
            state,
            steps_made: count(made.steps),
            undone: (state != State::Done).then(|| (call.caller.subject(), now_ms)),
            busy_until_ms: made.busy_for.map_or(0, |span| after(now_ms, span)),
        };
        store::settle(&self.db, call.tenant(), &noted.row.change_id, progress).await
    }

    fn since_ms(&self) -> UnixMillis {
        before(self.clock.now_ms(), self.keep)
    }

    async fn seal(&self, tenant: &TenantId, id: ChangeId, undo: &[Reversal]) -> Result<String> {
        let plain = serde_json::to_vec(undo).map_err(damaged)?;
        if plain.len() > REVERSALS_BYTES_MAX {
            return Err(Error::new(ErrorCode::Internal, "what takes the change back is too long to be kept"));
        }
        Ok(STANDARD.encode(self.key().await?.seal(&binding(tenant, id), &plain)))
    }

    async fn key(&self) -> Result<SealingKey> {
        self.secrets.sealing_key("changes").await
    }
}

/// How far a taking back has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) steps: usize,
    /// How much longer the change is kept from others; absent gives it back.
    pub(crate) busy_for: Option<Duration>,
}

/// What a seal is good for: this change of this tenant.
fn binding(tenant: &TenantId, id: ChangeId) -> Vec<u8> {
    // A tenant's id holds no blank.
    format!("luminar change 1 {tenant} {id}").into_bytes()
}

fn before(now_ms: UnixMillis, keep: Duration) -> UnixMillis {
    now_ms.saturating_sub(i64::try_from(keep.as_millis()).unwrap_or(i64::MAX))
}

fn count(steps: usize) -> i64 {
    i64::try_from(steps).unwrap_or(i64::MAX)
}

fn unknown() -> Error {
    Error::new(ErrorCode::NotFound, "no change of this id").with_hint("call `list_changes`; old changes are forgotten")
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("the journal of changes is damaged or was tampered with", source)
}
