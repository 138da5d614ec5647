//! Reads, checks and numbers rows on a thread of its own, while those before are written.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::table::Table;
use crate::draft::{Draft, Drafter, Value};
use crate::mapping::Mapping;
use crate::profile::{Profile, Profiler};
use crate::refusals::Refusals;

/// Rows that are committed together.
const BATCH_ROWS: usize = 16_384;

/// What is read, and what is known already.
pub(super) struct Work {
    pub(super) table: Table,
    pub(super) mapping: Mapping,
    pub(super) now_ms: UnixMillis,
    /// The numbers of people.
    pub(super) people: HashMap<String, i64>,
    /// Digests of the unique field's values that are there already.
    pub(super) known: HashSet<u64>,
    pub(super) rows_max: u64,
    pub(super) people_max: u64,
    pub(super) cancel: CancellationToken,
}

/// Records to be written, and the people in them that are new.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) people: Vec<(i64, String)>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// What the whole table was like.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) profile: Profile,
    pub(super) refusals: Refusals,
    /// Left out because an earlier load has them.
    pub(super) known: u64,
}

/// By which a value of the unique field is known again: 64 bits, so that of ten million two are taken for the same with a
/// probability of 3 in a million.
pub(super) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Reads everything; ends early if nobody takes it any more.
pub(super) fn produce(work: Work, to: &mpsc::Sender<Batch>) -> Result<Summary> {
    let mut rows = work.table.rows(&work.mapping.wanted())?;
    let mut state = State {
        drafter: Drafter::new(&work.mapping, work.now_ms),
        unique: unique_place(&work.mapping),
        seen: HashSet::new(),
        profiler: Profiler::new(work.mapping.kind),
        summary: Summary { profile: Profile::default(), refusals: Refusals::default(), known: 0 },
        batch: Batch::default(),
        work,
    };
    let mut kept = 0_u64;
    while let Some(row) = rows.next_row() {
        let row = row?;
        match row.cells.and_then(|cells| state.drafter.draft(&cells)) {
            Ok(draft) => kept += u64::from(state.take(row.line, draft)?),
            Err(reason) => state.summary.refusals.note(row.line, reason),
        }
        if kept > state.work.rows_max {
            return Err(too_many(format!("the table has more than {} rows", state.work.rows_max), "rows_max"));
        }
        if state.batch.rows.len() >= BATCH_ROWS && !state.hand_over(to) {
            break;
        }
    }
    state.hand_over(to);
    state.summary.profile = state.profiler.finish();
    Ok(state.summary)
}

struct State {
    work: Work,
    drafter: Drafter,
    /// Where the unique field stands in a record.
    unique: Option<usize>,
    seen: HashSet<u64>,
    profiler: Profiler,
    summary: Summary,
    batch: Batch,
}

impl State {
    /// Whether the record was kept.
    fn take(&mut self, line: u64, draft: Draft) -> Result<bool> {
        let unique = self.unique.and_then(|place| draft.values.get(place));
        if let Some(Value::Customer(text) | Value::Text(Some(text))) = unique {
            let digest = digest(text);
            if self.work.known.contains(&digest) {
                self.summary.known += 1;
                return Ok(false);
            }
            if !self.seen.insert(digest) {
                let field = self.work.mapping.kind.unique_field().unwrap_or_default();
                self.summary.refusals.note(line, format!("{field}: an earlier row has the same"));
                return Ok(false);
            }
        }
        self.profiler.see(&draft);
        let mut values = Vec::with_capacity(draft.values.len());
        for value in draft.values {
            values.push(match value {
                Value::Customer(id) => Value::Integer(Some(self.number(id)?)),
                other => other,
            });
        }
        self.batch.rows.push(values);
        Ok(true)
    }

    fn number(&mut self, id: String) -> Result<i64> {
        if let Some(number) = self.work.people.get(&id) {
            return Ok(*number);
        }
        let number = i64::try_from(self.work.people.len()).unwrap_or(i64::MAX);
        if u64::try_from(number).unwrap_or(u64::MAX) >= self.work.people_max {
            return Err(too_many(format!("the data set has more than {} people", self.work.people_max), "people_max"));
        }
        self.batch.people.push((number, id.clone()));
        self.work.people.insert(id, number);
        Ok(number)
    }

    /// Whether anybody still takes it.
    fn hand_over(&mut self, to: &mpsc::Sender<Batch>) -> bool {
        let batch = std::mem::take(&mut self.batch);
        !self.work.cancel.is_cancelled() && (batch.rows.is_empty() || to.blocking_send(batch).is_ok())
    }
}

fn unique_place(mapping: &Mapping) -> Option<usize> {
    let unique = mapping.kind.unique_field()?;
    mapping.kind.fields().iter().position(|field| field.name == unique)
}

fn too_many(message: String, setting: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, message)
        .with_hint(format!("split it into several data sets, or raise `analytics.imports.{setting}`"))
}
