//! A file read as a table: columns, and rows one after the other.

mod csv_rows;
mod json_rows;
mod parquet_rows;

use common::error::{Error, ErrorCode, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::{Content, unreadable};
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

#[cfg(test)]
mod tests {
    use analytics_methods::random::Random;
    use bytes::Bytes;

    use super::*;
    use crate::draft::Drafter;
    use crate::mapping::{Mapping, Said};
    use crate::record::RecordKind;

    const SEEDS: [&str; 3] = [
        "id;customer_id;at;amount;currency\n1;ann;2026-01-01;\"1.234,50\";EUR\n2;bob;02.03.2026;NaN;\n",
        "{\"customer_id\": \"ann\", \"at\": 1795132800, \"amount\": -0.5, \"x\": {\"y\": [1, {}]}}\n{\"at\": null}\n",
        "00004\t19970101\t29.33\n00004\t19970118\t1e999\n\"\n",
    ];

    /// Bytes that text is hurt with.
    const HOSTILE: &[u8] = b"\",;\t|\n\r{}[]:\\0-9eE+.\xff\xfe\xef\xbb\xbf\0 ";

    #[test]
    fn whatever_is_written_there_is_an_answer() {
        let mut random = Random::of_seed(11);
        for round in 0..3_000_usize {
            let mut bytes = SEEDS[round % SEEDS.len()].as_bytes().to_vec();
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                match random.below(3) {
                    0 => bytes[at] = HOSTILE[random.below(HOSTILE.len())],
                    1 => bytes.insert(at, HOSTILE[random.below(HOSTILE.len())]),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let form = [None, Some(Form::Csv), Some(Form::JsonLines), Some(Form::Parquet)][random.below(4)];
            let Ok(table) = Table::open(Content::Text(Bytes::from(bytes)), form) else { continue };
            let sample = table.sample().unwrap_or_default();
            for kind in RecordKind::ALL {
                let said = Said { currency: Some("EUR".to_owned()), ..Said::default() };
                let mapping = Mapping::propose(kind, &table.columns, &sample, &said).unwrap();
                let drafter = Drafter::new(&mapping, 1_795_132_800_000);
                let mut rows = table.rows(&mapping.wanted()).unwrap();
                while let Some(Ok(row)) = rows.next_row() {
                    let made = row.cells.and_then(|cells| drafter.draft(&cells));
                    assert!(made.is_ok_and(|made| made.values.len() == kind.fields().len()) || row.line > 0);
                }
            }
        }
    }
}
