//! A file read as a table: columns, and rows one after the other.

use common::error::{Error, ErrorCode, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::{Content, unreadable};
use super::{csv_rows, json_rows, parquet_rows};
use crate::cell::Cell;

/// Most columns of a table.
pub(super) const COLUMNS_MAX: usize = 1_000;

/// Longest row, in bytes.
pub(super) const ROW_BYTES_MAX: usize = 1024 * 1024;

/// Rows that a proposal is made from.
const SAMPLE_ROWS: usize = 1_000;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    Csv,
    JsonLines,
    Parquet,
}

/// Rows one after the other.
pub(crate) trait Rows: Send {
    /// The next row; none behind the last one.
    ///
    /// # Errors
    /// `failed_precondition` if the file cannot be read any further.
    fn next_row(&mut self) -> Option<Result<Row>>;
}

/// A row as it was read.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it stands: the line of a text, from 1; the row of a Parquet file, from 1.
    pub(crate) line: u64,
    /// The wanted columns in their order, or why it is no row.
    pub(crate) cells: Result<Vec<Cell>, String>,
}

/// A table that can be read more than once.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) content: Content,
    pub(crate) form: Form,
    pub(crate) columns: Vec<String>,
    /// Whether the first line of a CSV file names the columns.
    pub(crate) has_header: bool,
    pub(crate) delimiter: u8,
}

impl Table {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// `failed_precondition` if it is empty, of no known form, or has too many columns.
    pub(crate) fn open(content: Content, form: Option<Form>) -> Result<Self> {
        let mut beginning = Vec::new();
        let mut reader = std::io::Read::take(content.read()?, 64 * 1024);
        std::io::Read::read_to_end(&mut reader, &mut beginning).map_err(unreadable)?;
        if beginning.iter().all(u8::is_ascii_whitespace) {
            return Err(empty());
        }
        if beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]) {
            return Err(Error::new(ErrorCode::FailedPrecondition, "the file is written in UTF-16")
                .with_hint("save it as UTF-8"));
        }
        let form = form.unwrap_or_else(|| guess(&content.extension(), &beginning));
        let mut table = Self { content, form, columns: Vec::new(), has_header: true, delimiter: b',' };
        match form {
            Form::Csv => csv_rows::look(&mut table, &beginning)?,
            Form::JsonLines => table.columns = json_rows::columns(&table.content, SAMPLE_ROWS)?,
            Form::Parquet => table.columns = parquet_rows::columns(&table.content)?,
        }
        check_columns(table.columns.len())?;
        Ok(table)
    }

    /// All rows, with these columns alone.
    ///
    /// # Errors
    /// `failed_precondition` if the file cannot be read.
    pub(crate) fn rows(&self, wanted: &[usize]) -> Result<Box<dyn Rows>> {
        Ok(match self.form {
            Form::Csv => Box::new(csv_rows::CsvRows::open(self, wanted)?),
            Form::JsonLines => {
                let named = wanted.iter().filter_map(|place| self.columns.get(*place).cloned());
                Box::new(json_rows::JsonRows::open(&self.content, named.collect())?)
            }
            Form::Parquet => Box::new(parquet_rows::ParquetRows::open(&self.content, wanted)?),
        })
    }

    /// The first rows that are rows, with all columns.
    ///
    /// # Errors
    /// As [`Table::rows`].
    pub(crate) fn sample(&self) -> Result<Vec<Vec<Cell>>> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let mut rows = self.rows(&all)?;
        let mut sample = Vec::new();
        for _ in 0..SAMPLE_ROWS {
            let Some(row) = rows.next_row() else { break };
            sample.extend(row?.cells.ok());
        }
        Ok(sample)
    }
}

/// # Errors
/// `failed_precondition` for more columns than a table may have.
pub(super) fn check_columns(columns: usize) -> Result<()> {
    if columns <= COLUMNS_MAX {
        return Ok(());
    }
    let message = format!("the table has more than {COLUMNS_MAX} columns");
    Err(Error::new(ErrorCode::FailedPrecondition, message)
        .with_hint("write one row for each record, and leave out columns that are not needed"))
}

pub(super) fn empty() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "there is nothing in it")
        .with_hint("give a table with a row for each record")
}

fn guess(extension: &str, beginning: &[u8]) -> Form {
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    match extension {
        "parquet" | "pq" => Form::Parquet,
        "jsonl" | "ndjson" => Form::JsonLines,
        _ if beginning.starts_with(b"PAR1") => Form::Parquet,
        _ if first == Some(&b'{') => Form::JsonLines,
        _ => Form::Csv,
    }
}
