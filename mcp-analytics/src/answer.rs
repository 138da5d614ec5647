//! What answers are made of: tables column by column name, which take half the tokens of objects.

use std::borrow::Cow;

use common::tool::one_line;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::features::real;
use crate::instant::rfc3339;

/// Longest text of a cell, in characters.
const TEXT_LENGTH_MAX: usize = 120;

/// A table: the names of its columns, and its rows in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Grid {
    /// Names, in the order of each row.
    pub(crate) columns: Vec<Cow<'static, str>>,
    /// Values; null where there is none.
    pub(crate) rows: Vec<Vec<Scalar>>,
}

impl Grid {
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.iter().map(|column| Cow::Borrowed(*column)).collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<Scalar>) {
        self.rows.push(row);
    }
}

/// One value of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Absent(()),
    Flag(bool),
    Integer(i64),
    Real(f64),
    Text(String),
}

impl Scalar {
    pub(crate) const ABSENT: Self = Self::Absent(());

    /// Text that somebody outside may have written: one line, bounded.
    pub(crate) fn outside(text: &str) -> Self {
        Self::Text(one_line(text, TEXT_LENGTH_MAX))
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn count(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// RFC 3339.
    pub(crate) fn instant(at_ms: i64) -> Self {
        Self::Text(rfc3339(at_ms))
    }

    /// To four significant digits behind the point at most: what is shown is for reading.
    pub(crate) fn real(number: f64) -> Self {
        if number.is_finite() { Self::Real((number * 10_000.0).round() / 10_000.0) } else { Self::ABSENT }
    }
}

impl<T: Into<Self>> From<Option<T>> for Scalar {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::ABSENT, Into::into)
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Number, text, true, false or null.",
            "anyOf": [{ "type": "number" }, { "type": "string" }, { "type": "boolean" }, { "type": "null" }]
        })
    }
}

/// A part of a whole in percent, to a tenth; none of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> Scalar {
    if whole == 0 {
        return Scalar::ABSENT;
    }
    let tenths = u128::from(part) * 1_000 / u128::from(whole);
    u32::try_from(tenths).map_or(Scalar::ABSENT, |tenths| Scalar::Real(f64::from(tenths) / 10.0))
}

/// A part of a whole, 0 to 1; none of nothing.
pub(crate) fn share(part: i64, whole: i64) -> Scalar {
    if whole == 0 { Scalar::ABSENT } else { Scalar::real(real(part) / real(whole)) }
}
