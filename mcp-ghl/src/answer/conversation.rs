//! What is shown of a conversation and its messages. Whatever was said is fenced, our own words too: workflows quote what
//! people have filled in.

use common::tool::{Untrusted, one_line};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{LINE_LENGTH_MAX, RecordRef, excerpt, line, owner};
use crate::conversation::{Conversation, Direction, Kind, Message};
use crate::html;
use crate::user::User;

/// Longest beginning of a last message shown in a list, in characters.
const LAST_LENGTH_MAX: usize = 160;

/// Longest text of a message shown, in characters.
const TEXT_LENGTH_MAX: usize = 2_000;

/// Longest subject shown, in characters.
const SUBJECT_LENGTH_MAX: usize = 200;

/// Most file names of one message shown.
const ATTACHMENTS_SHOWN: usize = 10;

/// A conversation in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConversationRow {
    /// Opaque id.
    pub(crate) id: String,
    /// With whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<RecordRef>,
    /// What the last message is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<Kind>,
    /// Inbound: from the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) direction: Option<Direction>,
    /// How the last message begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_message: Option<Untrusted>,
    /// When it came, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_at: Option<String>,
    /// Messages that nobody has read.
    pub(crate) unread: u64,
    /// Name of the user in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_to: Option<String>,
}

impl ConversationRow {
    pub(crate) fn of(conversation: &Conversation, users: Option<&[User]>) -> Self {
        let last = conversation.last.as_ref();
        let name = conversation.contact_name.as_deref();
        let text = last.and_then(|last| last.text.as_deref());
        Self {
            id: conversation.id.to_string(),
            contact: conversation.contact_id.as_ref().map(|id| RecordRef::new(id, name.unwrap_or(id.as_str()))),
            channel: last.map(|last| last.kind),
            direction: last.and_then(|last| last.direction),
            last_message: text.map(|text| said(text, LAST_LENGTH_MAX, "last message")),
            last_at: last.and_then(|last| instant(last.at_ms)),
            unread: conversation.unread_count,
            assigned_to: conversation.assigned_to.as_deref().map(|id| owner(users, id)),
        }
    }
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MessageAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// Inbound: from the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) direction: Option<Direction>,
    /// What it is.
    pub(crate) channel: Kind,
    /// What became of it: delivered, failed, scheduled and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Name of the user who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent_by: Option<String>,
    /// What sent it: workflow, campaign, api or app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent_with: Option<String>,
    /// Sender of an email, as it names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Untrusted>,
    /// Subject of an email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Untrusted>,
    /// What it says; HTML as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<Untrusted>,
    /// Names of attached files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<String>,
}

impl MessageAnswer {
    pub(crate) fn of(message: &Message, users: Option<&[User]>) -> Self {
        let text = |text: &str| match message.kind {
            Kind::Email => said(&html::to_text(text), TEXT_LENGTH_MAX, "email"),
            _ => said(text, TEXT_LENGTH_MAX, "message"),
        };
        let email_line = |text: &str| Untrusted::new(one_line(text, SUBJECT_LENGTH_MAX), "email");
        let is_outbound = message.direction == Some(Direction::Outbound);
        let files = message.attachments.iter().take(ATTACHMENTS_SHOWN);
        Self {
            id: message.id.to_string(),
            at: instant(message.at_ms),
            direction: message.direction,
            channel: message.kind,
            status: message.status.as_deref().map(line),
            sent_by: message.user_id.as_deref().filter(|_| is_outbound).map(|id| owner(users, id)),
            sent_with: message.source.as_deref().filter(|_| is_outbound).map(line),
            from: message.from.as_deref().map(email_line),
            subject: message.subject.as_deref().map(email_line),
            text: message.text.as_deref().map(text),
            attachments: files.map(|address| file_name(address)).collect(),
        }
    }
}

fn said(text: &str, length_max: usize, source: &'static str) -> Untrusted {
    Untrusted::new(excerpt(text, length_max), source)
}

/// RFC 3339 to the second.
pub(crate) fn instant(at_ms: Option<i64>) -> Option<String> {
    let instant = Timestamp::from_millisecond(at_ms?).ok()?;
    Timestamp::from_second(instant.as_second()).ok().map(|instant| instant.to_string())
}

/// The last part of a file's address: what people call it, and no place to go to.
fn file_name(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    one_line(&name.replace("%20", " "), LINE_LENGTH_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_and_not_linked() {
        let cases = [
            ("https://files.example.com/a/signed%20form.pdf?token=x", "signed form.pdf"),
            ("scan.png", "scan.png"),
            ("https://example.com/", "example.com"),
            ("", ""),
        ];
        for (address, name) in cases {
            assert_eq!(file_name(address), name, "{address}");
        }
    }

    #[test]
    fn instants_are_shown_to_the_second() {
        assert_eq!(instant(Some(1_700_000_000_999)).as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(instant(None), None);
    }
}
