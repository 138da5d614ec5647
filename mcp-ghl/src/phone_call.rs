//! Telephone calls: that they took place, and what was said in them.

use crate::conversation::Message;
use crate::record_id::RecordId;

/// A message with where it stands, and what is known of it as a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub message: Message,
    pub conversation_id: Option<RecordId>,
    pub contact_id: Option<RecordId>,
    /// How long the call took.
    pub duration_seconds: Option<u64>,
    /// The vendor's word: `completed`, `no-answer`, `voicemail` and so on.
    pub call_status: Option<String>,
}

/// One sentence of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// Who speaks: each end of the line is a channel. Which is whose, the vendor does not say.
    pub channel: u32,
    pub index: u32,
    /// From the beginning of the call.
    pub starts_at_ms: u64,
    pub text: String,
}
