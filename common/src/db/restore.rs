//! Takes a backup back into an empty database: the whole of it or nothing.

use std::io::{BufRead, Seek, SeekFrom};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::backup::{BackupReport, FORMAT, FORMAT_VERSION, Footer, Header, TableLine};
use super::columns::{Column, Kind, Scalar, Table, tables};
use super::{AnyQuery, Db, Pools, Tx, migrate};
use crate::error::{Error, ErrorCode, Result};

impl Db {
    /// Takes back what [`Db::back_up`] has written, from either database. Must be the first use of this handle.
    ///
    /// # Errors
    /// `failed_precondition` if the backup is damaged or newer than this program, or the database is not empty.
    pub async fn restore(&self, mut backup: impl BufRead + Seek) -> Result<BackupReport> {
        let header = examine(&mut backup)?;
        backup.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let _guard = self.inner.migration_guard().await?;
        let pools = self.inner.connect().await?;
        let restored = self.take_back(&pools, &header, backup).await;
        pools.readers.close().await;
        pools.writer.close().await;
        restored
    }

    async fn take_back(&self, pools: &Pools, header: &Header, backup: impl BufRead) -> Result<BackupReport> {
        for each in &self.inner.migrations {
            // Rows go into the tables they came from; what this program has changed since is applied to them afterwards.
            if let Some(last) = header.migrations.get(each.table).and_then(|versions| versions.last()) {
                if !each.migrator.version_exists(*last) {
                    return Err(Error::new(ErrorCode::FailedPrecondition, "the backup is newer than this program")
                        .with_hint("restore it with the program that made it, or a later one"));
                }
                migrate::run_to(&pools.writer, each.migrator, each.table, *last).await?;
            }
        }
        let mut tx = self.begin_with(&pools.writer).await?;
        let recorded: Vec<&str> = self.inner.migrations.iter().map(|each| each.table).collect();
        let tables = tables(self.dialect(), &mut tx, &recorded).await?;
        refuse_rows(&mut tx, &tables).await?;
        let report = insert_all(&mut tx, &tables, backup).await?;
        tx.commit().await?;
        for each in &self.inner.migrations {
            migrate::run(&pools.writer, each.migrator, each.table).await?;
        }
        Ok(report)
    }
}

/// Reads a backup to its end and makes sure that it is whole.
fn examine(backup: &mut impl BufRead) -> Result<Header> {
    let (mut digest, mut rows, mut line, mut last) = (Sha256::new(), 0_u64, Vec::new(), Vec::new());
    let header = next_line(backup, &mut line)?.then(|| parse::<Header>(&line)).transpose()?;
    let header = header.filter(|header| header.format == FORMAT).ok_or_else(|| {
        Error::new(ErrorCode::FailedPrecondition, "the file is not a backup").with_hint("name one that `backup` wrote")
    })?;
    if header.format_version > FORMAT_VERSION {
        return Err(Error::new(ErrorCode::FailedPrecondition, "the backup's form is newer than this program")
            .with_hint("restore it with the program that made it, or a later one"));
    }
    digest.update(&line);
    while next_line(backup, &mut line)? {
        // The last line is not part of what it digests.
        digest.update(&last);
        rows = rows.saturating_add(u64::from(last.starts_with(b"[")));
        std::mem::swap(&mut last, &mut line);
    }
    let footer: Footer = parse(&last)?;
    if footer.rows != rows || footer.sha256 != hex::encode(digest.finalize()) {
        return Err(damaged("it is not as it was written"));
    }
    Ok(header)
}

fn next_line(backup: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    Ok(backup.read_until(b'\n', line).map_err(unreadable)? > 0)
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T> {
    serde_json::from_slice(line).map_err(damaged)
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the backup is damaged or not complete")
        .with_hint("use another one; nothing was restored")
        .with_source(source)
}

fn unreadable(source: std::io::Error) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the backup cannot be read").with_source(source)
}

async fn refuse_rows(tx: &mut Tx, tables: &[Table]) -> Result<()> {
    for table in tables {
        if sqlx::query(table.select_one()).fetch_optional(&mut **tx).await?.is_some() {
            return Err(Error::new(ErrorCode::FailedPrecondition, "the database is not empty")
                .with_hint("restore into a fresh `--data-dir` or database; nothing was changed"));
        }
    }
    Ok(())
}

async fn insert_all(tx: &mut Tx, tables: &[Table], mut backup: impl BufRead) -> Result<BackupReport> {
    let (mut report, mut line, mut into) = (BackupReport::default(), Vec::new(), None);
    next_line(&mut backup, &mut line)?;
    while next_line(&mut backup, &mut line)? {
        if line.starts_with(b"[") {
            let (table, statement) = into.as_ref().ok_or_else(|| damaged("rows before their table"))?;
            let values = parse(&line)?;
            insert(tx, table, statement, values).await?;
            report.count(&table.name);
        } else if let Ok(next) = parse::<TableLine>(&line) {
            let table = matching(tables, &next)?;
            let statement = table.insert();
            into = Some((table, statement));
        }
    }
    Ok(report)
}

/// The table of this database with the columns in the backup's order.
fn matching(tables: &[Table], wanted: &TableLine) -> Result<Table> {
    let known = tables.iter().find(|table| table.name == wanted.table);
    let column = |name: &String| known?.columns.iter().find(|column| column.name == *name).cloned();
    let columns: Option<Vec<Column>> = wanted.columns.iter().map(column).collect();
    match (known, columns) {
        (Some(_), Some(columns)) => Ok(Table { name: wanted.table.clone(), columns }),
        _ => Err(Error::new(ErrorCode::FailedPrecondition, "the backup has tables that this program does not know")
            .with_hint("restore it with the program that made it: `luminar` for all servers")
            .with_source(wanted.table.clone())),
    }
}

async fn insert(
    tx: &mut Tx,
    table: &Table,
    statement: &sqlx::AssertSqlSafe<String>,
    values: Vec<Option<Scalar>>,
) -> Result<()> {
    if values.len() != table.columns.len() {
        return Err(damaged("a row has another number of columns than its table"));
    }
    let mut query: AnyQuery = sqlx::query(sqlx::AssertSqlSafe(statement.0.clone()));
    for (column, value) in table.columns.iter().zip(values) {
        query = bind(query, column.kind, value)?;
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

fn bind(query: AnyQuery, kind: Kind, value: Option<Scalar>) -> Result<AnyQuery> {
    Ok(match (kind, value) {
        (Kind::Integer, None) => query.bind(None::<i64>),
        (Kind::Real, None) => query.bind(None::<f64>),
        (Kind::Text, None) => query.bind(None::<String>),
        (Kind::Bytes, None) => query.bind(None::<Vec<u8>>),
        (Kind::Integer, Some(Scalar::Integer(number))) => query.bind(number),
        (Kind::Real, Some(Scalar::Real(number))) => query.bind(number),
        (Kind::Text, Some(Scalar::Text(text))) => query.bind(text),
        (Kind::Bytes, Some(Scalar::Text(text))) => query.bind(STANDARD.decode(text).map_err(damaged)?),
        (Kind::Integer | Kind::Real | Kind::Text | Kind::Bytes, Some(_)) => {
            return Err(damaged("a value has another type than its column"));
        }
    })
}
