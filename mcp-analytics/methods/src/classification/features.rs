//! What is known of each record, as numbers, with gaps.

use std::borrow::Cow;

use crate::fault::Fault;

/// Rows one after the other in one buffer; `NaN` stands for a value that is missing, and no value is infinite.
#[derive(Clone, Debug)]
pub struct Features {
    values: Vec<f64>,
    columns: usize,
}

impl Features {
    /// As many columns as are taken: 4,096.
    pub const COLUMNS_MAX: usize = 4_096;
    /// As many rows as are taken: 50,000,000.
    pub const ROWS_MAX: usize = 50_000_000;

    /// Takes over a buffer of rows, `NaN` where a value is missing.
    ///
    /// # Errors
    /// `Parameter` without columns, with too many of them or too many rows, `Shape` if the buffer is no whole number of rows,
    /// `NotFinite` for the first infinite value.
    pub fn of_rows(values: Vec<f64>, columns: usize) -> Result<Self, Fault> {
        if !(1..=Self::COLUMNS_MAX).contains(&columns) {
            return Err(Fault::Parameter { name: "columns", expected: "1 to 4,096" });
        }
        if !values.len().is_multiple_of(columns) {
            return Err(Fault::Shape { values: values.len(), needed: values.len().next_multiple_of(columns) });
        }
        if values.len() / columns > Self::ROWS_MAX {
            return Err(Fault::Parameter { name: "rows", expected: "at most 50,000,000" });
        }
        if let Some(at) = values.iter().position(|value| value.is_infinite()) {
            return Err(Fault::NotFinite { row: at / columns, column: at % columns });
        }
        Ok(Self { values, columns })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// How many columns there are, at least 1.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Each row as a slice.
    pub fn iter_rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }

    /// One column, from the first row to the last; nothing for a column that is not there.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f64> + '_ {
        self.iter_rows().filter_map(move |row| row.get(column).copied())
    }

    /// The named rows in the order in which they are named; those that are not there are left out.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let taken = rows.iter().filter_map(|row| self.iter_rows().nth(*row));
        Self { values: taken.flatten().copied().collect(), columns: self.columns }
    }

    /// The values with each missing one replaced by its column's entry of `instead`.
    pub(crate) fn filled(&self, instead: &[f64]) -> Cow<'_, [f64]> {
        if !self.values.iter().any(|value| value.is_nan()) {
            return Cow::Borrowed(&self.values);
        }
        let mut values = self.values.clone();
        for row in values.chunks_exact_mut(self.columns) {
            for (value, instead) in row.iter_mut().zip(instead) {
                if value.is_nan() {
                    *value = *instead;
                }
            }
        }
        Cow::Owned(values)
    }
}

/// That there is one label per row, and both classes among them.
///
/// # Errors
/// `Shape` for another number of labels, `TooFewRows` below 2, `Constant` where all labels are of one class.
pub(crate) fn check_labels(rows: usize, labels: &[bool]) -> Result<(), Fault> {
    if labels.len() != rows {
        return Err(Fault::Shape { values: labels.len(), needed: rows });
    }
    if rows < 2 {
        return Err(Fault::TooFewRows { rows, needed: 2 });
    }
    let positives = labels.iter().filter(|label| **label).count();
    if positives == 0 || positives == rows {
        return Err(Fault::Constant { what: "labels" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_kept_and_infinities_refused() {
        assert!(Features::of_rows(vec![1.0, f64::NAN], 2).is_ok());
        let found = Features::of_rows(vec![1.0, f64::INFINITY], 1);
        assert_eq!(found.err(), Some(Fault::NotFinite { row: 1, column: 0 }));
    }

    #[test]
    fn rows_are_selected_in_order() {
        let features = Features::of_rows(vec![0.0, 1.0, 2.0], 1).unwrap();
        assert_eq!(features.select(&[2, 0, 9]).values(), [2.0, 0.0]);
    }
}
