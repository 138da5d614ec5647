//! Invoices.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::invoice::{Many, Read};
use super::{Client, Site};
use crate::invoice::{Invoice, InvoiceStatus};
use crate::record_id::RecordId;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/invoices/", "invoices.readonly");

/// Invoices per request. Ours: the vendor documents no limit.
const PER_PAGE: usize = 100;

/// Most invoices that one answer is made of.
pub(crate) const INVOICES_MAX: usize = 1_000;

/// Which invoices are looked for; everything given must hold.
#[derive(Debug, Default, Clone)]
pub(crate) struct InvoiceQuery {
    pub(crate) contact_id: Option<RecordId>,
    pub(crate) status: Option<InvoiceStatus>,
    /// Words in id, name, email or phone.
    pub(crate) text: Option<String>,
}

impl Client {
    /// Invoices, those issued last first, at most [`INVOICES_MAX`].
    pub(crate) async fn invoices(&self, site: &Site, query: &InvoiceQuery) -> Result<Vec<Invoice>> {
        let page = async |offset: usize| -> Result<Vec<Read>> {
            let (offset, limit) = (offset.to_string(), PER_PAGE.to_string());
            let mut parameters = vec![
                ("altId", site.location.id.as_str()),
                ("altType", "location"),
                ("limit", limit.as_str()),
                ("offset", offset.as_str()),
                ("sortField", "issueDate"),
                ("sortOrder", "descend"),
            ];
            parameters.extend(query.contact_id.as_ref().map(|id| ("contactId", id.as_str())));
            parameters.extend(query.status.map(|status| ("status", status.as_str())));
            parameters.extend(query.text.as_deref().map(|text| ("search", text)));
            let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&parameters)).await?;
            Ok(many.invoices)
        };
        let read = whole(PER_PAGE, INVOICES_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_invoice).collect())
    }
}
