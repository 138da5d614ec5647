//! From scores to probabilities that keep their word.
//!
//! Platt's sigmoid (Platt 1999, with the targets that he proposes against overfitting) for few records; isotonic regression by
//! pooling adjacent violators (Zadrozny & Elkan 2002) where there are enough. Both are fitted on scores that were given out of
//! fold, never on scores of records that the model was trained on.

use serde::{Deserialize, Serialize};

use super::explanation::probability;
use super::features::check_labels;
use super::folds;
use super::metrics::loss;
use crate::convert::real;
use crate::fault::Fault;
use crate::optimisation::{Limits, bfgs};

/// A map from score to probability that never falls.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Calibration {
    /// A logistic curve: probability of `slope · score + intercept`.
    Platt {
        /// Log odds per unit of score.
        slope: f64,
        /// Log odds at score 0.
        intercept: f64,
    },
    /// Straight lines between knots, flat beyond the first and the last.
    Isotonic {
        /// Score and probability of each knot, both ascending.
        knots: Vec<(f64, f64)>,
    },
}

impl Calibration {
    /// The probability that belongs to a score.
    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => probability(slope * score + intercept),
            Self::Isotonic { knots } => interpolated(knots, score),
        }
    }

    /// Fits a logistic curve.
    ///
    /// # Errors
    /// `Shape`, `TooFewRows` and `Constant` for labels that do not fit, `NotFinite` for such a score, `NotConverged`.
    pub fn platt(scores: &[f64], labels: &[bool]) -> Result<Self, Fault> {
        check(scores, labels)?;
        let positives = real(labels.iter().filter(|label| **label).count());
        let negatives = real(labels.len()) - positives;
        let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
        let mean = scores.iter().sum::<f64>() / real(scores.len());
        let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / real(scores.len())).sqrt();
        let unit = if spread.is_normal() { 1.0 / spread } else { 1.0 };
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            let ([slope, intercept], [by_slope, by_intercept]) = (at, gradient) else { return f64::INFINITY };
            (*by_slope, *by_intercept) = (0.0, 0.0);
            let mut sum = 0.0;
            for (score, label) in scores.iter().zip(labels) {
                let score = (score - mean) * unit;
                let odds = slope * score + intercept;
                let target = if *label { high } else { low };
                sum += odds.max(0.0) - target * odds + (-odds.abs()).exp().ln_1p();
                let error = probability(odds) - target;
                *by_slope += error * score;
                *by_intercept += error;
            }
            sum
        };
        let start = vec![0.0, (positives / negatives).ln()];
        let limits = Limits { iterations_max: 200, gradient_max: 1e-7 * real(labels.len()) };
        let found = bfgs(&mut objective, start, limits)?.at;
        let [slope, intercept] = found.as_slice() else { return Err(Fault::NotConverged { iterations: 0 }) };
        let slope = slope.max(0.0) * unit;
        Ok(Self::Platt { slope, intercept: intercept - slope * mean })
    }

    /// Fits the non-falling steps closest to the labels. O(n log n).
    ///
    /// # Errors
    /// `Shape`, `TooFewRows` and `Constant` for labels that do not fit, `NotFinite` for such a score.
    pub fn isotonic(scores: &[f64], labels: &[bool]) -> Result<Self, Fault> {
        check(scores, labels)?;
        let mut ordered: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
        ordered.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut blocks: Vec<Block> = Vec::new();
        #[expect(clippy::float_cmp, reason = "equal scores share a step")]
        for tied in ordered.chunk_by(|(a, _), (b, _)| a == b) {
            let (Some((low, _)), Some((high, _))) = (tied.first(), tied.last()) else { continue };
            let hits = real(tied.iter().filter(|(_, label)| *label).count());
            let mut block = Block { low: *low, high: *high, hits, rows: real(tied.len()) };
            while let Some(before) = blocks.pop_if(|before| before.rate() >= block.rate()) {
                block = Block {
                    low: before.low,
                    high: block.high,
                    hits: before.hits + block.hits,
                    rows: before.rows + block.rows,
                };
            }
            blocks.push(block);
        }
        // No number of records carries certainty: 0 and 1 are kept one record away.
        let edge = 1.0 / (real(labels.len()) + 2.0);
        let mut knots = Vec::with_capacity(2 * blocks.len());
        for block in &blocks {
            let rate = block.rate().clamp(edge, 1.0 - edge);
            knots.push((block.low, rate));
            if block.high > block.low {
                knots.push((block.high, rate));
            }
        }
        Ok(Self::Isotonic { knots })
    }
}

/// A calibration and what it gives for each of the scores when it has not seen them.
#[derive(Clone, Debug)]
pub struct CrossFitted {
    /// Fitted on all scores.
    pub calibration: Calibration,
    /// The probability of each row by a calibration that was fitted on the other folds.
    pub probabilities: Vec<f64>,
}

