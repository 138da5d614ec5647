//! Affiliates, their commissions and payouts on the wire.

use serde::Deserialize;

use super::{Instant, rfc3339, said};
use crate::affiliate::{Affiliate, Earning};
use crate::money::Money;
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) affiliates: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    contact_id: Option<String>,
    active: Option<bool>,
    deleted: Option<bool>,
    click_count: Option<u64>,
    lead: Option<u64>,
    customer: Option<u64>,
    currency: Option<String>,
    revenue: Option<f64>,
    owned: Option<f64>,
    paid: Option<f64>,
}

impl Read {
    /// Our affiliate; `None` without an id or name, or if it was taken away.
    pub(in crate::client) fn into_affiliate(self) -> Option<Affiliate> {
        if self.deleted == Some(true) {
            return None;
        }
        let currency = self.currency.unwrap_or_default();
        let money = |amount: Option<f64>| Money::of_major(amount?, &currency);
        let both = [self.first_name, self.last_name].into_iter().filter_map(said).collect::<Vec<_>>().join(" ");
        let email = said(self.email);
        Some(Affiliate {
            id: self.id?,
            name: said(Some(both)).or_else(|| email.clone())?,
            email,
            contact_id: said(self.contact_id),
            is_active: self.active,
            clicks: self.click_count,
            leads: self.lead,
            customers: self.customer,
            revenue: money(self.revenue),
            // The vendor's word for what it owes.
            owed: money(self.owned),
            paid: money(self.paid),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Payouts {
    #[serde(default)]
    pub(in crate::client) payouts: Vec<ReadEarning>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Commissions {
    #[serde(default)]
    pub(in crate::client) commissions: Vec<ReadEarning>,
}

/// A commission or a payout.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadEarning {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    campaign: Option<Campaign>,
    campaign_name: Option<String>,
    product_name: Option<String>,
    currency: Option<String>,
    amount: Option<f64>,
    /// Of a commission, whose amount is that of the sale.
    commission_amount: Option<f64>,
    status: Option<String>,
    due_at: Option<Instant>,
    created_at: Option<Instant>,
    transaction_at: Option<Instant>,
    paid_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Campaign {
    Name(String),
    Whole { name: Option<String> },
}

impl ReadEarning {
    pub(in crate::client) fn into_earning(self) -> Option<Earning> {
        let currency = self.currency.unwrap_or_default();
        let campaign = match self.campaign {
            Some(Campaign::Name(name)) => Some(name),
            Some(Campaign::Whole { name }) => name,
            None => None,
        };
        let amount = self.commission_amount.or(self.amount);
        Some(Earning {
            id: self.id?,
            campaign: said(campaign).or_else(|| said(self.campaign_name)),
            product: said(self.product_name),
            money: amount.and_then(|amount| Money::of_major(amount, &currency)),
            status: said(self.status),
            due_at: rfc3339(self.due_at),
            at: rfc3339(self.paid_at.or(self.transaction_at).or(self.created_at)),
        })
    }
}
