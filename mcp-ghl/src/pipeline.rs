//! Pipelines: the stages that opportunities pass through, and what stands in each.

use crate::record_id::RecordId;

/// A pipeline of a location, its stages in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    pub id: RecordId,
    pub name: String,
    pub stages: Vec<Stage>,
}

/// One step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub id: RecordId,
    pub name: String,
}

impl Pipeline {
    /// The stage of an id.
    #[must_use]
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id.as_str() == id)
    }
}

/// What stands in a stage. Values are in the location's currency, as decimal numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StageTotals {
    pub count: u64,
    pub value: f64,
    /// Value times the stage's chance to win.
    pub weighted_value: f64,
    pub open_value: f64,
    pub won_value: f64,
}

impl StageTotals {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            value: self.value + other.value,
            weighted_value: self.weighted_value + other.weighted_value,
            open_value: self.open_value + other.open_value,
            won_value: self.won_value + other.won_value,
        }
    }
}
