//! Messages one by one: reading one, taking a scheduled one back, telling of one that took place elsewhere, and what was
//! said in a call.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use jiff::Timestamp;
use serde::de::IgnoredAny;

use super::messages::LIST;
use super::operation::{Operation, V2_CONVERSATIONS};
use super::request::Request;
use super::wire::message::{Nested, Read, Receipt};
use super::wire::message_record::{ReadPlaced, Told, ToldCall, Transcript};
use super::{Client, Site};
use crate::conversation::{Direction, Message};
use crate::html;
use crate::logged::{CallEnding, LoggedKind};
use crate::phone_call::{Placed, Sentence};
use crate::record_id::RecordId;

pub(super) static GET: Operation =
    Operation::read(Method::GET, "/conversations/messages/{}", "conversations/message.readonly")
        .on("message")
        .or_dated(V2_CONVERSATIONS);
// Not repeated blindly: the second one would say that there is no such message.
pub(super) static CANCEL: Operation = Operation::write(
    Method::DELETE,
    "/conversations/messages/{}/schedule",
    "conversations/message.write",
    Repeat::Never,
)
.on("message")
.or_dated(V2_CONVERSATIONS);
pub(super) static CANCEL_EMAIL: Operation = Operation::write(
    Method::DELETE,
    "/conversations/messages/email/{}/schedule",
    "conversations/message.write",
    Repeat::Never,
)
.on("message")
.or_dated(V2_CONVERSATIONS);
pub(super) static ADD_INBOUND: Operation =
    Operation::write(Method::POST, "/conversations/messages/inbound", "conversations/message.write", Repeat::Never)
        .or_dated(V2_CONVERSATIONS);
pub(super) static ADD_OUTBOUND: Operation =
    Operation::write(Method::POST, "/conversations/messages/outbound", "conversations/message.write", Repeat::Never)
        .or_dated(V2_CONVERSATIONS);
pub(super) static TRANSCRIPTION: Operation = Operation::read(
    Method::GET,
    "/conversations/locations/{}/messages/{}/transcription",
    "conversations/message.readonly",
)
.on("transcript")
.or_dated(V2_CONVERSATIONS);

/// A message or call that took place elsewhere.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) contact_id: &'a RecordId,
    pub(crate) conversation_id: &'a RecordId,
    /// The conversation provider of the marketplace app that tells of it.
    pub(crate) provider_id: &'a str,
    pub(crate) kind: LoggedKind,
    pub(crate) direction: Direction,
    pub(crate) text: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    /// How a call ended.
    pub(crate) ending: Option<CallEnding>,
    /// Absent: just now.
    pub(crate) at: Option<Timestamp>,
}

impl Client {
    /// One message with its place; an email without its text.
    pub(crate) async fn message(&self, site: &Site, id: &RecordId) -> Result<Placed> {
        let read: ReadPlaced = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let is_here = site.holds(read.location_id.as_ref());
        Some(read).filter(|_| is_here).and_then(ReadPlaced::into_placed).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "no message of this id in this location")
                .with_hint("`get_conversation` shows messages with their ids")
        })
    }

    /// Takes a scheduled message back before it goes out.
    pub(crate) async fn cancel_message(&self, site: &Site, id: &RecordId) -> Result<()> {
        let _: IgnoredAny = self.send(&site.session, &CANCEL, &Request::of(&[id])).await?;
        Ok(())
    }

    /// The same for an email, by the email's own id.
    pub(crate) async fn cancel_email(&self, site: &Site, id: &RecordId) -> Result<()> {
        let _: IgnoredAny = self.send(&site.session, &CANCEL_EMAIL, &Request::of(&[id])).await?;
        Ok(())
    }

    /// Writes a message down; sends nothing. Returns its id.
    pub(crate) async fn record_message(&self, site: &Site, record: &Record<'_>) -> Result<RecordId> {
        let is_outbound_call = record.kind == LoggedKind::Call && record.direction == Direction::Outbound;
        let operation = if is_outbound_call { &ADD_OUTBOUND } else { &ADD_INBOUND };
        let request = Request::default().with_body(&record.body(is_outbound_call))?;
        let receipt: Receipt = self.send(&site.session, operation, &request).await?;
        receipt.message_id.ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the message")
                .with_hint("read the conversation with `get_conversation` before repeating: it may be there")
        })
    }

    /// The latest calls of a conversation, newest first.
    pub(crate) async fn calls(&self, site: &Site, conversation_id: &RecordId, limit: u32) -> Result<Vec<Message>> {
        let limit = limit.to_string();
        let (ids, query) = ([conversation_id], [("limit", limit.as_str()), ("type", "TYPE_CALL")]);
        let request = Request::of(&ids).with_query(&query);
        let page = self.send::<Nested>(&site.session, &LIST, &request).await?.into_page();
        Ok(page.messages.into_iter().filter_map(Read::into_message).collect())
    }

    /// What was said in a call, in order.
    pub(crate) async fn transcript(&self, site: &Site, message_id: &RecordId) -> Result<Vec<Sentence>> {
        let ids = [&site.location.id, message_id];
        let read: Transcript = self.send(&site.session, &TRANSCRIPTION, &Request::of(&ids)).await?;
        Ok(read.into_sentences())
    }
}

impl Record<'_> {
    fn body(&self, is_outbound_call: bool) -> Told<'_> {
        let is_email = self.kind == LoggedKind::Email;
        let direction = match self.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        Told {
            kind: self.kind.vendor_word(),
            conversation_id: self.conversation_id,
            conversation_provider_id: self.provider_id,
            contact_id: Some(self.contact_id).filter(|_| !is_outbound_call),
            direction: Some(direction).filter(|_| !is_outbound_call),
            message: self.text.filter(|_| !is_email),
            html: self.text.filter(|_| is_email).map(html::of_text),
            subject: self.subject,
            date: self.at.map(|at| at.to_string()),
            call: self.ending.map(|ending| ToldCall { status: ending.vendor_word() }),
        }
    }
}
