//! Invoices: what contacts are asked to pay, and by when.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::record_id::RecordId;

/// How an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Sent,
    PaymentProcessing,
    Paid,
    Void,
    PartiallyPaid,
}

impl InvoiceStatus {
    /// The vendor's word, the same as ours.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::PaymentProcessing => "payment_processing",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::PartiallyPaid => "partially_paid",
        }
    }
}

/// An invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    pub id: RecordId,
    /// As the vendor counts them, or as somebody has written it.
    pub number: Option<String>,
    pub name: Option<String>,
    pub status: Option<InvoiceStatus>,
    pub contact_id: Option<String>,
    pub contact_name: Option<String>,
    pub total: Option<Money>,
    pub due: Option<Money>,
    pub issued_on: Option<Date>,
    pub due_on: Option<Date>,
    pub items: Vec<Item>,
    pub is_test: bool,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub name: String,
    pub quantity: f64,
    /// For one.
    pub price: Option<Money>,
}

impl Invoice {
    /// Whether it is with the contact, unpaid, and its day is over.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        let is_out = matches!(self.status, Some(InvoiceStatus::Sent | InvoiceStatus::PartiallyPaid));
        let is_owed = self.due.as_ref().is_some_and(|due| due.amount_minor > 0);
        is_out && is_owed && self.due_on.is_some_and(|due_on| due_on < today)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_invoice_is_overdue_the_day_after_it_was_due() {
        let mut invoice = Invoice {
            id: "i1".parse().unwrap(),
            number: None,
            name: None,
            status: Some(InvoiceStatus::Sent),
            contact_id: None,
            contact_name: None,
            total: Money::of_major(10.0, "USD"),
            due: Money::of_major(10.0, "USD"),
            issued_on: None,
            due_on: Some(date(2026, 11, 20)),
            items: Vec::new(),
            is_test: false,
        };
        assert!(!invoice.is_overdue(date(2026, 11, 20)));
        assert!(invoice.is_overdue(date(2026, 11, 21)));
        for status in [InvoiceStatus::Draft, InvoiceStatus::Paid, InvoiceStatus::Void] {
            invoice.status = Some(status);
            assert!(!invoice.is_overdue(date(2026, 11, 21)), "{status:?}");
        }
    }
}
