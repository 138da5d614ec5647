//! A copy of every row, taken in one instant while everything goes on, as text that either database can take back.
//!
//! JSON Lines: a header, for each table a line with its columns and one for each row, and a last line with the number of
//! rows and the SHA-256 of everything before it. Sealed secrets are in it as they are in the database: sealed. Their key
//! is not.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::columns::{Column, Kind, Scalar, Table, tables};
use super::{Db, Tx};
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, Result};

/// What the first line says the file is.
pub(super) const FORMAT: &str = "luminar-backup";

/// The form of the lines. A program reads its own and refuses later ones.
pub(super) const FORMAT_VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) format_version: u32,
    pub(super) at_ms: UnixMillis,
    /// The migrations that had been applied, by the table that records them.
    pub(super) migrations: BTreeMap<String, Vec<i64>>,
}

/// The line before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableLine {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Footer {
    pub(super) rows: u64,
    /// Of all bytes before this line.
    pub(super) sha256: String,
}

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// Rows of each table that has any.
    pub tables: BTreeMap<String, u64>,
    pub rows: u64,
}

impl BackupReport {
    pub(super) fn count(&mut self, table: &str) {
        self.rows = self.rows.saturating_add(1);
        match self.tables.get_mut(table) {
            Some(rows) => *rows = rows.saturating_add(1),
            None => _ = self.tables.insert(table.to_owned(), 1),
        }
    }
}

/// Writes lines and digests them.
struct Lines<Out> {
    out: Out,
    digest: Sha256,
}

impl<Out: Write> Lines<Out> {
    fn write(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text =
            serde_json::to_vec(line).map_err(|source| Error::internal("a row could not be encoded", source))?;
        text.push(b'\n');
        self.digest.update(&text);
        self.out.write_all(&text).map_err(unwritable)
    }
}

impl Db {
    /// Copies every row as it is in one instant, while others go on reading and writing.
    ///
    /// # Errors
    /// `failed_precondition` if `out` cannot be written; as [`Db::read`].
    pub async fn back_up(&self, out: impl Write, at_ms: UnixMillis) -> Result<BackupReport> {
        let mut tx = self.snapshot().await?;
        let mut lines = Lines { out, digest: Sha256::new() };
        let recorded: Vec<&str> = self.inner.migrations.iter().map(|each| each.table).collect();
        let mut migrations = BTreeMap::new();
        for table in &recorded {
            migrations.insert((*table).to_owned(), applied(&mut tx, table).await?);
        }
        lines.write(&Header { format: FORMAT.to_owned(), format_version: FORMAT_VERSION, at_ms, migrations })?;
        let mut report = BackupReport::default();
        for table in tables(self.dialect(), &mut tx, &recorded).await? {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            lines.write(&TableLine { table: table.name.clone(), columns })?;
            let mut rows = sqlx::query(table.select()).fetch(&mut *tx);
            while let Some(row) = rows.try_next().await? {
                lines.write(&values(&table, &row)?)?;
                report.count(&table.name);
            }
        }
        let footer = Footer { rows: report.rows, sha256: hex::encode(lines.digest.clone().finalize()) };
        lines.write(&footer)?;
        lines.out.flush().map_err(unwritable)?;
        Ok(report)
    }
}

/// The versions of the migrations that a table records, in their order.
pub(super) async fn applied(tx: &mut Tx, table: &str) -> Result<Vec<i64>> {
    // Safe to assert: the name is a constant of a crate.
    let statement = AssertSqlSafe(format!("select version from {table} order by version"));
    Ok(sqlx::query_scalar(statement).fetch_all(&mut **tx).await?)
}

fn values(table: &Table, row: &AnyRow) -> Result<Vec<Option<Scalar>>> {
    let value = |(place, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Integer => row.try_get::<Option<i64>, _>(place)?.map(Scalar::Integer),
            Kind::Real => row.try_get::<Option<f64>, _>(place)?.map(Scalar::Real),
            Kind::Text => row.try_get::<Option<String>, _>(place)?.map(Scalar::Text),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(place)?.map(|bytes| Scalar::Text(STANDARD.encode(bytes))),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}

fn unwritable(source: std::io::Error) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the backup cannot be written")
        .with_hint("check that the disk has room and the folder can be written to")
        .with_source(source)
}
