//! A contact in answers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::sandbox::dnd::{self, DndSetting};
use crate::sandbox::instants::iso;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::search::Found;
use crate::sandbox::version::Generation;

/// Custom fields come back as id and value only; keys and names are in the location's list of fields.
#[derive(Debug, Serialize)]
pub(crate) struct CustomFieldValue {
    id: String,
    value: Value,
}

/// A contact as single reads and writes show it; search and list show parts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactAnswer {
    id: String,
    location_id: String,
    #[serde(flatten)]
    names: Names,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_lower_case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    /// Of the business that it is in; shown in single reads alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) business_id: Option<String>,
    dnd: bool,
    /// Absent in search: consent needs the single read (highlevel-api-docs issue 43).
    #[serde(skip_serializing_if = "Option::is_none")]
    dnd_settings: Option<BTreeMap<&'static str, DndSetting>>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    tags: Vec<String>,
    custom_fields: Vec<CustomFieldValue>,
    date_added: String,
    date_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_after: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The list's word for the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name_lower_case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name_lower_case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name_lower_case: Option<String>,
}

impl ContactAnswer {
    /// The whole contact.
    pub(crate) fn full(contact: Contact, generation: Generation) -> Self {
        let dnd_settings = dnd::wire(&contact.dnd_settings.0, generation);
        let mut answer = Self::part(contact);
        answer.dnd_settings = Some(dnd_settings);
        answer
    }

    /// A hit of `POST /contacts/search`.
    pub(crate) fn hit(found: Found<Contact>) -> Self {
        let search_after = found.search_after();
        let mut answer = Self::part(found.record);
        answer.names.name = None;
        answer.names.full_name_lower_case = None;
        answer.email_lower_case = None;
        answer.search_after = Some(search_after);
        answer
    }

    /// A line of the old `GET /contacts/`.
    pub(crate) fn line(contact: Contact) -> Self {
        let mut answer = Self::part(contact);
        answer.names.contact_name = answer.names.name.take();
        answer
    }

    fn part(contact: Contact) -> Self {
        let lower = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
        let name = Some(contact.name()).filter(|name| !name.is_empty());
        let names = Names {
            first_name_lower_case: lower(&contact.first_name),
            last_name_lower_case: lower(&contact.last_name),
            full_name_lower_case: lower(&name),
            first_name: contact.first_name,
            last_name: contact.last_name,
            name,
            contact_name: None,
        };
        let custom_fields =
            contact.custom_fields.0.into_iter().map(|(id, value)| CustomFieldValue { id, value }).collect();
        Self {
            id: contact.id,
            location_id: contact.location_id,
            names,
            email_lower_case: lower(&contact.email),
            email: contact.email,
            phone: contact.phone,
            timezone: contact.timezone,
            company_name: contact.company_name,
            business_id: None,
            dnd: contact.is_dnd != 0,
            dnd_settings: None,
            kind: "lead",
            source: contact.source,
            assigned_to: contact.assigned_to,
            address1: contact.address1,
            city: contact.city,
            state: contact.state,
            country: contact.country,
            postal_code: contact.postal_code,
            website: contact.website,
            date_of_birth: contact.date_of_birth,
            tags: contact.tags.0,
            custom_fields,
            date_added: iso(contact.added_at_ms),
            date_updated: iso(contact.updated_at_ms),
            search_after: None,
        }
    }
}
