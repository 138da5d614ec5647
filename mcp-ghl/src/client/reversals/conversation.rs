//! Conversations.

use serde_json::{Map, json};

use crate::client::ConversationChange;
use crate::conversation::Conversation;
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

/// Stars a conversation, and counts its unread messages, as before.
pub(crate) fn conversation_update(
    location_id: &RecordId,
    before: &Conversation,
    change: ConversationChange,
) -> Reversal {
    let path = format!("/conversations/{}", before.id);
    let mut check = Check::of(Request::get(path.clone()));
    let (mut back, mut again) = (Map::new(), Map::new());
    for body in [&mut back, &mut again] {
        body.insert("locationId".to_owned(), json!(location_id));
    }
    if let Some(is_starred) = change.is_starred {
        check = check.field("starred", "/starred", before.is_starred, is_starred);
        back.insert("starred".to_owned(), json!(before.is_starred));
        again.insert("starred".to_owned(), json!(is_starred));
    }
    if let Some(unread) = change.unread_count {
        check = check.field("unread", "/unreadCount", before.unread_count, unread);
        back.insert("unreadCount".to_owned(), json!(before.unread_count));
        again.insert("unreadCount".to_owned(), json!(unread));
    }
    Reversal::new("set the conversation back to what it was", Request::put(path.clone(), json!(back)))
        .with_check(check)
        .with_again("change the conversation once more", Effect::Writes, Request::put(path, json!(again)))
}
