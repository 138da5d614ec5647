//! Products and prices on the wire.

use serde::Deserialize;

use super::said;
use crate::money::Money;
use crate::product::{Price, Product};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) products: Vec<Read>,
    /// A list of one.
    #[serde(default)]
    pub(in crate::client) total: Vec<Total>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Total {
    pub(in crate::client) total: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    name: Option<String>,
    product_type: Option<String>,
    available_in_store: Option<bool>,
}

impl Read {
    pub(in crate::client) fn into_product(self) -> Option<Product> {
        Some(Product {
            id: self.id?,
            name: said(self.name)?,
            kind: said(self.product_type).map(|kind| kind.to_lowercase()),
            is_in_store: self.available_in_store,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Prices {
    #[serde(default)]
    pub(in crate::client) prices: Vec<ReadPrice>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadPrice {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    name: Option<String>,
    currency: Option<String>,
    amount: Option<f64>,
    recurring: Option<Recurring>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Recurring {
    interval: Option<String>,
    interval_count: Option<u32>,
}

impl ReadPrice {
    pub(in crate::client) fn into_price(self) -> Option<Price> {
        let every = |recurring: Recurring| {
            Some(format!("{} {}", recurring.interval_count.unwrap_or(1), said(recurring.interval)?))
        };
        let currency = self.currency.unwrap_or_default();
        Some(Price {
            id: self.id?,
            name: said(self.name).unwrap_or_default(),
            money: self.amount.and_then(|amount| Money::of_major(amount, &currency)),
            every: self.recurring.and_then(every),
        })
    }
}
