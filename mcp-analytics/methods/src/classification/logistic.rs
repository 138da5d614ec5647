//! Logistic regression with a ridge on standardised columns.
//!
//! Lowers Σ log loss + ridge/2 · Σ w², where w are the weights of the columns scaled to mean 0 and standard deviation 1 and the
//! intercept is free: scikit-learn's `LogisticRegression` with `C = 1 / ridge` behind a `StandardScaler`. L-BFGS; a step costs
//! one pass over the rows. The columns are scaled in the arithmetic, not in memory.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for what `dispatch!` finds")]

use fearless_simd::{Level, dispatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::explanation::Explanation;
use super::features::{Features, check_labels};
use crate::convert::real;
use crate::fault::Fault;
use crate::optimisation::{Limits, l_bfgs};

/// Rows that one task goes through; fixed, so that sums come out alike for any number of threads.
const CHUNK: usize = 2_048;

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How strongly weights are drawn to 0: above 0, by default 1.
    pub ridge: f64,
    /// Steps at most, by default 500.
    pub iterations_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ridge: 1.0, iterations_max: 500 }
    }
}

/// A fitted model. A value that is missing counts as its column's mean.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Logistic {
    /// Log odds of a record that is average in everything.
    pub base: f64,
    /// Log odds per unit of each column; 0 for a column that is constant.
    pub weights: Vec<f64>,
    /// Mean of each column where it is known.
    pub means: Vec<f64>,
}

impl Logistic {
    /// Fits to rows with their labels.
    ///
    /// # Errors
    /// `Parameter` for a ridge that is not a number above 0, `Shape`, `TooFewRows` and `Constant` for labels that do not fit,
    /// `NotConverged`.
    pub fn fit(features: &Features, labels: &[bool], settings: Settings) -> Result<Self, Fault> {
        if !(settings.ridge > 0.0 && settings.ridge.is_finite()) {
            return Err(Fault::Parameter { name: "ridge", expected: "a number above 0" });
        }
        check_labels(features.rows(), labels)?;
        let means = known_means(features);
        let values = features.filled(&means);
        let scale = Scale::of(&values, means);
        let size = scale.means.len();
        let share = real(labels.iter().filter(|label| **label).count()) / real(labels.len());
        let mut start = vec![0.0; size + 1];
        if let Some(intercept) = start.last_mut() {
            *intercept = (share / (1.0 - share)).ln();
        }
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            loss(&values, labels, &scale, at, gradient) + penalty(settings.ridge, at, gradient)
        };
        let rows = real(labels.len());
        let limits = Limits { iterations_max: settings.iterations_max, gradient_max: 1e-6 * rows };
        let found = l_bfgs(&mut objective, start, 1.0 / (rows * share * (1.0 - share)), limits)?;
        let weights = scale.unscaled(&found.at);
        Ok(Self { base: found.at.last().copied().unwrap_or_default(), weights, means: scale.means })
    }

    /// Log odds of a row; columns that it lacks count as missing.
    pub fn score(&self, row: &[f64]) -> f64 {
        self.base + self.shares(row).sum::<f64>()
    }

    /// What each column adds to the score of a row.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let mut contributions: Vec<f64> = self.shares(row).collect();
        contributions.resize(self.weights.len(), 0.0);
        Explanation { base: self.base, contributions }
    }

    fn shares<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let known = row.iter().zip(&self.weights).zip(&self.means);
        known.map(|((value, weight), mean)| if value.is_nan() { 0.0 } else { weight * (value - mean) })
    }
}

/// What takes columns to mean 0 and standard deviation 1.
struct Scale {
    means: Vec<f64>,
    /// 1 over the standard deviation, 0 for a constant column.
    inverses: Vec<f64>,
}

impl Scale {
    fn of(values: &[f64], means: Vec<f64>) -> Self {
        let columns = means.len();
        let squares = ordered_sums(values, columns, |row, sums| {
            for ((sum, value), mean) in sums.iter_mut().zip(row).zip(&means) {
                *sum += (value - mean) * (value - mean);
            }
        });
        let rows = real(values.len() / columns);
        let inverses = squares.iter().zip(&means).map(|(sum, mean)| {
            let deviation = (sum / rows).sqrt();
            // Below this the spread is what rounding of the mean leaves behind, not a difference between rows.
            let is_spread = deviation > 1e-12 * mean.abs() && deviation.is_normal();
            if is_spread { 1.0 / deviation } else { 0.0 }
        });
        Self { inverses: inverses.collect(), means }
    }

    fn unscaled(&self, weights: &[f64]) -> Vec<f64> {
        weights.iter().zip(&self.inverses).map(|(weight, inverse)| weight * inverse).collect()
    }
}

fn known_means(features: &Features) -> Vec<f64> {
    let columns = features.columns();
    let sums = ordered_sums_of(features.values(), columns, 2 * columns, |row, sums| {
        let (totals, counts) = sums.split_at_mut(columns);
        for ((total, count), value) in totals.iter_mut().zip(counts).zip(row) {
            if !value.is_nan() {
                *total += value;
                *count += 1.0;
            }
        }
    });
    let (totals, counts) = sums.split_at(columns);
    totals
        .iter()
        .zip(counts)
        .map(|(total, count)| (total / count, *count > 0.0))
        .map(|(mean, is_known)| if is_known && mean.is_finite() { mean } else { 0.0 })
        .collect()
}

fn ordered_sums(values: &[f64], columns: usize, add: impl Fn(&[f64], &mut [f64]) + Sync) -> Vec<f64> {
    ordered_sums_of(values, columns, columns, add)
}

