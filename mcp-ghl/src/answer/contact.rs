//! What is shown of a contact.

use common::tool::Untrusted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RecordRef, excerpt, line, owner};
use crate::contact::{Channel, Consent, Contact};
use crate::custom_field::{CustomField, CustomValue, FieldValue};
use crate::note::Note;
use crate::user::User;

/// Longest value of a custom field shown, in characters.
const VALUE_LENGTH_MAX: usize = 500;

/// Longest note shown, in characters.
const NOTE_LENGTH_MAX: usize = 1_000;

/// A contact in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ContactRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// Firm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<String>,
    /// Tags, in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    /// Name of the user in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// Where the lead came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) added_at: Option<String>,
    /// Only where true: send nothing on any channel.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) do_not_disturb: bool,
}

impl ContactRow {
    pub(crate) fn of(contact: &Contact, users: Option<&[User]>) -> Self {
        Self {
            id: contact.id.to_string(),
            name: contact.name.as_deref().map(line),
            email: contact.email.as_deref().map(line),
            phone: contact.phone.as_deref().map(line),
            company: contact.company.as_deref().map(line),
            tags: contact.tags.iter().map(|tag| line(tag)).collect(),
            owner: contact.owner_id.as_deref().map(|id| owner(users, id)),
            source: contact.source.as_deref().map(line),
            added_at: contact.added_at.clone(),
            do_not_disturb: contact.consent.as_ref().is_some_and(|consent| consent.is_do_not_disturb),
        }
    }
}

/// Everything about a contact itself.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ContactDetails {
    #[serde(flatten)]
    pub(crate) row: ContactRow,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
    pub(crate) consent: ConsentAnswer,
    /// Values of the location's own fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom_fields: Vec<FieldAnswer>,
}

impl ContactDetails {
    pub(crate) fn of(contact: &Contact, users: Option<&[User]>, fields: &[CustomField]) -> Self {
        Self {
            row: ContactRow::of(contact, users),
            first_name: contact.first_name.as_deref().map(line),
            last_name: contact.last_name.as_deref().map(line),
            city: contact.city.as_deref().map(line),
            country: contact.country.as_deref().map(line),
            timezone: contact.timezone.as_deref().map(line),
            updated_at: contact.updated_at.clone(),
            consent: ConsentAnswer::of(contact.consent.as_ref()),
            custom_fields: field_answers(&contact.custom_values, fields),
        }
    }
}

/// What the person has refused.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct ConsentAnswer {
    /// True: send nothing on any channel. Absent: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) do_not_disturb: Option<bool>,
    /// Channels on which nothing may be sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) blocked_channels: Vec<ChannelAnswer>,
}

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelAnswer {
    Call,
    Email,
    Sms,
    Whatsapp,
    GoogleBusiness,
    Facebook,
}

impl From<Channel> for ChannelAnswer {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Call => Self::Call,
            Channel::Email => Self::Email,
            Channel::Sms => Self::Sms,
            Channel::Whatsapp => Self::Whatsapp,
            Channel::GoogleBusiness => Self::GoogleBusiness,
            Channel::Facebook => Self::Facebook,
        }
    }
}

impl From<ChannelAnswer> for Channel {
    fn from(channel: ChannelAnswer) -> Self {
        match channel {
            ChannelAnswer::Call => Self::Call,
            ChannelAnswer::Email => Self::Email,
            ChannelAnswer::Sms => Self::Sms,
            ChannelAnswer::Whatsapp => Self::Whatsapp,
            ChannelAnswer::GoogleBusiness => Self::GoogleBusiness,
            ChannelAnswer::Facebook => Self::Facebook,
        }
    }
}

impl ConsentAnswer {
    pub(crate) fn of(consent: Option<&Consent>) -> Self {
        Self {
            do_not_disturb: consent.map(|consent| consent.is_do_not_disturb),
            blocked_channels: consent
                .map(|consent| consent.blocked.iter().copied().map(ChannelAnswer::from).collect())
                .unwrap_or_default(),
        }
    }
}

/// A custom field's value.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FieldAnswer {
    /// What to call it in arguments; the id where the location no longer has the field.
    pub(crate) key: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// In the location's currency.
    pub(crate) value: ValueAnswer,
}

/// Numbers and flags as they are; texts as somebody wrote them.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ValueAnswer {
    Number(f64),
    Flag(bool),
    Text(Untrusted),
}

/// The values that a record holds, with the names of their fields.
pub(crate) fn field_answers(values: &[CustomValue], fields: &[CustomField]) -> Vec<FieldAnswer> {
    let answer = |held: &CustomValue| {
        let field = fields.iter().find(|field| field.id.as_str() == held.field_id);
        let text = |text: &str| ValueAnswer::Text(Untrusted::new(excerpt(text, VALUE_LENGTH_MAX), "custom field"));
        Some(FieldAnswer {
            key: field.map_or_else(|| line(&held.field_id), |field| line(&field.key)),
            name: field.map(|field| line(&field.name)),
            value: match &held.value {
                FieldValue::Number(number) => ValueAnswer::Number(*number),
                FieldValue::Flag(flag) => ValueAnswer::Flag(*flag),
                FieldValue::Text(held) => text(held),
                FieldValue::List(items) => text(&items.join(", ")),
                FieldValue::Opaque => return None,
            },
        })
    };
    values.iter().filter_map(answer).collect()
}

/// A note.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoteAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written_at: Option<String>,
    /// Name of the user who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// What the note says.
    pub(crate) text: Untrusted,
}

impl NoteAnswer {
    pub(crate) fn of(note: &Note, users: Option<&[User]>) -> Self {
        Self {
            id: note.id.to_string(),
            written_at: note.written_at.clone(),
            author: note.author_id.as_deref().map(|id| owner(users, id)),
            title: note.title.as_deref().map(line),
            text: Untrusted::new(excerpt(&note.text, NOTE_LENGTH_MAX), "note"),
        }
    }
}

/// A contact as other records mention it.
pub(crate) fn reference(contact: &Contact) -> RecordRef {
    RecordRef::new(&contact.id, contact.label())
}
