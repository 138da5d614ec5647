//! Transactions, orders and subscriptions on the wire: three lists of nearly the same shape.

use serde::Deserialize;

use super::{Instant, millis, said};
use crate::money::Money;
use crate::payment::Entry;
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) data: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    contact_id: Option<String>,
    contact_name: Option<String>,
    contact_email: Option<String>,
    currency: Option<String>,
    amount: Option<f64>,
    amount_refunded: Option<f64>,
    status: Option<String>,
    live_mode: Option<bool>,
    /// Of orders.
    source_name: Option<String>,
    /// Of transactions and subscriptions.
    entity_source_name: Option<String>,
    entity_source_type: Option<String>,
    created_at: Option<Instant>,
}

impl Read {
    pub(in crate::client) fn into_entry(self) -> Option<Entry> {
        let currency = self.currency.unwrap_or_default();
        let money = |amount: Option<f64>| Money::of_major(amount?, &currency);
        let source = said(self.source_name).or_else(|| said(self.entity_source_name));
        Some(Entry {
            id: self.id?,
            contact_id: said(self.contact_id),
            contact_name: said(self.contact_name).or_else(|| said(self.contact_email)),
            money: money(self.amount),
            refunded: money(self.amount_refunded).filter(|money| money.amount_minor != 0),
            status: said(self.status).unwrap_or_else(|| "unknown".to_owned()),
            source: source.or_else(|| said(self.entity_source_type)),
            at_ms: millis(self.created_at),
            is_test: self.live_mode == Some(false),
        })
    }
}
