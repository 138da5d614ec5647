//! What tools and resources show of a record: shapes that several of them share. Compact; absent means none.

pub(crate) mod appointment;
pub(crate) mod business;
pub(crate) mod change;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod email;
pub(crate) mod entry;
mod link;
pub(crate) mod location_value;
pub(crate) mod money;
pub(crate) mod opportunity;
pub(crate) mod record;
pub(crate) mod social;
pub(crate) mod task;
pub(crate) mod trigger_link;
pub(crate) mod user;

use common::tool::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use crate::client::Site;
use crate::location::Location;
use crate::user::User;

pub(crate) use link::{calendars_link, contact_link, conversation_link, location_link, opportunity_link};

/// Longest name, email, tag or other short text shown, in characters.
pub(crate) const LINE_LENGTH_MAX: usize = 80;

/// The location that an answer is about.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct LocationAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Present and true if all of it is invented.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) demo: bool,
}

impl LocationAnswer {
    pub(crate) fn of(site: &Site) -> Self {
        Self::new(&site.location, site.session.connection.is_demo)
    }

    pub(crate) fn new(location: &Location, is_demo: bool) -> Self {
        Self { id: location.id.to_string(), name: location.name.as_deref().map(line), demo: is_demo }
    }
}

/// A record, named.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct RecordRef {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
}

impl RecordRef {
    pub(crate) fn new(id: &(impl ToString + ?Sized), name: &str) -> Self {
        Self { id: id.to_string(), name: line(name) }
    }
}

/// A short text of an outsider on one plain line.
pub(crate) fn line(text: &str) -> String {
    one_line(text, LINE_LENGTH_MAX)
}

/// The beginning of a long text.
pub(crate) fn excerpt(text: &str, length_max: usize) -> String {
    let mut shown: String = text.chars().take(length_max).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// An owner's name; the id where users cannot be read or know nobody of it.
pub(crate) fn owner(users: Option<&[User]>, id: &str) -> String {
    let known = users.and_then(|users| users.iter().find(|user| user.id.as_str() == id));
    known.map_or_else(|| line(id), |user| line(&user.name))
}

/// The address of a contact's resource.
pub(crate) fn contact_uri(site: &Site, contact_id: impl std::fmt::Display) -> String {
    format!("ghl://{}/contacts/{contact_id}", site.location.id)
}

/// The address of a location's tags.
pub(crate) fn tags_uri(site: &Site) -> String {
    format!("ghl://{}/tags", site.location.id)
}
