//! Parquet, row by row. Columns that hold lists or objects are left out.

use common::error::{Error, ErrorCode, Result};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::{Row, Rows};
use crate::cell::Cell;
use crate::intake::content::Content;

const DAY_MS: i64 = 86_400_000;
const NANOS_OF_MS: i64 = 1_000_000;

/// The names of the columns.
pub(super) fn columns(content: &Content) -> Result<Vec<String>> {
    let reader = open(content)?;
    let schema = reader.metadata().file_metadata().schema();
    Ok(schema.get_fields().iter().map(|field| field.name().to_owned()).collect())
}

fn open(content: &Content) -> Result<Box<dyn FileReader>> {
    Ok(match content.file()? {
        Some(file) => Box::new(SerializedFileReader::new(file).map_err(broken)?),
        None => return Err(Error::invalid_argument("text", "is no Parquet", "a file or an address", None)),
    })
}

fn broken(source: parquet::errors::ParquetError) -> Error {
    Error::new(
        ErrorCode::FailedPrecondition,
        "the file is no Parquet file, is damaged, or is packed in a way that is not known",
    )
    .with_hint("write it again with the codec snappy, gzip, zstd or none")
    .with_source(source)
}

/// Rows of a Parquet file.
pub(super) struct ParquetRows {
    rows: RowIter<'static>,
    number: u64,
    /// For each wanted column its name, and whether it counts nanoseconds.
    wanted: Vec<(String, bool)>,
}

impl ParquetRows {
    pub(super) fn open(content: &Content, wanted: &[usize]) -> Result<Self> {
        let reader = open(content)?;
        let schema = reader.metadata().file_metadata().schema().clone();
        let fields: Vec<_> = wanted.iter().filter_map(|place| schema.get_fields().get(*place).cloned()).collect();
        let named = fields.iter().map(|field| (field.name().to_owned(), counts_nanos(field))).collect();
        let projected = Type::group_type_builder(schema.name()).with_fields(fields).build().map_err(broken)?;
        let rows = RowIter::from_file_into(reader).project(Some(projected)).map_err(broken)?;
        Ok(Self { rows, number: 0, wanted: named })
    }
}

/// What pandas writes by default; the reader knows no such instants.
fn counts_nanos(field: &Type) -> bool {
    let logical = field.get_basic_info().logical_type_ref();
    matches!(logical, Some(LogicalType::Timestamp(stamp)) if stamp.unit == TimeUnit::NANOS)
}

impl Rows for ParquetRows {
    fn next_row(&mut self) -> Option<Result<Row>> {
        let row = match self.rows.next()? {
            Ok(row) => row,
            Err(source) => return Some(Err(broken(source))),
        };
        self.number += 1;
        // In the order of the file's columns, which is the order of `wanted`.
        let cells = row.get_column_iter().zip(&self.wanted).map(|((_, field), (_, is_nanos))| cell(field, *is_nanos));
        Some(Ok(Row { line: self.number, cells: Ok(cells.collect()) }))
    }
}

fn cell(field: &Field, is_nanos: bool) -> Cell {
    match field {
        Field::Null | Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => Cell::Absent,
        Field::Bool(flag) => Cell::Flag(*flag),
        Field::Byte(number) => Cell::Integer(i64::from(*number)),
        Field::Short(number) => Cell::Integer(i64::from(*number)),
        Field::Int(number) => Cell::Integer(i64::from(*number)),
        Field::Long(number) if is_nanos => Cell::Instant(number.div_euclid(NANOS_OF_MS)),
        Field::Long(number) => Cell::Integer(*number),
        Field::UByte(number) => Cell::Integer(i64::from(*number)),
        Field::UShort(number) => Cell::Integer(i64::from(*number)),
        Field::UInt(number) => Cell::Integer(i64::from(*number)),
        Field::Float(number) => Cell::Text(number.to_string()),
        Field::Double(number) => Cell::Real(*number),
        Field::Str(text) => Cell::Text(text.clone()),
        Field::Bytes(bytes) => Cell::Text(String::from_utf8_lossy(bytes.data()).into_owned()),
        Field::Date(days) => Cell::Instant(i64::from(*days) * DAY_MS),
        Field::TimestampMillis(at_ms) => Cell::Instant(*at_ms),
        Field::TimestampMicros(at_us) => Cell::Instant(at_us.div_euclid(1_000)),
        Field::ULong(_) | Field::Float16(_) | Field::Decimal(_) | Field::TimeMillis(_) | Field::TimeMicros(_) => {
            Cell::Text(field.to_string())
        }
    }
}
