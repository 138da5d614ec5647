//! Which of two classes a record belongs to, with what probability and why: churn, lead scores.

pub mod boosting;
pub mod calibration;
pub mod champion;
pub mod drift;
pub mod explanation;
mod exponential;
pub mod features;
pub mod folds;
pub mod gates;
mod histogram;
pub mod logistic;
pub mod metrics;
mod shap;
mod split;
pub mod tree;

pub use explanation::{Explanation, probability};
pub use features::Features;
