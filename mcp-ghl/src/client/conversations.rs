//! Conversations: which there are, and whose.

use common::error::{Error, ErrorCode, Result};
use http::Method;

use super::operation::{Operation, V2_CONVERSATIONS};
use super::request::Request;
use super::wire::conversation::{Many, Read, vendor_kind};
use super::{Client, Site, Slice};
use crate::conversation::{Conversation, Kind};
use crate::cursor::{Position, SortValue, not_ours};
use crate::record_id::RecordId;

pub(super) static GET: Operation = Operation::read(Method::GET, "/conversations/{}", "conversations.readonly")
    .on("conversation")
    .or_dated(V2_CONVERSATIONS);
pub(super) static SEARCH: Operation =
    Operation::read(Method::GET, "/conversations/search", "conversations.readonly").or_dated(V2_CONVERSATIONS);

/// Which conversations are looked for; everything given must hold.
#[derive(Debug, Default, Clone)]
pub(crate) struct ConversationQuery {
    /// Free text.
    pub(crate) text: Option<String>,
    pub(crate) contact_id: Option<RecordId>,
    /// Only those with messages that nobody has read.
    pub(crate) is_unread: bool,
    pub(crate) assigned: Option<Assigned>,
    /// What the last message is.
    pub(crate) last_kind: Option<Kind>,
    /// Something was said since then, milliseconds since 1970.
    pub(crate) since_ms: Option<i64>,
}

/// Who is in charge.
#[derive(Debug, Clone)]
pub(crate) enum Assigned {
    To(RecordId),
    ToNobody,
}

impl Client {
    /// One conversation, without its last message: the vendor sends it with searches only.
    pub(crate) async fn conversation(&self, site: &Site, id: &RecordId) -> Result<Conversation> {
        let read: Read = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let conversation = read.into_conversation();
        conversation.filter(|conversation| site.holds(conversation.location_id.as_ref())).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "no conversation of this id in this location")
                .with_hint("call `search_conversations`, or name another `location`")
        })
    }

    /// Conversations, those with the latest message first.
    ///
    /// The vendor goes on behind an instant, not behind a record: of several with a last message in the same millisecond
    /// a page may show some and the next none.
    pub(crate) async fn search_conversations(
        &self,
        site: &Site,
        query: &ConversationQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Conversation>> {
        let start_after = match position {
            None => None,
            Some(Position::After(values)) => match values.as_slice() {
                [SortValue::Number(instant)] => Some(instant.to_string()),
                _ => return Err(not_ours()),
            },
            Some(Position::Page(_) | Position::Skip(_)) => return Err(not_ours()),
        };
        let limit_text = limit.to_string();
        let mut parameters = vec![
            ("locationId", site.location.id.as_str()),
            ("limit", limit_text.as_str()),
            ("sortBy", "last_message_date"),
            ("sort", "desc"),
        ];
        parameters.extend(query.parameters());
        parameters.extend(start_after.as_deref().map(|instant| ("startAfterDate", instant)));
        let many: Many = self.send(&site.session, &SEARCH, &Request::default().with_query(&parameters)).await?;
        let is_full = u32::try_from(many.conversations.len()).is_ok_and(|received| received >= limit);
        let is_all = position.is_none() && many.total.is_some_and(|total| total <= u64::from(limit));
        let last = many.conversations.last().and_then(Read::sort_value);
        let mut records: Vec<Conversation> =
            many.conversations.into_iter().filter_map(Read::into_conversation).collect();
        let received = records.len();
        records.retain(|conversation| query.is_recent(conversation));
        // They come in the order of their last messages: the first that is too old ends the list.
        let is_end = !is_full || is_all || records.len() < received;
        let next = last.filter(|_| !is_end).map(|instant| Position::After(vec![SortValue::Number(instant.into())]));
        let total = many.total.filter(|_| query.since_ms.is_none());
        Ok(Slice { records, total, next })
    }
}

impl ConversationQuery {
    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = Vec::new();
        parameters.extend(self.text.as_deref().map(|text| ("query", text)));
        parameters.extend(self.contact_id.as_ref().map(|id| ("contactId", id.as_str())));
        parameters.extend(self.is_unread.then_some(("status", "unread")));
        parameters.extend(self.assigned.as_ref().map(|assigned| {
            let value = match assigned {
                Assigned::To(id) => id.as_str(),
                Assigned::ToNobody => "unassigned",
            };
            ("assignedTo", value)
        }));
        parameters.extend(self.last_kind.and_then(vendor_kind).map(|kind| ("lastMessageType", kind)));
        parameters
    }

    /// The vendor's own dates are those of the conversation's beginning.
    fn is_recent(&self, conversation: &Conversation) -> bool {
        let Some(since_ms) = self.since_ms else { return true };
        conversation.last.as_ref().and_then(|last| last.at_ms).is_some_and(|at_ms| at_ms >= since_ms)
    }
}
