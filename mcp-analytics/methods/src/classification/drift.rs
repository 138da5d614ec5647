//! Whether records still look as they did in training: the population stability index, Σ (now − then) · ln(now / then) over
//! ten bins that held a tenth each (Siddiqi, Credit Risk Scorecards, 2006, whose bounds 0.1 and 0.25 are).

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::histogram;
use crate::convert::real;
use crate::fault::Fault;

/// What columns looked like in training.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Profile {
    columns: Vec<ColumnProfile>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct ColumnProfile {
    /// Highest value of each bin but the last.
    bounds: Vec<f64>,
    /// Share of each bin, and of missing values at the end.
    shares: Vec<f64>,
}

/// How far a column has moved.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Drift {
    /// The index, 0 or more.
    pub index: f64,
    /// What it means.
    pub level: Level,
}

/// What an index means.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below 0.1.
    Stable,
    /// From 0.1.
    Moved,
    /// From 0.25: train again.
    Far,
}

impl Profile {
    /// What these records look like.
    ///
    /// # Errors
    /// `TooFewRows` without rows.
    pub fn of(features: &Features) -> Result<Self, Fault> {
        const BINS: usize = 10;
        if features.rows() == 0 {
            return Err(Fault::TooFewRows { rows: 0, needed: 1 });
        }
        let columns = (0..features.columns()).map(|column| {
            let mut known: Vec<f64> = features.column(column).filter(|value| !value.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            let bounds = histogram::bounds(&known, BINS);
            let shares = shares(features, column, &bounds);
            ColumnProfile { bounds, shares }
        });
        Ok(Self { columns: columns.collect() })
    }

    /// How far these records are from those, column by column.
    ///
    /// # Errors
    /// `TooFewRows` without rows, `Shape` for another number of columns.
    pub fn drift(&self, features: &Features) -> Result<Vec<Drift>, Fault> {
        if features.columns() != self.columns.len() {
            return Err(Fault::Shape { values: features.columns(), needed: self.columns.len() });
        }
        if features.rows() == 0 {
            return Err(Fault::TooFewRows { rows: 0, needed: 1 });
        }
        let columns = self.columns.iter().enumerate();
        Ok(columns.map(|(at, then)| Drift::between(&then.shares, &shares(features, at, &then.bounds))).collect())
    }
}

impl Drift {
    fn between(then: &[f64], now: &[f64]) -> Self {
        /// An empty bin counts as this share, so that one stray record does not make the index infinite.
        const SHARE_MIN: f64 = 1e-4;
        let pairs = then.iter().zip(now).map(|(then, now)| (then.max(SHARE_MIN), now.max(SHARE_MIN)));
        let index = pairs.map(|(then, now)| (now - then) * (now / then).ln()).sum();
        let level = match index {
            index if index >= 0.25 => Level::Far,
            index if index >= 0.1 => Level::Moved,
            _ => Level::Stable,
        };
        Self { index, level }
    }
}

fn shares(features: &Features, column: usize, bounds: &[f64]) -> Vec<f64> {
    let mut shares = vec![0.0; bounds.len() + 2];
    let row = 1.0 / real(features.rows());
    for value in features.column(column) {
        let bin = if value.is_nan() { bounds.len() + 1 } else { bounds.partition_point(|bound| *bound < value) };
        shares.get_mut(bin).into_iter().for_each(|share| *share += row);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(values: impl Iterator<Item = f64>) -> Features {
        Features::of_rows(values.collect(), 1).unwrap()
    }

    #[test]
    fn the_same_records_have_not_moved() {
        let then = features((0..1_000).map(f64::from));
        let found = Profile::of(&then).unwrap().drift(&then).unwrap();
        assert!(found[0].index.abs() < 1e-12 && found[0].level == Level::Stable);
    }

    #[test]
    fn a_shift_is_seen_and_so_are_gaps() {
        let then = Profile::of(&features((0..1_000).map(f64::from))).unwrap();
        let shifted = then.drift(&features((500..1_500).map(f64::from))).unwrap();
        assert_eq!(shifted[0].level, Level::Far);
        let gaps = (0..1_000).map(|row| if row % 4 == 0 { f64::NAN } else { f64::from(row) });
        assert_eq!(then.drift(&features(gaps)).unwrap()[0].level, Level::Far);
    }

    #[test]
    fn the_index_of_two_known_bins_is_its_definition() {
        let found = Drift::between(&[0.5, 0.5], &[0.6, 0.4]);
        let wanted = 0.1 * (0.6_f64 / 0.5).ln() - 0.1 * (0.4_f64 / 0.5).ln();
        assert!((found.index - wanted).abs() < 1e-12);
    }
}
