//! What is known of each person's behaviour, as named columns of numbers.

use common::clock::UnixMillis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Behaviour of a person up to an instant, summed by the database.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    pub customer_no: i64,
    pub orders: i64,
    pub spent_minor: i64,
    pub largest_minor: i64,
    pub first_ms: UnixMillis,
    pub last_ms: UnixMillis,
    /// In the 90 days before the instant.
    pub orders_90d: i64,
    /// In the 90 days before the instant.
    pub spent_90d_minor: i64,
    pub touches: i64,
    /// Absent without touches.
    pub last_touch_ms: Option<UnixMillis>,
}

/// A column of numbers that tells people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    RecencyDays,
    Orders,
    Spent,
    TenureDays,
    AverageGapDays,
    AverageOrder,
    LargestOrder,
    #[serde(rename = "orders_90d")]
    Orders90d,
    #[serde(rename = "spent_90d")]
    Spent90d,
    Touches,
    TouchRecencyDays,
}

const DAY_MS: f64 = 86_400_000.0;

impl Feature {
    pub const ALL: [Self; 11] = [
        Self::RecencyDays,
        Self::Orders,
        Self::Spent,
        Self::TenureDays,
        Self::AverageGapDays,
        Self::AverageOrder,
        Self::LargestOrder,
        Self::Orders90d,
        Self::Spent90d,
        Self::Touches,
        Self::TouchRecencyDays,
    ];

    /// Recency, frequency, monetary value (Hughes 1994): what segments are made of where nothing else is said.
    pub const RFM: [Self; 3] = [Self::RecencyDays, Self::Orders, Self::Spent];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RecencyDays => "recency_days",
            Self::Orders => "orders",
            Self::Spent => "spent",
            Self::TenureDays => "tenure_days",
            Self::AverageGapDays => "average_gap_days",
            Self::AverageOrder => "average_order",
            Self::LargestOrder => "largest_order",
            Self::Orders90d => "orders_90d",
            Self::Spent90d => "spent_90d",
            Self::Touches => "touches",
            Self::TouchRecencyDays => "touch_recency_days",
        }
    }

    /// What a low and a high value are in words.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::RecencyDays => ("bought lately", "gone quiet"),
            Self::Orders => ("few orders", "many orders"),
            Self::Spent => ("spend little", "spend much"),
            Self::TenureDays => ("new", "long known"),
            Self::AverageGapDays => ("buy often", "buy seldom"),
            Self::AverageOrder => ("small orders", "large orders"),
            Self::LargestOrder => ("never bought big", "bought big once"),
            Self::Orders90d => ("inactive this quarter", "active this quarter"),
            Self::Spent90d => ("spent little this quarter", "spent much this quarter"),
            Self::Touches => ("seldom in touch", "often in touch"),
            Self::TouchRecencyDays => ("in touch lately", "long out of touch"),
        }
    }

    /// The value of a person as of an instant; money in units of `minor_per_unit` minor units. Without a touch the recency of
    /// touches is the time since the first order, and without a second order the gap is the time since the first.
    #[must_use]
    pub fn value(self, activity: &Activity, as_of_ms: UnixMillis, minor_per_unit: f64) -> f64 {
        let days_since = |at_ms: UnixMillis| real(as_of_ms.saturating_sub(at_ms)) / DAY_MS;
        let money = |minor: i64| real(minor) / minor_per_unit;
        match self {
            Self::RecencyDays => days_since(activity.last_ms),
            Self::Orders => real(activity.orders),
            Self::Spent => money(activity.spent_minor),
            Self::AverageGapDays if activity.orders > 1 => {
                real(activity.last_ms.saturating_sub(activity.first_ms)) / DAY_MS / real(activity.orders - 1)
            }
            Self::TenureDays | Self::AverageGapDays => days_since(activity.first_ms),
            Self::AverageOrder => money(activity.spent_minor) / real(activity.orders.max(1)),
            Self::LargestOrder => money(activity.largest_minor),
            Self::Orders90d => real(activity.orders_90d),
            Self::Spent90d => money(activity.spent_90d_minor),
            Self::Touches => real(activity.touches),
            Self::TouchRecencyDays => days_since(activity.last_touch_ms.unwrap_or(activity.first_ms)),
        }
    }
}

/// A whole number as a real one; beyond 2⁵³ the nearest.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "rounding to the nearest is what is meant")]
#[must_use]
pub const fn real(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn features_are_what_their_names_say() {
        let activity = Activity {
            orders: 3,
            spent_minor: 3_000,
            largest_minor: 2_000,
            first_ms: 10 * DAY,
            last_ms: 30 * DAY,
            orders_90d: 3,
            spent_90d_minor: 3_000,
            ..Activity::default()
        };
        let values = Feature::ALL.map(|feature| feature.value(&activity, 40 * DAY, 100.0));
        let wanted = [10.0, 3.0, 30.0, 30.0, 10.0, 10.0, 20.0, 3.0, 30.0, 0.0, 30.0];
        for (feature, (value, wanted)) in Feature::ALL.iter().zip(values.iter().zip(&wanted)) {
            assert!((value - wanted).abs() < 1e-12, "{feature:?}: {value}");
        }
        let names = Feature::ALL.map(|feature| serde_json::to_value(feature).unwrap());
        assert_eq!(names, Feature::ALL.map(|feature| serde_json::Value::from(feature.as_str())));
    }
}
