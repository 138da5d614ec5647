//! Messages: what was said, and saying something.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::{Operation, V2_CONVERSATIONS};
use super::request::Request;
use super::wire::message::{Email, Nested, NewMessage, OneEmail, Read, Receipt};
use super::wire::said;
use super::{Client, Site, Slice};
use crate::conversation::Message;
use crate::cursor::{Position, SortValue, not_ours};
use crate::message::{Channel, Content};
use crate::record_id::RecordId;
use crate::send_time::SendTime;

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/conversations/{}/messages", "conversations/message.readonly")
        .on("conversation")
        .or_dated(V2_CONVERSATIONS);
pub(super) static GET_EMAIL: Operation =
    Operation::read(Method::GET, "/conversations/messages/email/{}", "conversations/message.readonly")
        .on("email")
        .or_dated(V2_CONVERSATIONS);
// Never repeated blindly: a person would get it twice.
pub(super) static SEND: Operation =
    Operation::write(Method::POST, "/conversations/messages", "conversations/message.write", Repeat::Never)
        .on("contact")
        .or_dated(V2_CONVERSATIONS);

/// A message that is to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) contact_id: &'a RecordId,
    pub(crate) channel: Channel,
    pub(crate) content: &'a Content,
    /// Absent: at once.
    pub(crate) send_at: Option<&'a SendTime>,
}

/// What the vendor says of a message that it has taken.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) message_id: RecordId,
    pub(crate) conversation_id: Option<RecordId>,
    /// Of an email: by which it is called off.
    pub(crate) email_id: Option<RecordId>,
    /// The vendor's word.
    pub(crate) status: Option<String>,
}

impl Client {
    /// A conversation's messages, newest first. Those of emails have no text: see [`Client::email`].
    pub(crate) async fn messages(
        &self,
        site: &Site,
        conversation_id: &RecordId,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Message>> {
        let behind = match position {
            None => None,
            Some(Position::After(values)) => match values.as_slice() {
                [SortValue::Text(id)] => Some(id.as_str()),
                _ => return Err(not_ours()),
            },
            Some(Position::Page(_) | Position::Skip(_)) => return Err(not_ours()),
        };
        let limit = limit.to_string();
        let mut parameters = vec![("limit", limit.as_str())];
        parameters.extend(behind.map(|id| ("lastMessageId", id)));
        let ids = [conversation_id];
        let request = Request::of(&ids).with_query(&parameters);
        let page = self.send::<Nested>(&site.session, &LIST, &request).await?.into_page();
        let last = page.last_message_id.filter(|_| page.has_more);
        let next = last.map(|id| Position::After(vec![SortValue::Text(id)]));
        let records = page.messages.into_iter().filter_map(Read::into_message).collect();
        Ok(Slice { records, total: None, next })
    }

    /// One email with its text.
    pub(crate) async fn email(&self, site: &Site, id: &RecordId) -> Result<Message> {
        let one: OneEmail = self.send(&site.session, &GET_EMAIL, &Request::of(&[id])).await?;
        let email = one.into_email();
        let is_here = email.location_id.as_ref().is_none_or(|location_id| *location_id == site.location.id);
        Some(email).filter(|_| is_here).and_then(Email::into_message).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "no email of this id in this location")
                .with_hint("read the conversation again with `get_conversation`")
        })
    }

    /// Sends a message, once: nothing is repeated, whatever happens.
    pub(crate) async fn send_message(&self, site: &Site, outgoing: &Outgoing<'_>) -> Result<Sent> {
        let request = Request::default().with_body(&outgoing.body())?;
        let receipt: Receipt = self.send(&site.session, &SEND, &request).await?;
        Sent::of(receipt).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the message")
                .with_hint("read the conversation with `get_conversation` before repeating: it may have been sent")
        })
    }
}

impl Sent {
    /// `None` if the vendor names no message.
    fn of(receipt: Receipt) -> Option<Self> {
        let (conversation_id, status) = (receipt.conversation_id, said(receipt.status));
        let email_id = receipt.email_message_id;
        Some(Self { message_id: receipt.message_id?, conversation_id, email_id, status })
    }
}

impl<'a> Outgoing<'a> {
    fn body(&self) -> NewMessage<'a> {
        let kind = word(self.channel);
        let (message, subject, html) = match self.content {
            Content::Text(text) => (Some(text.as_str()), None, None),
            Content::Email { subject, html, .. } => (None, Some(subject.as_str()), Some(html.as_str())),
        };
        NewMessage {
            kind,
            sub_type: kind,
            contact_id: self.contact_id,
            status: "pending",
            message,
            subject,
            html,
            scheduled_timestamp: self.send_at.map(SendTime::seconds),
        }
    }
}

/// The vendor's word for a channel when sending.
const fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Email => "Email",
        Channel::Whatsapp => "WhatsApp",
        Channel::Rcs => "RCS",
        Channel::Facebook => "FB",
        Channel::Instagram => "IG",
        Channel::LiveChat => "Live_Chat",
        Channel::Tiktok => "TIKTOK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_goes_out_as_html_with_a_subject() {
        let content = Content::Email { subject: "S".to_owned(), html: "<p>x</p>".to_owned(), text: "x".to_owned() };
        let contact_id = "c1".parse().unwrap();
        let outgoing = Outgoing { contact_id: &contact_id, channel: Channel::Email, content: &content, send_at: None };
        let body = serde_json::to_string(&outgoing.body()).unwrap();
        let expected =
            r#"{"type":"Email","subType":"Email","contactId":"c1","status":"pending","subject":"S","html":"<p>x</p>"}"#;
        assert_eq!(body, expected);
    }
}
