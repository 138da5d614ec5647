//! One attempt of the search, and how good it was.

use serde::{Deserialize, Serialize};

/// Which method, and how it was set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "algorithm")]
pub enum Algorithm {
    KMeans { segments: usize },
    Ward { segments: usize },
    Dbscan { radius: f64, neighbours_min: usize },
}

impl Algorithm {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KMeans { .. } => "k_means",
            Self::Ward { .. } => "ward",
            Self::Dbscan { .. } => "dbscan",
        }
    }

    /// How it was set, in few words.
    #[must_use]
    pub fn parameters(self) -> String {
        match self {
            Self::KMeans { segments } | Self::Ward { segments } => format!("segments {segments}"),
            Self::Dbscan { radius, neighbours_min } => format!("radius {radius:.4}, neighbours {neighbours_min}"),
        }
    }
}

/// One attempt and how good it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    pub algorithm: Algorithm,
    pub segments: usize,
    /// Absent with fewer than two segments.
    pub silhouette: Option<f64>,
    /// Of a silhouette that is that of a sample.
    pub standard_error: Option<f64>,
    pub coverage: f64,
    /// The share of people in the smallest segment.
    pub smallest_share: f64,
    /// Absent where it was not looked at.
    pub stability: Option<f64>,
}
