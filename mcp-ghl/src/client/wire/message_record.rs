//! Single messages, calls and what is told of afterwards, on the wire.

use serde::{Deserialize, Serialize};

use super::message::Read;
use super::said;
use crate::phone_call::{Placed, Sentence};
use crate::record_id::RecordId;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadPlaced {
    pub(in crate::client) location_id: Option<RecordId>,
    conversation_id: Option<RecordId>,
    contact_id: Option<RecordId>,
    #[serde(flatten)]
    message: Read,
}

impl ReadPlaced {
    /// `None` if it has no id.
    pub(in crate::client) fn into_placed(self) -> Option<Placed> {
        let (duration_seconds, call_status) = self.message.call();
        Some(Placed {
            message: self.message.into_message()?,
            conversation_id: self.conversation_id,
            contact_id: self.contact_id,
            duration_seconds,
            call_status: said(call_status),
        })
    }
}

/// The specification shows one sentence, whose index says that there are several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::client) enum Transcript {
    Many(Vec<ReadSentence>),
    One(ReadSentence),
}

impl Transcript {
    /// In the order of the call.
    pub(in crate::client) fn into_sentences(self) -> Vec<Sentence> {
        let read = match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        };
        let mut sentences: Vec<Sentence> = read.into_iter().filter_map(ReadSentence::into_sentence).collect();
        sentences.sort_by_key(|sentence| (sentence.starts_at_ms, sentence.index));
        sentences
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadSentence {
    media_channel: Option<f64>,
    sentence_index: Option<f64>,
    start_time: Option<f64>,
    transcript: Option<String>,
}

impl ReadSentence {
    fn into_sentence(self) -> Option<Sentence> {
        Some(Sentence {
            channel: whole(self.media_channel).try_into().unwrap_or(0),
            index: whole(self.sentence_index).try_into().unwrap_or(0),
            starts_at_ms: whole(self.start_time),
            text: said(self.transcript)?,
        })
    }
}

/// The vendor's numbers have no kind: what is none, or negative, counts as 0.
fn whole(number: Option<f64>) -> u64 {
    let rounded = number.unwrap_or(0.0).round().max(0.0);
    format!("{rounded:.0}").parse().unwrap_or(0)
}

/// What is told of a message or call that took place elsewhere.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Told<'a> {
    #[serde(rename = "type")]
    pub(in crate::client) kind: &'static str,
    pub(in crate::client) conversation_id: &'a RecordId,
    pub(in crate::client) conversation_provider_id: &'a str,
    /// Not for outbound calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) contact_id: Option<&'a RecordId>,
    /// Not for outbound calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) call: Option<ToldCall>,
}

#[derive(Debug, Serialize)]
pub(in crate::client) struct ToldCall {
    pub(in crate::client) status: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_with_its_place_and_length() {
        let text = r#"{"id":"m1","messageType":"TYPE_CALL","locationId":"l1","conversationId":"v1","contactId":"c1",
            "dateAdded":"2026-11-01T10:00:00.000Z","meta":{"callDuration":"120","callStatus":"completed"}}"#;
        let placed = serde_json::from_str::<ReadPlaced>(text).unwrap().into_placed().unwrap();
        assert_eq!((placed.duration_seconds, placed.call_status.as_deref()), (Some(120), Some("completed")));
        assert_eq!(placed.conversation_id.as_ref().map(RecordId::as_str), Some("v1"));
        assert_eq!(placed.message.at_ms, Some(1_793_527_200_000));
    }

    #[test]
    fn transcripts_are_read_as_one_sentence_and_as_many_in_order() {
        let one =
            r#"{"mediaChannel":1,"sentenceIndex":1,"startTime":34,"endTime":45,"transcript":"b","confidence":0.5}"#;
        let other = one.replace("34", "12.6").replace("\"b\"", "\"a\"");
        for (text, expected) in
            [(one.to_owned(), vec![(34, "b")]), (format!("[{one},{other}]"), vec![(13, "a"), (34, "b")])]
        {
            let sentences = serde_json::from_str::<Transcript>(&text).unwrap().into_sentences();
            let read: Vec<(u64, &str)> = sentences.iter().map(|it| (it.starts_at_ms, it.text.as_str())).collect();
            assert_eq!(read, expected);
        }
    }
}
