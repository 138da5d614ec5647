//! Why a record has its score.

use serde::{Deserialize, Serialize};

/// A raw score (log odds) taken apart: `base` plus all `contributions` is the score, within 1e-9.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Explanation {
    /// The score of a record of which nothing is known.
    pub base: f64,
    /// What each column adds, in log odds, in the order of the columns.
    pub contributions: Vec<f64>,
}

impl Explanation {
    /// The score that is explained, in log odds.
    pub fn score(&self) -> f64 {
        self.base + self.contributions.iter().sum::<f64>()
    }
}

/// The probability that belongs to log odds.
#[inline]
pub fn probability(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
