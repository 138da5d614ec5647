//! How good probabilities are, held against what happened.

use serde::{Deserialize, Serialize};

use crate::convert::real;
use crate::fault::Fault;

/// What was found on records that the model has not seen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many records there were.
    pub rows: usize,
    /// How many of them were positive.
    pub positives: usize,
    /// Share of pairs of a positive and a negative that are in the right order: 0.5 for chance, 1 at best.
    pub auc: f64,
    /// Mean squared distance of probability and truth: 0 at best.
    pub brier: f64,
    /// Mean negative log likelihood, in nats: 0 at best.
    pub log_loss: f64,
    /// Expected calibration error over ten bins of equal width: 0 at best.
    pub calibration_error: f64,
    /// Rate of positives among the tenth with the highest probability over the rate among all: 1 for chance, 10 at best.
    pub lift_top_tenth: f64,
}

impl Evaluation {
    /// Measures probabilities.
    ///
    /// # Errors
    /// `Shape` for lists of different length, `Parameter` for a probability outside of 0 to 1, `TooFewRows` without rows,
    /// `Constant` where all labels are of one class.
    pub fn of(probabilities: &[f64], labels: &[bool]) -> Result<Self, Fault> {
        if probabilities.iter().any(|probability| !(0.0..=1.0).contains(probability)) {
            return Err(Fault::Parameter { name: "probabilities", expected: "from 0 to 1" });
        }
        let auc = auc(probabilities, labels)?;
        let rows = real(labels.len());
        let pairs = || probabilities.iter().zip(labels);
        let squares: f64 = pairs().map(|(probability, label)| (probability - truth(*label)).powi(2)).sum();
        let losses: f64 = pairs().map(|(probability, label)| loss(*probability, *label)).sum();
        Ok(Self {
            rows: labels.len(),
            positives: labels.iter().filter(|label| **label).count(),
            auc,
            brier: squares / rows,
            log_loss: losses / rows,
            calibration_error: calibration_error(probabilities, labels),
            lift_top_tenth: lift_top_tenth(probabilities, labels),
        })
    }
}

/// Area under the receiver operating characteristic; a tie counts half (Mann & Whitney 1947). O(n log n).
///
/// # Errors
/// `Shape` for lists of different length, `NotFinite` for a score that is not a number, `TooFewRows` without rows, `Constant`
/// where all labels are of one class.
pub fn auc(scores: &[f64], labels: &[bool]) -> Result<f64, Fault> {
    if scores.len() != labels.len() {
        return Err(Fault::Shape { values: scores.len(), needed: labels.len() });
    }
    if scores.is_empty() {
        return Err(Fault::TooFewRows { rows: 0, needed: 2 });
    }
    if let Some(row) = scores.iter().position(|score| score.is_nan()) {
        return Err(Fault::NotFinite { row, column: 0 });
    }
    let mut ordered: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    ordered.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    // Counts of halves, so that ties stay whole numbers.
    let (mut halves, mut below, mut positives) = (0_u128, 0_u128, 0_u128);
    #[expect(clippy::float_cmp, reason = "a tie is what compares equal")]
    for tied in ordered.chunk_by(|(a, _), (b, _)| a == b) {
        let hits = u128::try_from(tied.iter().filter(|(_, label)| *label).count()).unwrap_or_default();
        let misses = u128::try_from(tied.len()).unwrap_or_default() - hits;
        halves += hits * (2 * below + misses);
        below += misses;
        positives += hits;
    }
    if positives == 0 || below == 0 {
        return Err(Fault::Constant { what: "labels" });
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "a ratio to sixteen digits is what is asked"
    )]
    let share = halves as f64 / (2 * positives * below) as f64;
    Ok(share)
}

/// Mean distance, over ten bins of equal width, of mean probability and rate of positives, weighted by rows.
fn calibration_error(probabilities: &[f64], labels: &[bool]) -> f64 {
    let mut bins = [(0.0_f64, 0.0_f64); 10];
    for (probability, label) in probabilities.iter().zip(labels) {
        let upper = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
        let bin = upper.iter().filter(|upper| probability >= upper).count();
        if let Some((expected, happened)) = bins.get_mut(bin) {
            *expected += probability;
            *happened += truth(*label);
        }
    }
    bins.iter().map(|(expected, happened)| (expected - happened).abs()).sum::<f64>() / real(labels.len())
}

/// Those who tie at the edge of the tenth count by the share of them that fits in, so that the order of rows says nothing.
fn lift_top_tenth(probabilities: &[f64], labels: &[bool]) -> f64 {
    let mut ordered: Vec<(f64, bool)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    ordered.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
    let wanted = real(labels.len()) / 10.0;
    let (mut taken, mut caught) = (0.0, 0.0);
    #[expect(clippy::float_cmp, reason = "a tie is what compares equal")]
    for tied in ordered.chunk_by(|(a, _), (b, _)| a == b) {
        let count = real(tied.len());
        let share = ((wanted - taken) / count).clamp(0.0, 1.0);
        caught += share * real(tied.iter().filter(|(_, label)| *label).count());
        taken += share * count;
    }
    let rate = real(labels.iter().filter(|label| **label).count()) / real(labels.len());
    caught / wanted / rate
}

/// Negative log likelihood; a probability of 0 or 1 that is wrong counts as one of 10^-15, as in scikit-learn.
pub(crate) fn loss(probability: f64, label: bool) -> f64 {
    let likelihood = if label { probability } else { 1.0 - probability };
    -likelihood.max(1e-15).ln()
}

fn truth(label: bool) -> f64 {
    f64::from(u8::from(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_counts_ties_half() {
        let labels = [false, false, true, true];
        assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &labels), Ok(0.75));
        assert_eq!(auc(&[0.5; 4], &labels), Ok(0.5));
        assert_eq!(auc(&[0.0, 0.5, 0.5, 1.0], &labels), Ok(0.875));
    }

    #[test]
    fn the_lift_of_a_perfect_order_is_ten_at_a_rate_of_a_tenth_or_less() {
        let labels: Vec<bool> = (0..100).map(|row| row < 10).collect();
        let probabilities: Vec<f64> = (0..100).map(|row| 1.0 - f64::from(row) / 100.0).collect();
        let found = Evaluation::of(&probabilities, &labels).unwrap();
        assert!((found.lift_top_tenth - 10.0).abs() < 1e-12 && (found.auc - 1.0).abs() < 1e-12);
        let found = Evaluation::of(&[0.3; 100], &labels).unwrap();
        assert!((found.lift_top_tenth - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_constant_forecast_at_the_rate_is_calibrated() {
        let labels: Vec<bool> = (0..10).map(|row| row < 3).collect();
        let found = Evaluation::of(&[0.3; 10], &labels).unwrap();
        assert!(found.calibration_error < 1e-12 && (found.brier - 0.21).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        assert!(Evaluation::of(&[0.2, f64::NAN], &[true, false]).is_err());
        assert!(Evaluation::of(&[], &[]).is_err());
    }
}
