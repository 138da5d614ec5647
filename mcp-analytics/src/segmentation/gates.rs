//! What a partition has to be before segments are offered for decisions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Gate;
use super::tried::Try;

/// `[analytics.segments]`: when segments count. The design asks for a silhouette of 0.45; the others keep it from being
/// reached by two segments, by calling people noise, or by chance.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GateSettings {
    /// Least mean silhouette, −1 to 1, people in no segment counted as one more.
    pub silhouette_min: f64,
    /// Fewest segments.
    pub segments_min: usize,
    /// Least share of people who are in a segment, 0 to 1.
    pub coverage_min: f64,
    /// Least mean adjusted Rand index of segments found anew in resampled people, 0 to 1.
    pub stability_min: f64,
    /// Least share of people in the smallest segment, 0 to 1.
    pub smallest_share_min: f64,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            silhouette_min: 0.45,
            segments_min: 3,
            coverage_min: 0.8,
            stability_min: 0.75,
            smallest_share_min: 0.005,
        }
    }
}

/// All gates, and whether all are passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub gates: Vec<Gate>,
    pub is_passed: bool,
}

impl GateSettings {
    /// Whether a try passes all that can be said without resampling.
    #[must_use]
    pub fn admits(&self, tried: &Try) -> bool {
        self.judge(tried, Some(1.0)).is_passed
    }

    /// Judges a try; without a stability that gate is not passed.
    #[must_use]
    pub fn judge(&self, tried: &Try, stability: Option<f64>) -> Verdict {
        let gate = |name, wanted: f64, found: Option<f64>| Gate {
            name,
            wanted,
            found,
            is_passed: found.is_some_and(|found| found >= wanted),
        };
        let segments = u32::try_from(tried.segments).map_or(f64::MAX, f64::from);
        let wanted = u32::try_from(self.segments_min).map_or(f64::MAX, f64::from);
        let gates = vec![
            gate("silhouette", self.silhouette_min, tried.silhouette),
            gate("segments", wanted, Some(segments)),
            gate("coverage", self.coverage_min, Some(tried.coverage)),
            gate("smallest_share", self.smallest_share_min, Some(tried.smallest_share)),
            gate("stability", self.stability_min, stability),
        ];
        let is_passed = gates.iter().all(|gate| gate.is_passed);
        Verdict { gates, is_passed }
    }
}
