//! Messages on the wire.

use serde::{Deserialize, Serialize};

use super::conversation::{direction, kind};
use super::{AnyValue, Instant, millis, said};
use crate::conversation::{Kind, Message};
use crate::record_id::RecordId;

/// The specification shows the page itself; what comes is the page inside `messages` (highlevel-api-docs issue 54).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::client) enum Nested {
    Inside { messages: Page },
    Flat(Page),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Page {
    pub(in crate::client) last_message_id: Option<String>,
    #[serde(default)]
    #[serde(rename = "nextPage")]
    pub(in crate::client) has_more: bool,
    #[serde(default)]
    pub(in crate::client) messages: Vec<Read>,
}

impl Nested {
    pub(in crate::client) fn into_page(self) -> Page {
        match self {
            Self::Inside { messages } => messages,
            Self::Flat(page) => page,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    message_type: Option<String>,
    date_added: Option<Instant>,
    body: Option<String>,
    direction: Option<String>,
    status: Option<String>,
    attachments: Option<Vec<String>>,
    meta: Option<Meta>,
    source: Option<String>,
    user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    email: Option<Thread>,
    /// Seconds: a text in the specification, a number in its examples.
    call_duration: Option<AnyValue>,
    call_status: Option<String>,
}

/// The ids of a thread's emails; the specification's example has them one step deeper.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Thread {
    message_ids: Vec<RecordId>,
    email: Option<Box<Thread>>,
}

impl Thread {
    fn into_ids(self) -> Vec<RecordId> {
        let deeper = self.email.map(|thread| thread.message_ids);
        if self.message_ids.is_empty() { deeper.unwrap_or_default() } else { self.message_ids }
    }
}

impl Read {
    /// How many seconds the call took that it is, and how it ended.
    pub(super) fn call(&self) -> (Option<u64>, Option<String>) {
        let Some(meta) = &self.meta else { return (None, None) };
        let seconds = match &meta.call_duration {
            Some(AnyValue::Text(text)) => text.trim().parse().ok(),
            Some(AnyValue::Number(number)) => format!("{number:.0}").parse().ok(),
            Some(AnyValue::Flag(_) | AnyValue::Texts(_) | AnyValue::Other(_)) | None => None,
        };
        (seconds, meta.call_status.clone())
    }

    /// Our message; `None` if it has no id.
    pub(in crate::client) fn into_message(self) -> Option<Message> {
        Some(Message {
            id: self.id?,
            kind: self.message_type.as_deref().map_or(Kind::Other, kind),
            direction: self.direction.as_deref().and_then(direction),
            status: said(self.status),
            text: said(self.body),
            subject: None,
            from: None,
            at_ms: millis(self.date_added),
            user_id: said(self.user_id),
            source: said(self.source),
            attachments: self.attachments.unwrap_or_default(),
            email_ids: self.meta.and_then(|meta| meta.email).map(Thread::into_ids).unwrap_or_default(),
        })
    }
}

/// The specification shows the email itself; integrations report it inside `emailMessage`. Both are read.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::client) enum OneEmail {
    Inside {
        #[serde(rename = "emailMessage")]
        email: Email,
    },
    Flat(Email),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Email {
    id: Option<RecordId>,
    pub(in crate::client) location_id: Option<RecordId>,
    date_added: Option<Instant>,
    subject: Option<String>,
    body: Option<String>,
    direction: Option<String>,
    status: Option<String>,
    attachments: Option<Vec<String>>,
    from: Option<String>,
    source: Option<String>,
}

impl OneEmail {
    pub(in crate::client) fn into_email(self) -> Email {
        match self {
            Self::Inside { email } | Self::Flat(email) => email,
        }
    }
}

impl Email {
    /// Our message; `None` if it has no id.
    pub(in crate::client) fn into_message(self) -> Option<Message> {
        Some(Message {
            id: self.id?,
            kind: Kind::Email,
            direction: self.direction.as_deref().and_then(direction),
            status: said(self.status),
            text: said(self.body),
            subject: said(self.subject),
            from: said(self.from),
            at_ms: millis(self.date_added),
            user_id: None,
            source: said(self.source),
            attachments: self.attachments.unwrap_or_default(),
            email_ids: Vec::new(),
        })
    }
}

/// The 2026 specification also wants `subType` and `status` of every message, the one before it neither; with both, the
/// request keeps to either.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct NewMessage<'a> {
    #[serde(rename = "type")]
    pub(in crate::client) kind: &'static str,
    pub(in crate::client) sub_type: &'static str,
    pub(in crate::client) contact_id: &'a RecordId,
    pub(in crate::client) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) html: Option<&'a str>,
    /// UTC, in seconds, unlike every other instant of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) scheduled_timestamp: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Receipt {
    pub(in crate::client) message_id: Option<RecordId>,
    pub(in crate::client) conversation_id: Option<RecordId>,
    pub(in crate::client) email_message_id: Option<RecordId>,
    pub(in crate::client) status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_nested_and_flat() {
        let page =
            r#"{"lastMessageId":"m1","nextPage":true,"messages":[{"id":"m1","messageType":"TYPE_SMS","body":"hi"}]}"#;
        for text in [page.to_owned(), format!(r#"{{"messages":{page},"traceId":"t"}}"#)] {
            let page = serde_json::from_str::<Nested>(&text).unwrap().into_page();
            assert_eq!((page.last_message_id.as_deref(), page.has_more, page.messages.len()), (Some("m1"), true, 1));
        }
    }

    #[test]
    fn the_emails_of_a_thread_are_found_at_either_depth() {
        for email in [r#"{"messageIds":["e1","e2"]}"#, r#"{"email":{"messageIds":["e1","e2"]}}"#] {
            let text = format!(r#"{{"id":"m1","messageType":"TYPE_EMAIL","meta":{{"email":{email}}}}}"#);
            let message = serde_json::from_str::<Read>(&text).unwrap().into_message().unwrap();
            assert_eq!((message.kind, message.email_ids.len()), (Kind::Email, 2), "{email}");
        }
    }
}
