//! Columns brought to one measure, so that none decides by its unit alone.

use crate::convert::real;
use crate::fault::Fault;
use crate::matrix::Matrix;

/// What is done to the values of a column before it is centred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    #[default]
    AsIs,
    /// sign(x) · ln(1 + |x|): amounts and counts with a long tail; ln(1 + x) where there is nothing below 0.
    Log1p,
}

/// How a column is centred and what is its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// As it is.
    AsIs,
    /// Mean 0 and standard deviation 1 (that of the population, as scikit-learn's `StandardScaler`).
    #[default]
    Standard,
    /// Median 0 and quartiles one apart (as scikit-learn's `RobustScaler`): outliers do not move it.
    Robust,
}

/// What is done to one column, as learnt from data: `(shape(x) − centre) / unit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What is done first.
    pub shape: Shape,
    /// What becomes 0.
    pub centre: f64,
    /// What becomes 1, above 0; 1 where there is no spread (all values, or both quartiles, alike): such values become 0.
    pub unit: f64,
}

/// What is done to the columns of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// One for each column.
    pub columns: Vec<Column>,
}

impl Scaling {
    /// Learns from data what to do to each column.
    ///
    /// # Errors
    /// `TooFewRows` without rows, `Shape` if there is not one way for each column, `TooLarge` where squares overflow.
    pub fn of(data: &Matrix, ways: &[(Shape, Unit)]) -> Result<Self, Fault> {
        if data.rows() == 0 {
            return Err(Fault::TooFewRows { rows: 0, needed: 1 });
        }
        if ways.len() != data.columns() {
            return Err(Fault::Shape { values: ways.len(), needed: data.columns() });
        }
        let column = |(number, (shape, unit)): (usize, &(Shape, Unit))| {
            let values = data.values().iter().skip(number).step_by(data.columns());
            Column::of(values.map(|value| shaped(*shape, *value)).collect(), *shape, *unit)
        };
        let columns: Vec<Column> = ways.iter().enumerate().map(column).collect();
        if columns.iter().any(|column| !(column.centre.is_finite() && column.unit.is_finite())) {
            return Err(data.too_large());
        }
        Ok(Self { columns })
    }

    /// The scaled table.
    ///
    /// # Errors
    /// `Shape` for another number of columns; `NotFinite` where a value is too large to be scaled.
    pub fn apply(&self, data: &Matrix) -> Result<Matrix, Fault> {
        if data.columns() != self.columns.len() {
            return Err(Fault::Shape { values: data.columns(), needed: self.columns.len() });
        }
        let columns = self.columns.iter().cycle();
        let scaled = data.values().iter().zip(columns).map(|(value, column)| column.scaled(*value));
        Matrix::of_rows(scaled.collect(), data.columns())
    }

    /// A table that was scaled, in its own units again: the centres of clusters, for example.
    ///
    /// # Errors
    /// `Shape` for another number of columns; `NotFinite` where a value is too large.
    pub fn undo(&self, scaled: &Matrix) -> Result<Matrix, Fault> {
        if scaled.columns() != self.columns.len() {
            return Err(Fault::Shape { values: scaled.columns(), needed: self.columns.len() });
        }
        let columns = self.columns.iter().cycle();
        let values = scaled.values().iter().zip(columns).map(|(value, column)| column.unscaled(*value));
        Matrix::of_rows(values.collect(), scaled.columns())
    }
}

impl Column {
    fn of(mut values: Vec<f64>, shape: Shape, unit: Unit) -> Self {
        let (centre, spread) = match unit {
            Unit::AsIs => (0.0, 1.0),
            Unit::Standard => mean_and_deviation(&values),
            Unit::Robust => {
                values.sort_unstable_by(f64::total_cmp);
                (quantile(&values, 0.5), quantile(&values, 0.75) - quantile(&values, 0.25))
            }
        };
        // Rounding leaves a trace of spread in a column of one value.
        let is_flat = spread <= 10.0 * f64::EPSILON * centre.abs() || spread == 0.0;
        Self { shape, centre, unit: if is_flat { 1.0 } else { spread } }
    }

