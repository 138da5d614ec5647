//! Messages and emails in answers, and what a message is called in requests.

use serde::Serialize;

use crate::sandbox::dnd::Channel;
use crate::sandbox::instants::iso;
use crate::sandbox::store::conversations::Conversation;
use crate::sandbox::store::documents::Record;
use crate::sandbox::store::messages::{Email, Message};

pub(crate) const EMAIL: &str = "TYPE_EMAIL";
pub(crate) const CALL: &str = "TYPE_CALL";

/// A channel that messages can be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sendable {
    /// In the body of a request.
    pub(crate) word: &'static str,
    /// On a message.
    pub(crate) kind: &'static str,
    /// Which setting of "do not disturb" closes it.
    pub(crate) dnd: Option<Channel>,
}

/// All of them but `Custom`, which needs a conversation provider that the emulator has not.
pub(crate) const SENDABLE: [Sendable; 8] = [
    Sendable { word: "SMS", kind: "TYPE_SMS", dnd: Some(Channel::Sms) },
    Sendable { word: "RCS", kind: "TYPE_RCS", dnd: Some(Channel::Sms) },
    Sendable { word: "Email", kind: EMAIL, dnd: Some(Channel::Email) },
    Sendable { word: "WhatsApp", kind: "TYPE_WHATSAPP", dnd: Some(Channel::WhatsApp) },
    Sendable { word: "IG", kind: "TYPE_INSTAGRAM", dnd: Some(Channel::Fb) },
    Sendable { word: "FB", kind: "TYPE_FACEBOOK", dnd: Some(Channel::Fb) },
    Sendable { word: "Live_Chat", kind: "TYPE_LIVE_CHAT", dnd: None },
    Sendable { word: "TIKTOK", kind: "TYPE_TIKTOK", dnd: None },
];

/// The kind of message that a word means when one is told of afterwards, or sent.
pub(crate) fn kind_of(word: &str) -> Option<&'static str> {
    let sendable = SENDABLE.iter().find(|channel| channel.word == word).map(|channel| channel.kind);
    sendable.or(match word {
        "Call" => Some(CALL),
        "IVR_Call" => Some("TYPE_IVR_CALL"),
        "Campaign_Call" => Some("TYPE_CAMPAIGN_CALL"),
        "Campaign_VoiceMail" => Some("TYPE_CAMPAIGN_VOICEMAIL"),
        "GMB" => Some("TYPE_GMB"),
        "WebChat" | "ALL_IN_ONE_CHAT" => Some("TYPE_WEBCHAT"),
        "FORM_SUBMISSION" => Some("TYPE_FORM_SUBMISSION"),
        "Custom" => Some("TYPE_CUSTOM_SMS"),
        _ => None,
    })
}

/// The number of a kind of message. The vendor documents none but lists the kinds in this order; 2 is SMS in the payload
/// of highlevel-api-docs issue 260. Kinds that came later have no known number: 0.
fn number(kind: &str) -> u8 {
    match kind {
        "TYPE_CALL" => 1,
        "TYPE_SMS" => 2,
        EMAIL => 3,
        "TYPE_FACEBOOK" => 11,
        "TYPE_INSTAGRAM" => 18,
        "TYPE_WHATSAPP" => 19,
        "TYPE_LIVE_CHAT" => 29,
        _ => 0,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageAnswer {
    id: String,
    #[serde(rename = "type")]
    number: u8,
    message_type: String,
    location_id: String,
    contact_id: String,
    conversation_id: String,
    date_added: String,
    /// Absent for emails, each of which has to be read by itself (highlevel-api-docs issue 40).
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    direction: String,
    status: String,
    content_type: &'static str,
    attachments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Thread>,
    /// In seconds, as text (specification).
    #[serde(skip_serializing_if = "Option::is_none")]
    call_duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_status: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    message_ids: Vec<String>,
}

impl MessageAnswer {
    /// `email_ids` are those of a thread; empty for anything else.
    pub(crate) fn new(message: Message, conversation: &Conversation, email_ids: Vec<String>) -> Self {
        let is_email = message.kind == EMAIL;
        Self {
            number: number(&message.kind),
            id: message.id,
            message_type: message.kind,
            location_id: message.location_id,
            contact_id: conversation.contact_id.clone(),
            conversation_id: message.conversation_id,
            date_added: iso(message.added_at_ms),
            body: message.body,
            direction: message.direction,
            status: message.status,
            content_type: if is_email { "text/html" } else { "text/plain" },
            attachments: message.attachments.0,
            meta: is_email.then(|| Meta { email: Some(Thread { message_ids: email_ids }), ..Meta::default() }),
            source: message.source,
            user_id: message.user_id,
        }
    }

    /// The same with what is kept of the call that it is.
    pub(crate) fn with_call(mut self, call: Option<&Record>) -> Self {
        self.meta = call.map_or(self.meta, |call| {
            let (call_duration, call_status) = (call.text("duration"), call.text("status"));
            Some(Meta {
                email: None,
                call_duration: call_duration.map(str::to_owned),
                call_status: call_status.map(str::to_owned),
            })
        });
        self
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailAnswer {
    id: String,
    thread_id: String,
    location_id: String,
    contact_id: String,
    conversation_id: String,
    date_added: String,
    subject: String,
    body: String,
    direction: String,
    status: String,
    content_type: &'static str,
    attachments: Vec<String>,
    from: String,
    to: Vec<String>,
    source: String,
}

impl EmailAnswer {
    pub(crate) fn new(email: Email, conversation: &Conversation) -> Self {
        Self {
            id: email.id,
            thread_id: email.message_id,
            location_id: email.location_id,
            contact_id: conversation.contact_id.clone(),
            conversation_id: conversation.id.clone(),
            date_added: iso(email.added_at_ms),
            subject: email.subject,
            body: email.body,
            direction: email.direction,
            status: email.status,
            content_type: "text/html",
            attachments: email.attachments.0,
            from: email.sender,
            to: email.recipients.0,
            source: email.source,
        }
    }
}
