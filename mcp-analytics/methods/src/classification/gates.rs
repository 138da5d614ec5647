//! Whether a model may be used to decide, and what it lacks if not.

use serde::{Deserialize, Serialize};

use super::metrics::Evaluation;
use crate::convert::real;

/// What a model must show.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Area under the curve at least, by default 0.70.
    pub auc_min: f64,
    /// By how much the area must exceed that of the baseline, by default 0: it must be larger.
    pub baseline_margin: f64,
    /// Expected calibration error at most, by default 0.05.
    pub calibration_error_max: f64,
    /// Records of the rarer class in training at least, by default 100.
    pub rarer_class_min: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { auc_min: 0.70, baseline_margin: 0.0, calibration_error_max: 0.05, rarer_class_min: 100 }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Area under the curve.
    Auc,
    /// Area under the curve, above that of the baseline.
    BetterThanBaseline,
    /// Expected calibration error.
    CalibrationError,
    /// Records of the rarer class in training.
    RarerClass,
}

/// One question, its answer and what the answer had to be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Gate {
    /// What is asked.
    pub question: Question,
    /// What was found.
    pub measured: f64,
    /// What it had to be, at least or (an error) at most.
    pub required: f64,
    /// By how much it falls short; 0 where it does not.
    pub missing: f64,
    /// Whether the model passes.
    pub passed: bool,
}

/// Asks all questions. `evaluation` is of records that the model has not seen, `rarer_class` counts records of training, and
/// without a baseline that question is not asked.
pub fn gates(evaluation: &Evaluation, baseline_auc: Option<f64>, rarer_class: usize, wanted: &Thresholds) -> Vec<Gate> {
    let mut gates = vec![at_least(Question::Auc, evaluation.auc, wanted.auc_min)];
    if let Some(baseline) = baseline_auc {
        let required = baseline + wanted.baseline_margin;
        let mut gate = at_least(Question::BetterThanBaseline, evaluation.auc, required);
        // As good as the baseline is no reason for a model.
        gate.passed = evaluation.auc > required;
        gates.push(gate);
    }
    let (measured, required) = (evaluation.calibration_error, wanted.calibration_error_max);
    gates.push(Gate {
        question: Question::CalibrationError,
        measured,
        required,
        missing: (measured - required).max(0.0),
        passed: measured <= required,
    });
    gates.push(at_least(Question::RarerClass, real(rarer_class), real(wanted.rarer_class_min)));
    gates
}

fn at_least(question: Question, measured: f64, required: f64) -> Gate {
    Gate { question, measured, required, missing: (required - measured).max(0.0), passed: measured >= required }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(auc: f64, calibration_error: f64) -> Evaluation {
        Evaluation { rows: 100, positives: 40, auc, brier: 0.1, log_loss: 0.3, calibration_error, lift_top_tenth: 2.0 }
    }

    #[test]
    fn each_gate_says_what_is_missing() {
        let found = gates(&evaluation(0.68, 0.07), Some(0.65), 80, &Thresholds::default());
        let passed: Vec<bool> = found.iter().map(|gate| gate.passed).collect();
        let missing: Vec<f64> = found.iter().map(|gate| (gate.missing * 1e6).round() / 1e6).collect();
        assert_eq!(passed, [false, true, false, false]);
        assert_eq!(missing, [0.02, 0.0, 0.02, 20.0]);
    }

    #[test]
    fn a_tie_with_the_baseline_does_not_pass() {
        let found = gates(&evaluation(0.8, 0.01), Some(0.8), 500, &Thresholds::default());
        assert!(!found[1].passed && found[0].passed);
    }
}
