//! Conversations on the wire.

use serde::{Deserialize, Serialize};

use super::{Instant, millis, said};
use crate::conversation::{Conversation, Direction, Kind, LastMessage};
use crate::cursor::SortValue;
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) conversations: Vec<Read>,
    pub(in crate::client) total: Option<u64>,
}

/// A hit of the search, or one conversation by itself, which has fewer fields.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    contact_id: Option<RecordId>,
    full_name: Option<String>,
    contact_name: Option<String>,
    assigned_to: Option<String>,
    unread_count: Option<u64>,
    starred: Option<bool>,
    last_message_type: Option<String>,
    last_message_body: Option<String>,
    last_message_direction: Option<String>,
    last_message_date: Option<Instant>,
    sort: Option<Vec<SortValue>>,
}

impl Read {
    /// What the next page begins behind: the record's sort value, else its last message's instant, which it is.
    pub(in crate::client) fn sort_value(&self) -> Option<i64> {
        let sorted = self.sort.as_ref().and_then(|values| values.first()).and_then(|value| match value {
            SortValue::Number(number) => number.as_i64(),
            SortValue::Text(_) | SortValue::Flag(_) | SortValue::Nothing(()) => None,
        });
        let date = match &self.last_message_date {
            Some(Instant::Millis(instant)) => Some(*instant),
            Some(Instant::Text(text)) => millis(Some(Instant::Text(text.clone()))),
            Some(Instant::Other(_)) | None => None,
        };
        sorted.or(date)
    }

    /// Our conversation; `None` if it has no id.
    pub(in crate::client) fn into_conversation(self) -> Option<Conversation> {
        let last = self.last_message_type.as_deref().map(kind);
        let text = said(self.last_message_body);
        let direction = self.last_message_direction.as_deref().and_then(direction);
        let at_ms = millis(self.last_message_date);
        Some(Conversation {
            id: self.id?,
            location_id: self.location_id,
            contact_id: self.contact_id,
            contact_name: said(self.full_name).or_else(|| said(self.contact_name)),
            assigned_to: said(self.assigned_to),
            unread_count: self.unread_count.unwrap_or(0),
            is_starred: self.starred.unwrap_or(false),
            last: last.map(|kind| LastMessage { kind, direction, text, at_ms }),
        })
    }
}

/// What a change or a new conversation is answered by.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct One {
    pub(in crate::client) conversation: Option<Named>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Named {
    pub(in crate::client) id: Option<RecordId>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Begin<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    pub(in crate::client) contact_id: &'a RecordId,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Change<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) unread_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) starred: Option<bool>,
}

pub(super) fn direction(word: &str) -> Option<Direction> {
    match word {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}

/// Reads `TYPE_SMS` and its like. What campaigns, providers and old widgets send is what it looks like to a person.
pub(super) fn kind(word: &str) -> Kind {
    let word = word.strip_prefix("TYPE_").unwrap_or(word);
    match word {
        "SMS"
        | "SMS_REVIEW_REQUEST"
        | "SMS_NO_SHOW_REQUEST"
        | "SMS_REACTION"
        | "CAMPAIGN_SMS"
        | "CAMPAIGN_MANUAL_SMS"
        | "CUSTOM_SMS"
        | "CUSTOM_PROVIDER_SMS" => Kind::Sms,
        "EMAIL" | "CAMPAIGN_EMAIL" | "CUSTOM_EMAIL" | "CUSTOM_PROVIDER_EMAIL" => Kind::Email,
        "WHATSAPP" => Kind::Whatsapp,
        "RCS" => Kind::Rcs,
        "FACEBOOK" | "CAMPAIGN_FACEBOOK" | "FACEBOOK_COMMENT" => Kind::Facebook,
        "INSTAGRAM" | "INSTAGRAM_COMMENT" => Kind::Instagram,
        "LIVE_CHAT" | "LIVE_CHAT_INFO_MESSAGE" | "WEBCHAT" => Kind::LiveChat,
        "TIKTOK" | "TIKTOK_COMMENT" => Kind::Tiktok,
        "GMB" | "CAMPAIGN_GMB" => Kind::GoogleBusiness,
        "CALL" | "IVR_CALL" | "CAMPAIGN_CALL" | "CAMPAIGN_MANUAL_CALL" | "CUSTOM_CALL" => Kind::Call,
        "CAMPAIGN_VOICEMAIL" => Kind::Voicemail,
        "REVIEW" => Kind::Review,
        "FORM_SUBMISSION" => Kind::FormSubmission,
        "INTERNAL_COMMENT" | "INTERNAL_COMMENTS" => Kind::InternalComment,
        activity if activity.starts_with("ACTIVITY_") => Kind::Activity,
        _ => Kind::Other,
    }
}

/// What the search calls the most usual form of a kind; `None` for kinds that it cannot look for.
pub(in crate::client) const fn vendor_kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Sms => Some("TYPE_SMS"),
        Kind::Email => Some("TYPE_EMAIL"),
        Kind::Whatsapp => Some("TYPE_WHATSAPP"),
        Kind::Rcs => Some("TYPE_RCS"),
        Kind::Facebook => Some("TYPE_FACEBOOK"),
        Kind::Instagram => Some("TYPE_INSTAGRAM"),
        Kind::LiveChat => Some("TYPE_LIVE_CHAT"),
        Kind::Tiktok => Some("TYPE_TIKTOK"),
        Kind::GoogleBusiness => Some("TYPE_GMB"),
        Kind::Call => Some("TYPE_CALL"),
        Kind::Voicemail => Some("TYPE_CAMPAIGN_VOICEMAIL"),
        Kind::Review => Some("TYPE_REVIEW"),
        Kind::FormSubmission => Some("TYPE_FORM_SUBMISSION"),
        Kind::InternalComment => Some("TYPE_INTERNAL_COMMENT"),
        Kind::Activity | Kind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_and_a_single_read_come_out_alike() {
        let hit = r#"{"id":"v1","locationId":"l1","contactId":"c1","fullName":"Ada","unreadCount":2,"assignedTo":"",
            "lastMessageType":"TYPE_CAMPAIGN_SMS","lastMessageBody":" hi ","lastMessageDirection":"inbound",
            "lastMessageDate":1700000000123,"sort":[1700000000123],"scoring":[]}"#;
        let read: Read = serde_json::from_str(hit).unwrap();
        assert_eq!(read.sort_value(), Some(1_700_000_000_123));
        let conversation = read.into_conversation().unwrap();
        let last = LastMessage {
            kind: Kind::Sms,
            direction: Some(Direction::Inbound),
            text: Some("hi".to_owned()),
            at_ms: Some(1_700_000_000_123),
        };
        assert_eq!((conversation.last, conversation.unread_count, conversation.assigned_to), (Some(last), 2, None));
        let single: Read = serde_json::from_str(r#"{"id":"v1","contactId":"c1","type":2,"inbox":true}"#).unwrap();
        assert_eq!(single.into_conversation().unwrap().last, None);
    }

    #[test]
    fn every_kind_that_can_be_looked_for_is_read_back_as_itself() {
        for kind_of_ours in [Kind::Sms, Kind::Email, Kind::Call, Kind::LiveChat, Kind::InternalComment, Kind::Review] {
            assert_eq!(kind(vendor_kind(kind_of_ours).unwrap()), kind_of_ours);
        }
        assert_eq!(kind("TYPE_ACTIVITY_PAYMENT"), Kind::Activity);
        assert_eq!(kind("TYPE_SMOKE_SIGNAL"), Kind::Other);
    }
}
