//! Opportunities: deals on their way through a pipeline.

pub mod upsert;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::custom_field::CustomValue;
use crate::record_id::RecordId;

/// How a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Won,
    Lost,
    Abandoned,
}

impl Status {
    /// The vendor's word, the same as ours.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Abandoned => "abandoned",
        }
    }

    /// Reads the vendor's word.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        [Self::Open, Self::Won, Self::Lost, Self::Abandoned].into_iter().find(|status| status.as_str() == text)
    }
}

/// A deal. Its name was written by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Opportunity {
    pub id: RecordId,
    pub location_id: Option<RecordId>,
    pub name: Option<String>,
    /// In the location's currency, as a decimal number: the vendor sends no currency.
    pub value: Option<f64>,
    pub status: Option<Status>,
    pub pipeline_id: String,
    pub stage_id: String,
    pub owner_id: Option<String>,
    pub contact_id: Option<String>,
    pub contact_name: Option<String>,
    pub source: Option<String>,
    /// RFC 3339.
    pub stage_since: Option<String>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub status_since: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
    /// Why it was lost, where somebody said so.
    pub lost_reason_id: Option<String>,
    pub custom_values: Vec<CustomValue>,
}

/// Why deals are lost, in a location's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostReason {
    pub id: RecordId,
    pub name: String,
}

/// Where a deal is or should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub pipeline_id: String,
    pub stage_id: String,
    pub status: Option<Status>,
}

/// What has to be written to bring a deal to its place; nothing that is already so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Move {
    /// Pipeline and stage always go together: a stage belongs to one pipeline.
    pub to: Option<(String, String)>,
    pub status: Option<Status>,
    /// Goes with the status `lost`.
    pub lost_reason_id: Option<RecordId>,
}

impl Opportunity {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { pipeline_id: self.pipeline_id.clone(), stage_id: self.stage_id.clone(), status: self.status }
    }
}

impl Move {
    /// The way from one place to another.
    #[must_use]
    pub fn between(from: &Place, to: &Place) -> Self {
        let is_elsewhere = from.pipeline_id != to.pipeline_id || from.stage_id != to.stage_id;
        Self {
            to: is_elsewhere.then(|| (to.pipeline_id.clone(), to.stage_id.clone())),
            status: to.status.filter(|status| from.status != Some(*status)),
            lost_reason_id: None,
        }
    }

    /// The same way, to a deal that is lost for this reason.
    #[must_use]
    pub fn lost_for(self, reason: Option<&LostReason>, deal: &Opportunity) -> Self {
        let is_other = |reason: &&LostReason| deal.lost_reason_id.as_deref() != Some(reason.id.as_str());
        let lost_reason_id = reason.filter(is_other).map(|reason| reason.id.clone());
        Self { lost_reason_id, ..self }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.to.is_none() && self.status.is_none() && self.lost_reason_id.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pipeline: &str, stage: &str, status: Option<Status>) -> Place {
        Place { pipeline_id: pipeline.to_owned(), stage_id: stage.to_owned(), status }
    }

    #[test]
    fn a_deal_that_is_there_already_does_not_move() {
        let here = place("p", "s1", Some(Status::Open));
        assert!(Move::between(&here, &here).is_nothing());
        assert!(Move::between(&here, &place("p", "s1", None)).is_nothing());
    }

    #[test]
    fn only_what_differs_is_written() {
        let here = place("p", "s1", Some(Status::Open));
        let to = Some(("p".to_owned(), "s2".to_owned()));
        assert_eq!(Move::between(&here, &place("p", "s2", None)), Move { to, ..Move::default() });
        let won = Move { status: Some(Status::Won), ..Move::default() };
        assert_eq!(Move::between(&here, &place("p", "s1", Some(Status::Won))), won);
    }

    #[test]
    fn statuses_keep_their_words() {
        assert_eq!(Status::of("abandoned"), Some(Status::Abandoned));
        assert_eq!(Status::of("all"), None);
    }
}
