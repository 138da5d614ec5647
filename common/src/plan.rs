//! Plans: what a call would do, in words that the person who has to say yes can judge, and where that yes stands.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::{UnixMillis, time_ordered_uuid};

/// What would change, for whom, how many, and whether it can be taken back.
///
/// A plan is the same whenever the same call would do the same: no clock, no counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// One sentence, with names instead of ids: "send an SMS to Anna Weber: “See you at 3”".
    pub summary: String,
    /// Whom or what it touches, as people call them; the first ones, where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// How many records or people it touches.
    pub count: u32,
    /// Whether it can be taken back afterwards.
    pub is_reversible: bool,
    /// What it costs, where it costs money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Minor units, such as cents.
    pub amount_minor: i64,
    /// ISO 4217, such as `USD`.
    pub currency: String,
}

impl Plan {
    /// What a tool says that has no words of its own for what it would do: its arguments say it.
    #[must_use]
    pub fn by_arguments() -> Self {
        Self { summary: String::new(), targets: Vec::new(), count: 1, is_reversible: true, cost: None }
    }

    /// A plan that touches one thing for good.
    #[must_use]
    pub fn of_one(summary: impl Into<String>, target: impl Into<String>) -> Self {
        Self { summary: summary.into(), targets: vec![target.into()], count: 1, is_reversible: false, cost: None }
    }
}

/// The id of a plan, `pln_` and a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlanId(Uuid);

impl PlanId {
    /// A new one, sorted by the instant. It is a name, not a key: knowing it lets nobody do anything.
    #[must_use]
    pub fn at(at_ms: UnixMillis) -> Self {
        Self(time_ordered_uuid(at_ms))
    }

    /// The id that a text spells, in the one spelling that we give out.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.strip_prefix("pln_").and_then(|id| Uuid::parse_str(id).ok()).map(Self);
        id.filter(|id| id.to_string() == text)
    }

    /// The id in 16 bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id of 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "pln_{}", self.0)
    }
}

impl Serialize for PlanId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PlanId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the id of a plan"))
    }
}

/// Who has to say yes before a call of one access class happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMode {
    /// A person.
    Ask,
    /// The caller itself, in a second call that names the plan.
    Plan,
    /// Nobody.
    Auto,
}

impl ApprovalMode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Plan => "plan",
            Self::Auto => "auto",
        }
    }
}

/// A plan that waits for its yes, as the caller is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedPlan {
    pub plan_id: PlanId,
    pub tool: String,
    pub plan: Plan,
    /// When it can no longer be approved nor executed.
    pub expires_at_ms: UnixMillis,
    pub mode: ApprovalMode,
    /// SHA-256 of the arguments it was made for; for doors that ask at once, not for the caller.
    #[serde(skip)]
    pub arguments_digest: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_id_is_read_as_it_is_written_and_no_other_way() {
        let id = PlanId::at(1_800_000_000_000);
        let text = id.to_string();
        assert_eq!(PlanId::parse(&text), Some(id));
        assert_eq!(PlanId::from_bytes(id.to_bytes()), id);
        for other in ["", "pln_", "pln_1", &text.to_uppercase(), &text.replace('-', ""), &text.replace("pln_", "evt_")]
        {
            assert_eq!(PlanId::parse(other), None, "{other}");
        }
    }
}
