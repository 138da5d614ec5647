//! CSV as spreadsheets and shops write it (RFC 4180, with other delimiters).

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::error::{Error, ErrorCode, Result};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{ROW_BYTES_MAX, Row, Rows, Table, check_columns, empty};
use crate::cell::Cell;
use crate::instant::DateForm;
use crate::intake::content::Content;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The UTF-8 byte order mark.
const MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Finds out delimiter, header and columns.
pub(super) fn look(table: &mut Table, beginning: &[u8]) -> Result<()> {
    let first_line = beginning.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let first_line = first_line.unwrap_or_default();
    let count = |delimiter: u8| first_line.split(|byte| *byte == delimiter).count();
    // The last of equals wins in `max_by_key`: a table of one column has commas.
    table.delimiter = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
    // A header that is far too long is told before it is read.
    check_columns(count(table.delimiter))?;
    let mut reader = reader(&table.content, table.delimiter)?;
    let mut record = ByteRecord::new();
    if !reader.records.read_byte_record(&mut record).map_err(broken)? {
        return Err(empty());
    }
    check_columns(record.len())?;
    let cells: Vec<String> = record.iter().map(|cell| plain(cell).trim().to_owned()).collect();
    table.has_header = !cells.iter().any(|cell| is_value(cell));
    table.columns =
        if table.has_header { cells } else { (1..=cells.len()).map(|number| format!("column {number}")).collect() };
    Ok(())
}

/// A number or date does not name a column.
fn is_value(cell: &str) -> bool {
    cell.parse::<f64>().is_ok()
        || [DateForm::Iso, DateForm::DayFirst, DateForm::MonthFirst].iter().any(|form| form.parse(cell).is_some())
}

fn plain(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell.strip_prefix(MARK).unwrap_or(cell)).into_owned()
}

struct Bounded {
    records: Reader<Within>,
    read: Arc<AtomicUsize>,
}

/// Gives up on a row that does not end.
struct Within {
    inner: Box<dyn Read + Send>,
    /// Bytes since the last row.
    read: Arc<AtomicUsize>,
}

impl Read for Within {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if self.read.fetch_add(count, Ordering::Relaxed) > ROW_BYTES_MAX {
            return Err(std::io::Error::other("a row is too long"));
        }
        Ok(count)
    }
}

fn reader(content: &Content, delimiter: u8) -> Result<Bounded> {
    let read = Arc::new(AtomicUsize::new(0));
    let within = Within { inner: content.read()?, read: Arc::clone(&read) };
    let records = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(within);
    Ok(Bounded { records, read })
}

fn broken(source: csv::Error) -> Error {
    Error::new(
        ErrorCode::FailedPrecondition,
        format!("the table cannot be read, or a row is longer than {ROW_BYTES_MAX} bytes"),
    )
    .with_hint("a quotation mark that is not closed takes the rest of the file into one cell")
    .with_source(source)
}

/// Rows of a CSV file.
pub(super) struct CsvRows {
    reader: Bounded,
    record: ByteRecord,
    columns: usize,
    wanted: Vec<usize>,
}

impl CsvRows {
    pub(super) fn open(table: &Table, wanted: &[usize]) -> Result<Self> {
        let mut rows = Self {
            reader: reader(&table.content, table.delimiter)?,
            record: ByteRecord::new(),
            columns: table.columns.len(),
            wanted: wanted.to_vec(),
        };
        if table.has_header {
            rows.reader.records.read_byte_record(&mut rows.record).map_err(broken)?;
        }
        Ok(rows)
    }
}

impl Rows for CsvRows {
    fn next_row(&mut self) -> Option<Result<Row>> {
        self.reader.read.store(0, Ordering::Relaxed);
        match self.reader.records.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(source) => return Some(Err(broken(source))),
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        let record = &self.record;
        let cells = if record.len() == self.columns {
            Ok(self.wanted.iter().map(|place| cell(record.get(*place).unwrap_or_default())).collect())
        } else {
            Err(format!("the row has {} columns, the table {}", record.len(), self.columns))
        };
        Some(Ok(Row { line, cells }))
    }
}

fn cell(bytes: &[u8]) -> Cell {
    if bytes.is_empty() { Cell::Absent } else { Cell::Text(plain(bytes)) }
}
