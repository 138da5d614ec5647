//! What is shown of money: whole minor units, always with their currency.

use schemars::JsonSchema;
use serde::Serialize;

use crate::money::Money;

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct MoneyAnswer {
    /// In minor units, such as cents.
    pub(crate) amount_minor: i64,
    /// ISO 4217.
    pub(crate) currency: String,
}

impl MoneyAnswer {
    pub(crate) fn of(money: &Money) -> Self {
        Self { amount_minor: money.amount_minor, currency: money.currency.clone() }
    }
}
