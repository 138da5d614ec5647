//! A segmentation as it is kept and shown: everything that it depends on, and what it came to.

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::consent::{ConsentCounts, MissingConsent};
use crate::features::Feature;
use crate::segmentation::{Algorithm, Scale};

/// Everything that the answer depends on besides the data set's version. Two of the same have the same answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub dataset_id: String,
    pub version: i64,
    pub features: Vec<Feature>,
    pub scale: Scale,
    pub missing_consent: MissingConsent,
    /// Whose money counts; absent where all is in one currency.
    pub currency: Option<String>,
    /// Records from then on count; absent: all.
    pub since_ms: Option<UnixMillis>,
    /// As of when; absent: just after the last record.
    pub as_of_ms: Option<UnixMillis>,
    pub seed: u64,
    /// The settings of search and gates, as text.
    pub settings: String,
    /// Of the program: methods may get better.
    pub program: String,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentReport {
    pub question: Question,
    pub dataset: String,
    pub as_of_ms: UnixMillis,
    pub currency: String,
    pub people: u64,
    pub consent: ConsentCounts,
    /// Without a transaction in the window; they are in no segment.
    pub without_orders: u64,
    pub gate_passed: bool,
    pub gates: Vec<GateRow>,
    pub algorithm: Algorithm,
    pub tries: Vec<TryRow>,
    pub segments: Vec<SegmentRow>,
    /// In no segment.
    pub noise: u64,
}

/// A gate as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRow {
    pub name: String,
    pub wanted: f64,
    pub found: Option<f64>,
    pub is_passed: bool,
}

/// A try as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TryRow {
    pub algorithm: Algorithm,
    pub segments: u64,
    pub silhouette: Option<f64>,
    pub standard_error: Option<f64>,
    pub coverage: f64,
    pub smallest_share: f64,
    pub stability: Option<f64>,
}

/// A segment as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRow {
    pub name: String,
    pub people: u64,
    pub spent_minor: i64,
    /// Of each feature, in the order of the question.
    pub medians: Vec<f64>,
    /// By how many standard deviations its people are from all, what sets it apart most first.
    pub apart: Vec<(Feature, f64)>,
}
