//! Messages that are phone calls: what is kept of them, and what was said.

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::routing::get;
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, json};
use crate::sandbox::store::documents::Record;
use crate::sandbox::store::messages::Message;
use crate::sandbox::store::{self, Document};

/// What a call is kept under, by the id of its message: how long it took, how it ended, what was said.
pub(crate) const CALLS: &str = "call";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/conversations/locations/{location_id}/messages/{message_id}/transcription", get(transcription))
}

/// What belongs to a message that is a call.
pub(crate) fn of_call(message: &Message, fields: Map<String, Value>) -> Record {
    Record {
        location_id: message.location_id.clone(),
        kind: CALLS.to_owned(),
        id: message.id.clone(),
        parent_id: String::new(),
        body: Document(fields),
        added_at_ms: message.added_at_ms,
        updated_at_ms: message.added_at_ms,
    }
}

/// A list of sentences, where the specification shows one: its fields are those of a sentence of Twilio's voice
/// intelligence, which lists them.
async fn transcription(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((location_id, id)): Path<(String, String)>,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let unknown = || Refusal::no_such("Transcription", &id);
    let spoken = store::documents::find(&mut connection, CALLS, &id).await?.ok_or_else(unknown)?;
    call.grant.require_location(&spoken.location_id)?;
    let sentences = spoken.body.0.get("sentences").and_then(Value::as_array).ok_or_else(unknown)?;
    let sentence = |(index, said): (usize, &Value)| {
        object!({
            "mediaChannel": said["channel"], "sentenceIndex": index, "startTime": said["from_ms"],
            "endTime": said["to_ms"], "transcript": said["text"], "confidence": 0.94,
        })
    };
    Ok(json(sentences.iter().enumerate().map(sentence).collect::<Vec<Value>>()))
}