/// Sums over rows, by chunks of fixed size that are added up in their order.
fn ordered_sums_of(values: &[f64], columns: usize, width: usize, add: impl Fn(&[f64], &mut [f64]) + Sync) -> Vec<f64> {
    let parts = values.par_chunks(CHUNK * columns).map(|chunk| {
        let mut sums = vec![0.0; width];
        chunk.chunks_exact(columns).for_each(|row| add(row, &mut sums));
        sums
    });
    added_up(&parts.collect::<Vec<_>>(), width)
}

fn added_up(parts: &[Vec<f64>], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    sums
}

fn penalty(ridge: f64, at: &[f64], gradient: &mut [f64]) -> f64 {
    let mut squares = 0.0;
    if let Some((_, weights)) = at.split_last() {
        for (weight, entry) in weights.iter().zip(gradient) {
            squares += weight * weight;
            *entry += ridge * weight;
        }
    }
    0.5 * ridge * squares
}

/// Σ log loss at scaled weights with the intercept last, and its gradient.
fn loss(values: &[f64], labels: &[bool], scale: &Scale, at: &[f64], gradient: &mut [f64]) -> f64 {
    let columns = scale.means.len();
    let weights = scale.unscaled(at);
    let centre: f64 = weights.iter().zip(&scale.means).map(|(weight, mean)| weight * mean).sum();
    let offset = at.last().copied().unwrap_or_default() - centre;
    let parts = values.par_chunks(CHUNK * columns).zip(labels.par_chunks(CHUNK)).map(|(chunk, labels)| {
        let mut sums = vec![0.0; columns + 2];
        dispatch!(Level::new(), _simd => add_chunk(chunk, labels, &weights, offset, &mut sums));
        sums
    });
    let sums = added_up(&parts.collect::<Vec<_>>(), columns + 2);
    let (by_column, totals) = sums.split_at(columns);
    let [errors, loss] = totals else { return f64::INFINITY };
    for (((entry, sum), mean), inverse) in gradient.iter_mut().zip(by_column).zip(&scale.means).zip(&scale.inverses) {
        *entry = (sum - mean * errors) * inverse;
    }
    if let Some(entry) = gradient.last_mut() {
        *entry = *errors;
    }
    *loss
}

/// Adds Σ error · row, Σ error and Σ loss of some rows to `sums`.
#[inline(always)]
fn add_chunk(chunk: &[f64], labels: &[bool], weights: &[f64], offset: f64, sums: &mut [f64]) {
    let columns = weights.len();
    let (by_column, totals) = sums.split_at_mut(columns);
    let [errors, loss] = totals else { return };
    // ln(1 + e) of many rows is the ln of a product of factors up to 2, taken before it could overflow.
    let mut product = 1.0_f64;
    for (at, (row, label)) in chunk.chunks_exact(columns).zip(labels).enumerate() {
        let score = offset + dot(row, weights);
        let decay = (-score.abs()).exp();
        let truth = f64::from(u8::from(*label));
        let positive = if score >= 0.0 { 1.0 } else { decay } / (1.0 + decay);
        let error = positive - truth;
        product *= 1.0 + decay;
        if at % 512 == 511 {
            *loss += product.ln();
            product = 1.0;
        }
        *loss += score.max(0.0) - truth * score;
        *errors += error;
        for (sum, value) in by_column.iter_mut().zip(row) {
            *sum += error * value;
        }
    }
    *loss += product.ln();
}

/// Four sums side by side, which is as a vector adds.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_fours, a_rest) = a.as_chunks::<4>();
    let (b_fours, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0_f64; 4];
    for (a, b) in a_fours.iter().zip(b_fours) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> (Features, Vec<bool>) {
        let values: Vec<f64> = (0..200).map(|row| f64::from(row % 20)).collect();
        let labels = (0..200).map(|row| (row % 20) + (row / 20) % 7 > 12).collect();
        (Features::of_rows(values, 1).unwrap(), labels)
    }

    #[test]
    fn at_the_optimum_mean_score_and_truth_agree() {
        let (features, labels) = line();
        let model = Logistic::fit(&features, &labels, Settings::default()).unwrap();
        let predicted: f64 = features.iter_rows().map(|row| crate::classification::probability(model.score(row))).sum();
        let positives = labels.iter().filter(|label| **label).count();
        assert!((predicted - f64::from(u32::try_from(positives).unwrap())).abs() < 1e-2, "{predicted} {positives}");
    }

    #[test]
    fn contributions_add_up_and_a_gap_adds_nothing() {
        let (features, labels) = line();
        let model = Logistic::fit(&features, &labels, Settings::default()).unwrap();
        let explanation = model.explain(&[17.0]);
        assert!((explanation.score() - model.score(&[17.0])).abs() < 1e-12);
        assert_eq!(model.explain(&[f64::NAN]).contributions, [0.0]);
    }

    #[test]
    fn separated_classes_have_a_finite_answer() {
        let features = Features::of_rows(vec![0.0, 0.0, 1.0, 1.0], 1).unwrap();
        let model = Logistic::fit(&features, &[false, false, true, true], Settings::default()).unwrap();
        assert!(model.weights[0] > 0.0 && model.weights[0].is_finite());
    }

    #[test]
    fn a_constant_column_weighs_nothing() {
        let features = Features::of_rows(vec![7.1, 0.0, 7.1, 1.0, 7.1, 0.5, 7.1, 2.0], 2).unwrap();
        let model = Logistic::fit(&features, &[false, true, false, true], Settings::default()).unwrap();
        assert!(model.weights[0].abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn labels_of_one_class_are_refused() {
        let features = Features::of_rows(vec![0.0, 1.0], 1).unwrap();
        let found = Logistic::fit(&features, &[true, true], Settings::default());
        assert_eq!(found.err(), Some(Fault::Constant { what: "labels" }));
    }
}
