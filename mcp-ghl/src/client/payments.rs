//! Transactions, orders and subscriptions.

use common::error::Result;
use http::Method;
use jiff::civil::Date;

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::payment::{Many, Read};
use super::{Client, Site};
use crate::payment::{Book, Entry};
use crate::record_id::RecordId;

pub(super) static TRANSACTIONS: Operation =
    Operation::read(Method::GET, "/payments/transactions", "payments/transactions.readonly");
pub(super) static ORDERS: Operation = Operation::read(Method::GET, "/payments/orders", "payments/orders.readonly");
pub(super) static SUBSCRIPTIONS: Operation =
    Operation::read(Method::GET, "/payments/subscriptions", "payments/subscriptions.readonly");

/// Entries per request. Ours: the vendor documents no limit.
const PER_PAGE: usize = 100;

/// Most entries that one answer is made of.
pub(crate) const ENTRIES_MAX: usize = 1_000;

/// Which entries are looked for; everything given must hold.
#[derive(Debug, Default, Clone)]
pub(crate) struct EntryQuery {
    pub(crate) contact_id: Option<RecordId>,
    /// From this day on; the vendor does not say by which clock.
    pub(crate) since: Option<Date>,
    /// Up to this day, by the same clock.
    pub(crate) until: Option<Date>,
    /// Of orders only: `paid`, `unpaid`, `refunded` or `partially_paid`.
    pub(crate) payment_status: Option<&'static str>,
}

impl Client {
    /// The entries of a book, at most [`ENTRIES_MAX`].
    pub(crate) async fn entries(&self, site: &Site, book: Book, query: &EntryQuery) -> Result<Vec<Entry>> {
        let location_id = site.location.id.as_str();
        let operation = match book {
            Book::Transactions => &TRANSACTIONS,
            Book::Orders => &ORDERS,
            Book::Subscriptions => &SUBSCRIPTIONS,
        };
        let (since, until) = (query.since.map(|day| day.to_string()), query.until.map(|day| day.to_string()));
        let page = async |offset: usize| -> Result<Vec<Read>> {
            let (offset, limit) = (offset.to_string(), PER_PAGE.to_string());
            let mut parameters = vec![("altId", location_id), ("limit", limit.as_str()), ("offset", offset.as_str())];
            // The specification of orders knows no kind of owner: it is the location.
            parameters.extend((book != Book::Orders).then_some(("altType", "location")));
            parameters.extend(query.contact_id.as_ref().map(|id| ("contactId", id.as_str())));
            parameters.extend(since.as_deref().map(|day| ("startAt", day)));
            parameters.extend(until.as_deref().map(|day| ("endAt", day)));
            parameters.extend(query.payment_status.map(|status| ("paymentStatus", status)));
            let many: Many = self.send(&site.session, operation, &Request::default().with_query(&parameters)).await?;
            Ok(many.data)
        };
        let read = whole(PER_PAGE, ENTRIES_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_entry).collect())
    }
}
