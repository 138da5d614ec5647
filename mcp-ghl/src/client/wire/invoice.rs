//! Invoices on the wire.

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{AnyValue, said};
use crate::invoice::{Invoice, InvoiceStatus, Item};
use crate::money::Money;
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) invoices: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    invoice_number: Option<AnyValue>,
    name: Option<String>,
    status: Option<ReadStatus>,
    contact_details: Option<ContactDetails>,
    currency: Option<String>,
    total: Option<f64>,
    amount_due: Option<f64>,
    issue_date: Option<String>,
    due_date: Option<String>,
    invoice_items: Vec<ReadItem>,
    live_mode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ReadStatus {
    Known(InvoiceStatus),
    Other(IgnoredAny),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContactDetails {
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

/// A line; the specification calls it a text, everybody's answers hold an object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ReadItem {
    Item { name: Option<String>, qty: Option<f64>, amount: Option<f64>, currency: Option<String> },
    Other(IgnoredAny),
}

impl Read {
    pub(in crate::client) fn into_invoice(self) -> Option<Invoice> {
        let currency = self.currency.unwrap_or_default();
        let money = |amount: Option<f64>| Money::of_major(amount?, &currency);
        let item = |item: ReadItem| match item {
            ReadItem::Item { name, qty, amount, currency: own } => Some(Item {
                name: said(name)?,
                quantity: qty.unwrap_or(1.0),
                price: Money::of_major(amount?, own.as_deref().unwrap_or(&currency)),
            }),
            ReadItem::Other(_) => None,
        };
        let contact = self.contact_details.unwrap_or_default();
        Some(Invoice {
            id: self.id?,
            number: match self.invoice_number {
                Some(AnyValue::Text(text)) => said(Some(text)),
                Some(AnyValue::Number(number)) => Some(number.to_string()),
                Some(AnyValue::Flag(_) | AnyValue::Texts(_) | AnyValue::Other(_)) | None => None,
            },
            name: said(self.name),
            status: match self.status {
                Some(ReadStatus::Known(status)) => Some(status),
                Some(ReadStatus::Other(_)) | None => None,
            },
            contact_id: said(contact.id),
            contact_name: said(contact.name).or_else(|| said(contact.email)),
            total: money(self.total),
            due: money(self.amount_due),
            issued_on: self.issue_date.as_deref().and_then(day),
            due_on: self.due_date.as_deref().and_then(day),
            items: self.invoice_items.into_iter().filter_map(item).collect(),
            is_test: self.live_mode == Some(false),
        })
    }
}

/// The day of a date or an instant.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}
