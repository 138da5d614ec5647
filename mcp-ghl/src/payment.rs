//! What the location's books hold: transactions, orders and subscriptions.

use std::collections::BTreeMap;

use crate::money::Money;
use crate::record_id::RecordId;

/// One of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    Transactions,
    Orders,
    Subscriptions,
}

/// One entry of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: RecordId,
    pub contact_id: Option<String>,
    pub contact_name: Option<String>,
    pub money: Option<Money>,
    /// What of it was given back.
    pub refunded: Option<Money>,
    /// The vendor's word, such as `succeeded` or `completed`.
    pub status: String,
    /// Where it came from: the name of a funnel, form or invoice.
    pub source: Option<String>,
    /// Milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// Nobody has paid anything.
    pub is_test: bool,
}

/// What entries of one currency and status come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: usize,
    pub amount_minor: i64,
    pub refunded_minor: i64,
}

/// What real entries come to, by currency and status. Tests do not count.
#[must_use]
pub fn sums(entries: &[Entry]) -> BTreeMap<(String, String), Sum> {
    let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.is_test) {
        let Some(money) = &entry.money else { continue };
        let sum = sums.entry((money.currency.clone(), entry.status.clone())).or_default();
        sum.count += 1;
        sum.amount_minor = sum.amount_minor.saturating_add(money.amount_minor);
        let refunded = entry.refunded.as_ref().map_or(0, |money| money.amount_minor);
        sum.refunded_minor = sum.refunded_minor.saturating_add(refunded);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_and_states_are_summed_apart_and_tests_not_at_all() {
        let entry = |amount: f64, currency: &str, status: &str| Entry {
            id: "e1".parse().unwrap(),
            contact_id: None,
            contact_name: None,
            money: Money::of_major(amount, currency),
            refunded: None,
            status: status.to_owned(),
            source: None,
            at_ms: None,
            is_test: false,
        };
        let mut entries = vec![
            entry(10.1, "USD", "succeeded"),
            entry(0.2, "USD", "succeeded"),
            entry(5.0, "USD", "failed"),
            entry(7.0, "EUR", "succeeded"),
            Entry { is_test: true, ..entry(99.0, "USD", "succeeded") },
        ];
        entries[1].refunded = Money::of_major(0.2, "USD");
        let sums = sums(&entries);
        let of = |currency: &str, status: &str| sums[&(currency.to_owned(), status.to_owned())].clone();
        assert_eq!(of("USD", "succeeded"), Sum { count: 2, amount_minor: 1_030, refunded_minor: 20 });
        assert_eq!(of("USD", "failed").amount_minor, 500);
        assert_eq!(of("EUR", "succeeded").amount_minor, 700);
    }
}