    fn scaled(&self, value: f64) -> f64 {
        (shaped(self.shape, value) - self.centre) / self.unit
    }

    fn unscaled(&self, value: f64) -> f64 {
        let value = value * self.unit + self.centre;
        match self.shape {
            Shape::AsIs => value,
            Shape::Log1p => value.abs().exp_m1().copysign(value),
        }
    }
}

fn shaped(shape: Shape, value: f64) -> f64 {
    match shape {
        Shape::AsIs => value,
        Shape::Log1p => value.abs().ln_1p().copysign(value),
    }
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = real(values.len());
    let mean = values.iter().map(|value| value / count).sum::<f64>();
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// The quantile of ascending values, with linear interpolation (numpy's default).
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let at = share * real(last);
    let below = (0..=last).take_while(|place| real(*place) <= at).last().unwrap_or(0);
    let value = |place: usize| ascending.get(place.min(last)).copied().unwrap_or(0.0);
    let (low, high) = (value(below), value(below + 1));
    low + (high - low) * (at - real(below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::are_close;

    const VALUES: [f64; 8] = [0.0, 1.0, 2.0, 10.0, 11.5, 12.0, 50.0, -49.0];

    fn learnt(shape: Shape, unit: Unit) -> Column {
        let data = Matrix::of_rows(VALUES.to_vec(), 1).expect("rows");
        Scaling::of(&data, &[(shape, unit)]).expect("a scaling").columns.remove(0)
    }

    /// scikit-learn 1.9.1: `StandardScaler` and `RobustScaler` of the same values.
    #[test]
    fn columns_have_the_centres_and_units_of_scikit_learn() {
        let standard = learnt(Shape::AsIs, Unit::Standard);
        assert!(are_close(standard.centre, 4.6875, 1e-12) && are_close(standard.unit, 25.264_769_813_912_81, 1e-12));
        let robust = learnt(Shape::AsIs, Unit::Robust);
        assert!(are_close(robust.centre, 6.0, 1e-12) && are_close(robust.unit, 10.875, 1e-12));
    }

    #[test]
    fn what_was_scaled_comes_back() {
        let data = Matrix::of_rows(VALUES.to_vec(), 2).expect("rows");
        for unit in [Unit::AsIs, Unit::Standard, Unit::Robust] {
            let scaling = Scaling::of(&data, &[(Shape::Log1p, unit), (Shape::AsIs, unit)]).expect("a scaling");
            let back = scaling.apply(&data).and_then(|scaled| scaling.undo(&scaled)).expect("a table");
            for (value, was) in back.values().iter().zip(VALUES) {
                assert!((value - was).abs() < 1e-12, "{value} for {was}");
            }
        }
    }

    #[test]
    fn a_column_of_one_value_becomes_all_zeros() {
        // The mean of these is not exactly 0.1.
        let data = Matrix::of_rows(vec![0.1; 11], 1).expect("rows");
        for unit in [Unit::Standard, Unit::Robust] {
            let scaled = Scaling::of(&data, &[(Shape::AsIs, unit)]).and_then(|scaling| scaling.apply(&data));
            assert!(scaled.expect("a table").values().iter().all(|value| value.abs() < 1e-15));
        }
    }

    #[test]
    fn the_logarithm_keeps_the_sign_and_the_order() {
        let mut values: Vec<f64> = VALUES.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        assert!(values.iter().map(|value| shaped(Shape::Log1p, *value)).is_sorted());
        assert!(are_close(shaped(Shape::Log1p, -49.0), -(50.0_f64.ln()), 1e-15));
    }

    #[test]
    fn another_number_of_columns_is_refused() {
        let data = Matrix::of_rows(VALUES.to_vec(), 2).expect("rows");
        let one = [(Shape::AsIs, Unit::AsIs)];
        assert_eq!(Scaling::of(&data, &one), Err(Fault::Shape { values: 1, needed: 2 }));
        let empty = Matrix::of_rows(Vec::new(), 1).expect("no rows");
        assert_eq!(Scaling::of(&empty, &one), Err(Fault::TooFewRows { rows: 0, needed: 1 }));
    }
}
