//! Beginning a conversation, and changing how it stands with its readers.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::operation::{Operation, V2_CONVERSATIONS};
use super::request::Request;
use super::wire::conversation::{Begin, Change, One};
use super::{Client, Site};
use crate::record_id::RecordId;

// Not repeated blindly: of a contact that has one the vendor refuses another.
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/conversations/", "conversations.write", Repeat::Never).or_dated(V2_CONVERSATIONS);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/conversations/{}", "conversations.write", Repeat::Idempotent)
        .on("conversation")
        .or_dated(V2_CONVERSATIONS);

/// What is written to a conversation; what is absent stays. The vendor takes no user in charge here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ConversationChange {
    pub(crate) is_starred: Option<bool>,
    pub(crate) unread_count: Option<u64>,
}

impl Client {
    /// Begins a conversation with a contact that has none; returns its id.
    pub(crate) async fn begin_conversation(&self, site: &Site, contact_id: &RecordId) -> Result<RecordId> {
        let request = Request::default().with_body(&Begin { location_id: &site.location.id, contact_id })?;
        let one: One = self.send(&site.session, &CREATE, &request).await?;
        one.conversation.and_then(|conversation| conversation.id).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the conversation")
                .with_hint("look for it with `search_conversations` before repeating")
        })
    }

    /// Stars a conversation, and marks it as read or unread.
    pub(crate) async fn change_conversation(
        &self,
        site: &Site,
        id: &RecordId,
        change: ConversationChange,
    ) -> Result<()> {
        let body =
            Change { location_id: &site.location.id, unread_count: change.unread_count, starred: change.is_starred };
        let ids = [id];
        let _: IgnoredAny = self.send(&site.session, &UPDATE, &Request::of(&ids).with_body(&body)?).await?;
        Ok(())
    }
}
