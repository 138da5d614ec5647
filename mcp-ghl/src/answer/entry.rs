//! What is shown of the location's books.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::money::MoneyAnswer;
use super::{RecordRef, line};
use crate::payment::{Entry, sums};

/// A transaction, order or subscription in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EntryRow {
    /// Opaque id.
    pub(crate) id: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<RecordRef>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) money: Option<MoneyAnswer>,
    /// How much of it was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refunded: Option<MoneyAnswer>,
    /// GoHighLevel's word, such as succeeded.
    pub(crate) status: String,
    /// What it came from: a funnel, form or invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// Present and true if nobody has paid anything.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) test: bool,
}

impl EntryRow {
    pub(crate) fn of(entry: &Entry) -> Self {
        let contact = entry.contact_id.as_ref().map(|id| {
            let name = entry.contact_name.as_deref().unwrap_or(id);
            RecordRef::new(&line(id), name)
        });
        let at = entry.at_ms.and_then(|at_ms| Timestamp::from_second(at_ms.div_euclid(1_000)).ok());
        Self {
            id: entry.id.to_string(),
            contact,
            money: entry.money.as_ref().map(MoneyAnswer::of),
            refunded: entry.refunded.as_ref().map(MoneyAnswer::of),
            status: line(&entry.status),
            source: entry.source.as_deref().map(line),
            at: at.map(|at| at.to_string()),
            test: entry.is_test,
        }
    }
}

/// What all that match come to, tests left out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TotalRow {
    /// GoHighLevel's word.
    pub(crate) status: String,
    /// How many.
    pub(crate) count: usize,
    #[serde(flatten)]
    pub(crate) money: MoneyAnswer,
    /// How much of it was given back, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refunded_minor: Option<i64>,
}

/// Totals by currency and status.
pub(crate) fn totals(entries: &[Entry]) -> Vec<TotalRow> {
    let row = |((currency, status), sum): ((String, String), crate::payment::Sum)| TotalRow {
        status: line(&status),
        count: sum.count,
        money: MoneyAnswer { amount_minor: sum.amount_minor, currency: line(&currency) },
        refunded_minor: Some(sum.refunded_minor).filter(|refunded| *refunded != 0),
    };
    sums(entries).into_iter().map(row).collect()
}
