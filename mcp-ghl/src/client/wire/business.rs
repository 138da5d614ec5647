//! Businesses on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::contact;
use super::said;
use crate::business::{Business, BusinessWrite, Detail};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    /// The vendor's writes misspell it.
    #[serde(alias = "buiseness")]
    pub(in crate::client) business: Option<Read>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) businesses: Vec<Read>,
}

/// Who works there.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct Contacts {
    #[serde(default)]
    pub(in crate::client) contacts: Vec<contact::Read>,
    pub(in crate::client) count: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
    description: Option<String>,
}

impl Read {
    /// Our business; `None` without an id or name.
    pub(in crate::client) fn into_business(self) -> Option<Business> {
        let details = [
            (Detail::Email, self.email),
            (Detail::Phone, self.phone),
            (Detail::Website, self.website),
            (Detail::Address, self.address),
            (Detail::City, self.city),
            (Detail::State, self.state),
            (Detail::PostalCode, self.postal_code),
            (Detail::Country, self.country),
            (Detail::Description, self.description),
        ];
        let details = details.into_iter().filter_map(|(detail, text)| Some((detail, said(text)?))).collect();
        Some(Business { id: self.id?, location_id: self.location_id, name: said(self.name)?, details })
    }
}

/// What is written of a business.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<&'a RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(flatten)]
    details: BTreeMap<&'static str, &'a str>,
}

impl<'a> Write<'a> {
    /// `location_id` is for new ones only.
    pub(in crate::client) fn of(write: &'a BusinessWrite, location_id: Option<&'a RecordId>) -> Self {
        let vendor_word = |detail: Detail| if detail == Detail::PostalCode { "postalCode" } else { detail.as_str() };
        let details = write.details.iter().map(|(detail, text)| (vendor_word(*detail), text.as_str())).collect();
        Self { location_id, name: write.name.as_deref(), details }
    }
}
