//! Locations, tags, custom fields and users on the wire.

use std::collections::HashMap;

use serde::Deserialize;

use super::said;
use crate::custom_field::{CustomField, Kind, Model};
use crate::location::{Carried, Carrier, Location, LocationDetails};
use crate::record_id::RecordId;
use crate::tag::KnownTag;
use crate::user::User;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) location: Option<Read>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) locations: Vec<Read>,
}

/// A page of the locations in which an app is installed.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct Installed {
    #[serde(default)]
    pub(in crate::client) locations: Vec<InstalledLocation>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct InstalledLocation {
    #[serde(rename = "_id")]
    pub(in crate::client) id: Option<RecordId>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    city: Option<String>,
    country: Option<String>,
    timezone: Option<String>,
}

impl Read {
    pub(in crate::client) fn into_location(self) -> Option<Location> {
        Some(Location {
            id: self.id?,
            name: said(self.name),
            city: said(self.city),
            country: said(self.country),
            timezone: said(self.timezone),
        })
    }
}

/// One location in full.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct OneInFull {
    pub(in crate::client) location: Option<ReadInFull>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadInFull {
    #[serde(flatten)]
    read: Read,
    address: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    settings: Option<ReadSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReadSettings {
    allow_duplicate_contact: Option<bool>,
    allow_duplicate_opportunity: Option<bool>,
}

impl ReadInFull {
    pub(in crate::client) fn into_details(self) -> Option<LocationDetails> {
        let settings = self.settings.unwrap_or_default();
        Some(LocationDetails {
            location: self.read.into_location()?,
            street: said(self.address),
            state: said(self.state),
            postal_code: said(self.postal_code),
            email: said(self.email),
            phone: said(self.phone),
            website: said(self.website),
            allows_duplicate_contacts: settings.allow_duplicate_contact,
            allows_duplicate_opportunities: settings.allow_duplicate_opportunity,
        })
    }
}

/// Who carries one kind of messages, by kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Channels {
    #[serde(default)]
    pub(in crate::client) conversation_channel: HashMap<String, Vec<ReadChannel>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadChannel {
    conversation_provider: Option<ReadProvider>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadProvider {
    name: Option<String>,
    default: Option<bool>,
}

impl ReadChannel {
    pub(in crate::client) fn into_carrier(self, carries: Carried) -> Option<Carrier> {
        let provider = self.conversation_provider?;
        Some(Carrier { carries, name: said(provider.name)?, is_default: provider.default.unwrap_or_default() })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Tags {
    #[serde(default)]
    pub(in crate::client) tags: Vec<ReadTag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct ReadTag {
    id: Option<RecordId>,
    name: Option<String>,
}

impl ReadTag {
    pub(in crate::client) fn into_tag(self) -> Option<KnownTag> {
        Some(KnownTag { id: self.id?, name: said(self.name)? })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct CustomFields {
    #[serde(default)]
    pub(in crate::client) custom_fields: Vec<ReadField>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadField {
    id: Option<RecordId>,
    name: Option<String>,
    field_key: Option<String>,
    data_type: Option<String>,
    model: Option<String>,
    picklist_options: Option<Vec<String>>,
}

impl ReadField {
    pub(in crate::client) fn into_field(self) -> Option<CustomField> {
        let (id, name) = (self.id?, said(self.name)?);
        let key = said(self.field_key).unwrap_or_else(|| name.clone());
        let (prefix, short) = key.split_once('.').unwrap_or(("", &key));
        let is_opportunity = self.model.as_deref().unwrap_or(prefix) == "opportunity";
        let options = self.picklist_options.unwrap_or_default();
        Some(CustomField {
            key: short.to_owned(),
            model: if is_opportunity { Model::Opportunity } else { Model::Contact },
            kind: kind(self.data_type.as_deref().unwrap_or_default(), options),
            id,
            name,
        })
    }
}

/// The vendor's data types (highlevel-api-docs, custom fields v2). What is unknown is taken for text.
fn kind(data_type: &str, options: Vec<String>) -> Kind {
    match data_type {
        "NUMERICAL" | "MONETORY" | "MONETARY" => Kind::Number,
        "SINGLE_OPTIONS" | "RADIO" => Kind::Choice(options),
        "MULTIPLE_OPTIONS" | "CHECKBOX" => Kind::Choices(options),
        "TEXTBOX_LIST" => Kind::List,
        "DATE" => Kind::Date,
        "FILE_UPLOAD" | "SIGNATURE" => Kind::File,
        _ => Kind::Text,
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Users {
    #[serde(default)]
    pub(in crate::client) users: Vec<ReadUser>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadUser {
    id: Option<RecordId>,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    roles: Option<ReadRoles>,
    deleted: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadRoles {
    role: Option<String>,
}

impl ReadUser {
    pub(in crate::client) fn into_user(self) -> Option<User> {
        if self.deleted == Some(true) {
            return None;
        }
        let both = [self.first_name, self.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let email = said(self.email);
        let name = said(self.name).or_else(|| said(Some(both))).or_else(|| email.clone())?;
        let role = said(self.roles.and_then(|roles| roles.role));
        Some(User { id: self.id?, name, email, phone: said(self.phone), role })
    }
}
