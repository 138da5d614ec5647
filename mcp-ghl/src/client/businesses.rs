//! Businesses, and which contacts work for them.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::pages::whole;
use super::request::Request;
use super::wire::business::{Contacts, Many, One, Read, Write};
use super::{Client, Site, contacts};
use crate::business::{Business, BusinessWrite};
use crate::contact::Contact;
use crate::record_id::RecordId;

pub(super) static LIST: Operation = Operation::read(Method::GET, "/businesses/", "businesses.readonly");
pub(super) static CREATE: Operation = Operation::write(Method::POST, "/businesses/", "businesses.write", Repeat::Never);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/businesses/{}", "businesses.write", Repeat::Idempotent).on("business");
pub(super) static CONTACTS: Operation =
    Operation::read(Method::GET, "/contacts/business/{}", "contacts.readonly").on("business");
// The specification names no scope for this one; it changes contacts.
pub(super) static ASSIGN: Operation =
    Operation::write(Method::POST, "/contacts/bulk/business", "contacts.write", Repeat::Idempotent).on("contact");

/// Businesses per request. Ours: the vendor documents no limit.
const PER_PAGE: usize = 100;

/// Most businesses of a location that are looked at.
pub(crate) const BUSINESSES_MAX: usize = 1_000;

/// Contacts per request, the vendor's most (specification of `GET /contacts/business/{businessId}`).
const CONTACTS_MAX: &str = "100";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment<'a> {
    location_id: &'a RecordId,
    ids: &'a [RecordId],
    business_id: &'a RecordId,
}

/// The vendor repeats the contacts it has changed; whoever is not among them was not found.
#[derive(Deserialize)]
struct Assigned {
    #[serde(default)]
    ids: Vec<String>,
}

#[derive(Deserialize)]
struct OneContact {
    contact: Employee,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Employee {
    business_id: Option<String>,
}

impl Client {
    /// The location's businesses, at most [`BUSINESSES_MAX`].
    pub(crate) async fn businesses(&self, site: &Site) -> Result<Vec<Business>> {
        let per_page = PER_PAGE.to_string();
        let page = async |skip: usize| -> Result<Vec<Read>> {
            let skip = skip.to_string();
            let query =
                [("locationId", site.location.id.as_str()), ("limit", per_page.as_str()), ("skip", skip.as_str())];
            let many: Many = self.send(&site.session, &LIST, &Request::default().with_query(&query)).await?;
            Ok(many.businesses)
        };
        let read = whole(PER_PAGE, BUSINESSES_MAX, page).await?;
        Ok(read.into_iter().filter_map(Read::into_business).collect())
    }

    /// Makes another business.
    pub(crate) async fn create_business(&self, site: &Site, write: &BusinessWrite) -> Result<Business> {
        let request = Request::default().with_body(&Write::of(write, Some(&site.location.id)))?;
        let one: One = self.send(&site.session, &CREATE, &request).await?;
        one.business.and_then(Read::into_business).ok_or_else(unreadable)
    }

    /// Changes a business.
    pub(crate) async fn update_business(&self, site: &Site, id: &RecordId, write: &BusinessWrite) -> Result<Business> {
        let ids = [id];
        let request = Request::of(&ids).with_body(&Write::of(write, None))?;
        let one: One = self.send(&site.session, &UPDATE, &request).await?;
        one.business.and_then(Read::into_business).ok_or_else(unreadable)
    }

    /// The first hundred contacts of a business, and how many there are.
    pub(crate) async fn business_contacts(&self, site: &Site, id: &RecordId) -> Result<(Vec<Contact>, Option<u64>)> {
        let query = [("locationId", site.location.id.as_str()), ("limit", CONTACTS_MAX)];
        let ids = [id];
        let request = Request::of(&ids).with_query(&query);
        let read: Contacts = self.send(&site.session, &CONTACTS, &request).await?;
        Ok((read.contacts.into_iter().filter_map(super::wire::contact::Read::into_contact).collect(), read.count))
    }

    /// The business that a contact is in.
    pub(crate) async fn business_of(&self, site: &Site, contact_id: &RecordId) -> Result<Option<RecordId>> {
        let read: OneContact = self.send(&site.session, &contacts::GET, &Request::of(&[contact_id])).await?;
        Ok(read.contact.business_id.filter(|id| !id.is_empty()).and_then(|id| id.parse().ok()))
    }

    /// Puts contacts into a business, out of the one they were in. Says which the vendor took.
    pub(crate) async fn put_into_business(
        &self,
        site: &Site,
        business_id: &RecordId,
        contact_ids: &[RecordId],
    ) -> Result<Vec<String>> {
        let body = Assignment { location_id: &site.location.id, ids: contact_ids, business_id };
        let assigned: Assigned = self.send(&site.session, &ASSIGN, &Request::default().with_body(&body)?).await?;
        Ok(assigned.ids)
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the business")
        .with_hint("read it back before repeating: it may have been written")
}
