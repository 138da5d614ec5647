//! A table of finite numbers, one record a row.

use crate::fault::Fault;

/// Rows one after the other in one buffer; every value is finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    values: Vec<f64>,
    columns: usize,
}

impl Matrix {
    /// Takes over a buffer of rows.
    ///
    /// # Errors
    /// `Parameter` without columns, `Shape` if the buffer is no whole number of rows, `NotFinite` for the first value that is
    /// not a number or infinite.
    pub fn of_rows(values: Vec<f64>, columns: usize) -> Result<Self, Fault> {
        if columns == 0 {
            return Err(Fault::Parameter { name: "columns", expected: "1 or more" });
        }
        if !values.len().is_multiple_of(columns) {
            return Err(Fault::Shape { values: values.len(), needed: values.len().next_multiple_of(columns) });
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
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

    /// The value that is farthest from 0, as the one to name where squares have overflowed.
    pub(crate) fn too_large(&self) -> Fault {
        let farthest = self.values.iter().enumerate().max_by(|one, other| one.1.abs().total_cmp(&other.1.abs()));
        let at = farthest.map_or(0, |(at, _)| at);
        Fault::TooLarge { row: at / self.columns, column: at % self.columns }
    }

    /// Each row as a slice.
    pub fn iter_rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_not_finite_is_named_by_its_place() {
        let found = Matrix::of_rows(vec![0.0, 1.0, 2.0, f64::NAN], 2);
        assert_eq!(found, Err(Fault::NotFinite { row: 1, column: 1 }));
    }

    #[test]
    fn half_a_row_is_refused() {
        assert_eq!(Matrix::of_rows(vec![0.0; 3], 2), Err(Fault::Shape { values: 3, needed: 4 }));
    }
}
