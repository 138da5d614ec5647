//! What has been said on the phone: one recorded call in every location, at the beginning of a conversation.

use common::error::Result;
use serde_json::{Map, Value, json};

use crate::sandbox::routes::calls::of_call;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::conversations::conversation_id;
use crate::sandbox::store::messages::Message;
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::message::CALL;

/// The script whose conversation began with the call.
const SCRIPT: i64 = 9;

/// How long before the first message it was.
const BEFORE_MS: i64 = 20 * 60_000;

/// Who speaks (1 is the business), from when to when in milliseconds, and what.
const SAID: [(u8, u32, u32, &str); 4] = [
    (1, 400, 3_900, "Hello, thank you for calling back. How can I help you?"),
    (2, 4_300, 9_800, "I have seen your offer and would like to know what it costs."),
    (1, 10_200, 16_500, "I will send you the price list right after this call. Is a text message all right?"),
    (2, 17_000, 19_400, "Yes, please. Thank you!"),
];

pub(crate) async fn seed(connection: &mut Connection, business: &Business) -> Result<()> {
    let id = conversation_id(business, SCRIPT);
    let Some(conversation) = store::conversations::find(&mut *connection, &id).await? else { return Ok(()) };
    let message = Message {
        location_id: conversation.location_id,
        id: business.id("call"),
        conversation_id: conversation.id,
        // Before the first, which is counted as 1.
        position: 0,
        kind: CALL.to_owned(),
        direction: "inbound".to_owned(),
        status: "delivered".to_owned(),
        body: None,
        source: "app".to_owned(),
        user_id: conversation.assigned_to,
        attachments: Document(vec![format!("https://recordings.example.com/{}.mp3", business.id("call"))]),
        added_at_ms: conversation.added_at_ms - BEFORE_MS,
        scheduled_at_ms: None,
    };
    store::messages::insert(&mut *connection, &message).await?;
    let sentence = |(channel, from_ms, to_ms, text): &(u8, u32, u32, &str)| json!({"channel": channel, "from_ms": from_ms, "to_ms": to_ms, "text": text});
    let fields = Map::from_iter([
        ("duration".to_owned(), Value::from("20")),
        ("status".to_owned(), Value::from("completed")),
        ("sentences".to_owned(), SAID.iter().map(sentence).collect()),
    ]);
    store::documents::save(connection, &of_call(&message, fields)).await
}