/// Fits whichever of the two loses less (log loss) on folds that it has not seen.
///
/// # Errors
/// As the two; `Constant` where a fold leaves one class.
pub fn cross_fitted(scores: &[f64], labels: &[bool], of_row: &[usize], folds: usize) -> Result<CrossFitted, Fault> {
    check(scores, labels)?;
    if of_row.len() != labels.len() {
        return Err(Fault::Shape { values: of_row.len(), needed: labels.len() });
    }
    let platt = held_out(Calibration::platt, (scores, labels), of_row, folds)?;
    let isotonic = held_out(Calibration::isotonic, (scores, labels), of_row, folds)?;
    let total = |probabilities: &[f64]| -> f64 { probabilities.iter().zip(labels).map(|(p, y)| loss(*p, *y)).sum() };
    if total(&isotonic) < total(&platt) {
        return Ok(CrossFitted { calibration: Calibration::isotonic(scores, labels)?, probabilities: isotonic });
    }
    Ok(CrossFitted { calibration: Calibration::platt(scores, labels)?, probabilities: platt })
}

type Fit = fn(&[f64], &[bool]) -> Result<Calibration, Fault>;

fn held_out(fit: Fit, known: (&[f64], &[bool]), of_row: &[usize], folds: usize) -> Result<Vec<f64>, Fault> {
    let (scores, labels) = known;
    let mut probabilities = vec![0.0; scores.len()];
    for fold in 0..folds {
        let (kept, held) = folds::split(of_row, fold);
        let (kept_scores, kept_labels): (Vec<f64>, Vec<bool>) =
            kept.iter().filter_map(|row| Some((*scores.get(*row)?, *labels.get(*row)?))).unzip();
        let calibration = fit(&kept_scores, &kept_labels)?;
        for row in held {
            if let (Some(entry), Some(score)) = (probabilities.get_mut(row), scores.get(row)) {
                *entry = calibration.apply(*score);
            }
        }
    }
    Ok(probabilities)
}

/// Neighbouring scores that share a probability.
struct Block {
    low: f64,
    high: f64,
    hits: f64,
    rows: f64,
}

impl Block {
    fn rate(&self) -> f64 {
        self.hits / self.rows
    }
}

fn interpolated(knots: &[(f64, f64)], score: f64) -> f64 {
    let above = knots.partition_point(|(at, _)| *at <= score);
    let before = above.checked_sub(1).and_then(|at| knots.get(at));
    match (before, knots.get(above)) {
        (Some((left, low)), Some((right, high))) => low + (high - low) * ((score - left) / (right - left)),
        (Some((_, rate)), None) | (None, Some((_, rate))) => *rate,
        (None, None) => f64::NAN,
    }
}

fn check(scores: &[f64], labels: &[bool]) -> Result<(), Fault> {
    check_labels(scores.len(), labels)?;
    match scores.iter().position(|score| !score.is_finite()) {
        Some(row) => Err(Fault::NotFinite { row, column: 0 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let scores = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let labels = [false, true, false, true, true, true];
        let Calibration::Isotonic { knots } = Calibration::isotonic(&scores, &labels).unwrap() else { panic!() };
        assert_eq!(knots, [(1.0, 0.125), (2.0, 0.5), (3.0, 0.5), (4.0, 0.875), (6.0, 0.875)]);
    }

    #[test]
    fn isotonic_is_linear_between_and_flat_beyond() {
        let calibration = Calibration::Isotonic { knots: vec![(0.0, 0.2), (1.0, 0.6)] };
        let found = [-5.0, 0.5, 9.0].map(|score| calibration.apply(score));
        assert!(found.iter().zip([0.2, 0.4, 0.6]).all(|(found, wanted)| (found - wanted).abs() < 1e-12));
    }

    #[test]
    fn platt_finds_the_curve_that_made_the_labels() {
        let scores: Vec<f64> = (0..4_000).map(|row| f64::from(row % 40) / 5.0 - 4.0).collect();
        let labels: Vec<bool> =
            (0..4_000).map(|row| f64::from(row / 40) / 100.0 < probability(f64::from(row % 40) / 5.0 - 4.0)).collect();
        let Calibration::Platt { slope, intercept } = Calibration::platt(&scores, &labels).unwrap() else { panic!() };
        assert!((slope - 1.0).abs() < 0.05 && intercept.abs() < 0.1, "{slope} {intercept}");
    }

    #[test]
    fn a_score_against_the_truth_is_flat_not_reversed() {
        let labels = [true, true, false, false];
        let calibration = Calibration::platt(&[1.0, 2.0, 3.0, 4.0], &labels).unwrap();
        assert!(calibration.apply(9.0) >= calibration.apply(0.0));
    }
}
