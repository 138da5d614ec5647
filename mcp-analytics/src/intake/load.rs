//! One load from beginning to end: staged in parts, published by one commit, or discarded.

use std::collections::HashSet;

use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::producer::{Batch, Summary, Work, digest, produce};
use super::table::Table;
use crate::deps::Deps;
use crate::mapping::Mapping;
use crate::profile::Profile;
use crate::record::RecordKind;
use crate::refusals::Refusals;
use crate::store::loads::{self, Ending, Staging};
use crate::store::{datasets, people};

/// Batches that wait to be written.
const BATCHES_AHEAD: usize = 2;

/// What is to be loaded, and where to.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) dataset: &'a str,
    pub(crate) table: Table,
    pub(crate) mapping: Mapping,
    /// Whether earlier loads of the kind stay.
    pub(crate) appends: bool,
    /// With more refused rows than so many percent nothing is imported.
    pub(crate) refused_percent_max: u32,
    /// In few words, for whoever asks later.
    pub(crate) origin: String,
    /// Until when the source was read.
    pub(crate) read_until_ms: Option<i64>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) version: i64,
    pub(crate) profile: Profile,
    pub(crate) refusals: Refusals,
    /// Rows that an earlier load has already.
    pub(crate) known: u64,
}

/// Loads a table into a data set, which is made if it is not there.
///
/// # Errors
/// `conflict` while another load of the data set is under way; `failed_precondition` if too many rows are refused or none
/// is left; those of the table and of the database. Nothing of it is seen then.
pub(crate) async fn load(deps: &Deps, call: &Call, order: Order<'_>) -> Result<Loaded> {
    let kind = order.mapping.kind;
    let now_ms = deps.clock.now_ms();
    let staging = loads::begin(&deps.db, call.tenant(), (order.dataset, kind, &order.origin), now_ms).await?;
    let done = fill(deps, call, &staging, order).await;
    if done.is_err() {
        // What cannot be discarded now is swept when its lease has run out.
        if let Err(error) = loads::discard(&deps.db, &staging).await {
            tracing::warn!(error = %error, "a load that failed could not be discarded at once");
        }
    }
    done
}

async fn fill(deps: &Deps, call: &Call, staging: &Staging, order: Order<'_>) -> Result<Loaded> {
    let (appends, percent, read_until_ms) = (order.appends, order.refused_percent_max, order.read_until_ms);
    let kind = order.mapping.kind;
    let known = if appends { known(deps, call, staging, kind).await? } else { HashSet::new() };
    // Ends the reading thread with this future.
    let cancel = CancellationToken::new();
    let _ends_with_us = cancel.clone().drop_guard();
    let work = Work {
        people: people::all(&deps.db, &staging.tenant, &staging.dataset_id).await?,
        table: order.table,
        mapping: order.mapping,
        now_ms: deps.clock.now_ms(),
        known,
        rows_max: deps.settings.imports.rows_max,
        people_max: deps.settings.imports.people_max,
        cancel,
    };
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let producing = tokio::task::spawn_blocking(move || produce(work, &sender));
    let written = write(deps, call, staging, receiver).await;
    let produced = producing.await;
    written?;
    // A reader of a damaged file may panic; it is alone on its thread.
    let Summary { profile, refusals, known } = produced
        .map_err(|source| Error::new(ErrorCode::FailedPrecondition, "the file is damaged").with_source(source))??;
    if call.cancel.is_cancelled() {
        return Err(
            Error::new(ErrorCode::DeadlineExceeded, "the import was called off").with_hint("nothing was imported")
        );
    }
    if profile.rows == 0 && known == 0 {
        return Err(refused("no row could be imported", &refusals));
    }
    if refusals.exceed(percent, profile.rows + known) {
        return Err(refused(
            &format!("more than {percent} % of the rows were refused, so nothing was imported"),
            &refusals,
        ));
    }
    let ending = Ending { profile: &profile, refused: refusals.total, appends, read_until_ms };
    let kept = deps.settings.imports.versions_kept;
    let version = loads::publish(&deps.db, staging, &ending, (kept, deps.clock.now_ms())).await?;
    Ok(Loaded { version, profile, refusals, known })
}

/// What the unique field has in the loads that stay. Of customers the later row counts, so nothing is left out.
async fn known(deps: &Deps, call: &Call, staging: &Staging, kind: RecordKind) -> Result<HashSet<u64>> {
    if kind != RecordKind::Transactions {
        return Ok(HashSet::new());
    }
    let Some(version) = datasets::current(&deps.db, call.tenant(), &staging.dataset_id).await? else {
        return Ok(HashSet::new());
    };
    loads::transaction_ids(&deps.db, &version, digest).await
}

async fn write(deps: &Deps, call: &Call, staging: &Staging, mut batches: mpsc::Receiver<Batch>) -> Result<()> {
    let mut rows_written = 0_i64;
    while let Some(batch) = batches.recv().await {
        let at = (rows_written, deps.clock.now_ms());
        loads::put(&deps.db, staging, (&batch.people, &batch.rows), at).await?;
        rows_written = rows_written.saturating_add(i64::try_from(batch.rows.len()).unwrap_or(i64::MAX));
        let thousands = u32::try_from(rows_written / 1_000).unwrap_or(u32::MAX);
        call.progress.report(thousands, None, format!("{rows_written} rows written"));
    }
    Ok(())
}

/// Says which reasons there were, in our words.
fn refused(message: &str, refusals: &Refusals) -> Error {
    let named = refusals.named.iter().take(5).map(|(line, reason)| format!("line {line}: {reason}"));
    let reasons: Vec<String> = named.collect();
    let hint = if reasons.is_empty() { "the table has no rows".to_owned() } else { reasons.join("; ") };
    Error::new(ErrorCode::FailedPrecondition, message.to_owned()).with_hint(hint)
}
