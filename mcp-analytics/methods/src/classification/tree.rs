//! Decision trees and sums of them.

use serde::{Deserialize, Serialize};

use crate::convert::index;

/// A tree of questions; the first node is its root and every node stands before those below it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Tree {
    /// At least one.
    pub nodes: Vec<Node>,
}

/// A question or an answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Node {
    /// Rows of training that came here.
    pub cover: f64,
    /// What happens here.
    pub step: Step,
}

/// What happens to a row at a node.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// The row goes on.
    Split {
        /// The column that is asked.
        column: u32,
        /// Up to here, and with it, a row goes left.
        threshold: f64,
        /// Whether a row whose value is missing goes left.
        missing_left: bool,
        /// The node on the left.
        left: u32,
        /// The node on the right.
        right: u32,
    },
    /// The row ends here.
    Leaf {
        /// What it adds to the score, in log odds.
        value: f64,
    },
}

impl Tree {
    /// What the tree adds to the score of a row; a column that the row lacks counts as missing.
    pub fn value(&self, row: &[f64]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes.get(at).map(|node| &node.step) {
                Some(Step::Split { column, threshold, missing_left, left, right }) => {
                    let value = row.get(index(*column)).copied().unwrap_or(f64::NAN);
                    let is_left = if value.is_nan() { *missing_left } else { value <= *threshold };
                    let next = index(if is_left { *left } else { *right });
                    // A stored tree may be damaged: no step back means no circle.
                    if next <= at {
                        return f64::NAN;
                    }
                    at = next;
                }
                Some(Step::Leaf { value }) => return *value,
                None => return f64::NAN,
            }
        }
    }

    /// Mean of what the tree adds, over the rows of training.
    pub fn mean(&self) -> f64 {
        let leaves = self.nodes.iter().filter_map(|node| match node.step {
            Step::Leaf { value } => Some((node.cover, value)),
            Step::Split { .. } => None,
        });
        let (cover, sum) =
            leaves.fold((0.0, 0.0), |(covers, sum), (cover, value)| (covers + cover, sum + cover * value));
        sum / cover
    }
}
