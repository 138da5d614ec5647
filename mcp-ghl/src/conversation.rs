//! Conversations: what was said between a location and one contact, on all channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::message::Channel;
use crate::record_id::RecordId;

/// What an entry of a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sms,
    Email,
    Whatsapp,
    Rcs,
    Facebook,
    Instagram,
    LiveChat,
    Tiktok,
    GoogleBusiness,
    Call,
    Voicemail,
    Review,
    FormSubmission,
    /// Between users; the contact does not see it.
    InternalComment,
    /// Something that happened to the contact's records, noted by the vendor.
    Activity,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the contact.
    Inbound,
    /// To the contact.
    Outbound,
}

/// A conversation. Names and texts in it were written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: RecordId,
    /// Where it belongs, as the vendor says; absent where it does not say.
    pub location_id: Option<RecordId>,
    pub contact_id: Option<RecordId>,
    pub contact_name: Option<String>,
    pub assigned_to: Option<String>,
    pub unread_count: u64,
    pub is_starred: bool,
    pub last: Option<LastMessage>,
}

/// The latest message of a conversation, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    pub kind: Kind,
    pub direction: Option<Direction>,
    /// The vendor may cut it.
    pub text: Option<String>,
    pub at_ms: Option<i64>,
}

/// A message. Everything in it but ids and instants was written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: RecordId,
    pub kind: Kind,
    pub direction: Option<Direction>,
    /// The vendor's word: `delivered`, `failed`, `scheduled` and so on.
    pub status: Option<String>,
    /// Absent for emails in a list (highlevel-api-docs issue 40).
    pub text: Option<String>,
    /// Emails only.
    pub subject: Option<String>,
    /// Emails only: the sender as the email names them.
    pub from: Option<String>,
    pub at_ms: Option<i64>,
    /// The user who sent it.
    pub user_id: Option<String>,
    /// What sent it: `workflow`, `campaign`, `bulk_actions`, `api` or `app`.
    pub source: Option<String>,
    /// Addresses of the attached files.
    pub attachments: Vec<String>,
    /// The emails of a thread, oldest first; each has to be read by itself.
    pub email_ids: Vec<RecordId>,
}

impl From<Channel> for Kind {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::Email => Self::Email,
            Channel::Whatsapp => Self::Whatsapp,
            Channel::Rcs => Self::Rcs,
            Channel::Facebook => Self::Facebook,
            Channel::Instagram => Self::Instagram,
            Channel::LiveChat => Self::LiveChat,
            Channel::Tiktok => Self::Tiktok,
        }
    }
}
