//! The trace: one row for each attempt at a step.

use std::collections::HashMap;

use common::db::{AnyQuery, Dialect, InsertMany, Tx};
use common::error::Result;
use serde_json::Value;

use super::json::encoded;
use super::run_key::RunKey;
use crate::interpreter::Note;
use crate::interpreter::command::StepStatus;

static UPSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_steps (tenant_id, run_id, step_id, pointer, name, kind, attempt, status, summary, input,
        output, failure, began_ms, ended_ms, next_ms)",
    15,
    " on conflict (tenant_id, run_id, step_id, attempt) do update
    set status = excluded.status, summary = excluded.summary,
        input = coalesce(excluded.input, orchestrator_steps.input), output = excluded.output,
        failure = excluded.failure, ended_ms = excluded.ended_ms, next_ms = excluded.next_ms",
);

/// What a step's row will say.
struct Row<'a> {
    key: &'a RunKey,
    note: &'a Note,
    input: Option<&'a Value>,
    began_ms: i64,
}

/// Writes what happened to steps; of several notes about one attempt the last counts.
pub(crate) async fn write(at: (Dialect, &mut Tx), notes: Vec<(&RunKey, &Note)>) -> Result<()> {
    let mut last: HashMap<(&RunKey, &str, u32), Row<'_>> = HashMap::with_capacity(notes.len());
    for (key, note) in notes {
        let mut row = Row { key, note, input: note.input.as_ref(), began_ms: note.began_ms };
        if let Some(before) = last.get(&(key, note.step.0.as_str(), note.attempt)) {
            row.input = row.input.or(before.input);
            row.began_ms = before.began_ms;
        }
        last.insert((key, note.step.0.as_str(), note.attempt), row);
    }
    let rows: Vec<Row<'_>> = last.into_values().collect();
    let texts = rows.iter().map(Row::texts).collect::<Result<Vec<_>>>()?;
    let rows: Vec<_> = rows.iter().zip(texts).collect();
    UPSERT.execute(at, &rows, |query, (row, texts)| row.bind(query, texts)).await?;
    Ok(())
}

/// Input, output and failure, as JSON.
type Texts = [Option<String>; 3];

impl Row<'_> {
    fn texts(&self) -> Result<Texts> {
        Ok([
            self.input.map(encoded).transpose()?,
            self.note.output.as_ref().map(encoded).transpose()?,
            self.note.failure.as_ref().map(encoded).transpose()?,
        ])
    }

    fn bind(&self, query: AnyQuery, [input, output, failure]: &Texts) -> AnyQuery {
        let Self { key, note, .. } = self;
        query
            .bind(key.tenant.as_str().to_owned())
            .bind(key.run_id.0.clone())
            .bind(note.step.0.clone())
            .bind(note.pointer.0.clone())
            .bind(note.name.clone())
            .bind(note.kind.clone())
            .bind(i64::from(note.attempt))
            .bind(spelt(note.status))
            .bind(note.summary.clone())
            .bind(input.clone())
            .bind(output.clone())
            .bind(failure.clone())
            .bind(self.began_ms)
            .bind(note.ended_ms)
            .bind(note.next_ms)
    }
}

/// How a step's status is written.
pub(crate) const fn spelt(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Running => "running",
        StepStatus::Waiting => "waiting",
        StepStatus::Completed => "completed",
        StepStatus::Failed => "failed",
        StepStatus::Retrying => "retrying",
        StepStatus::Skipped => "skipped",
        StepStatus::Cancelled => "cancelled",
        StepStatus::Compensated => "compensated",
    }
}
