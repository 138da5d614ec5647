//! Writes down a message or call that took place elsewhere. Sends nothing.

use common::clock::UnixMillis;
use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_uri, conversation_link, line};
use crate::client::{ConversationQuery, Record, Site};
use crate::contact::Contact;
use crate::conversation::{Conversation, Direction, Message};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::logged::{CallEnding, LoggedKind};
use crate::read_back::is_since_ms;
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct LogMessage;

/// How many of the latest messages are looked at for one whose answer was lost.
const READ_BACK_MESSAGES: u32 = 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// What it was.
    channel: LoggedKind,
    /// Inbound: from the contact.
    direction: Direction,
    /// Conversation provider's id.
    provider: String,
    /// What it said; not for outbound calls.
    #[schemars(length(min = 1, max = 20_000))]
    text: Option<String>,
    /// Emails only.
    #[schemars(length(min = 1, max = 998))]
    subject: Option<String>,
    /// Calls only.
    call_status: Option<CallEnding>,
    /// Local time or RFC 3339; default now.
    at: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// With whom.
    contact: RecordRef,
    /// Id of the message.
    message_id: String,
    /// For `get_conversation`.
    conversation_id: String,
    /// For `list_changes`: it cannot be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
    /// Where a person sees the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for LogMessage {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "log_message";
    const TITLE: &'static str = "Log message";
    const DESCRIPTION: &'static str =
        "Record a message or call that took place outside GoHighLevel in the contact's conversation. Sends nothing.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let entry = Entry::prepare(deps, call, args).await?;
        let Some(conversation) = entry.conversation(deps).await? else { return Ok(ReadBack::NotDone) };
        let listed = deps.client.messages(&entry.site, &conversation.id, None, READ_BACK_MESSAGES).await?;
        let same = listed.records.into_iter().find(|message| entry.may_be(args, message, since_ms));
        // The text of an email is not in the list: it may be another one.
        Ok(match same {
            None => ReadBack::NotDone,
            Some(_) if args.channel == LoggedKind::Email => ReadBack::Unknown,
            Some(message) => ReadBack::Done(entry.output(&message.id, &conversation.id)),
        })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let entry = Entry::prepare(deps, call, &args).await?;
        let conversation_id = match entry.conversation(deps).await? {
            Some(conversation) => conversation.id,
            None => deps.client.begin_conversation(&entry.site, &entry.contact.id).await?,
        };
        let record = Record {
            contact_id: &entry.contact.id,
            conversation_id: &conversation_id,
            provider_id: args.provider.trim(),
            kind: args.channel,
            direction: args.direction,
            text: args.text.as_deref(),
            subject: args.subject.as_deref(),
            ending: args.call_status,
            at: entry.at,
        };
        let message_id = deps.client.record_message(&entry.site, &record).await?;
        deps.changes.announce(call.tenant(), contact_uri(&entry.site, &entry.contact.id));
        let (from, word) = (args.direction == Direction::Inbound, args.channel.vendor_word());
        let change = Change {
            tool: Self::NAME,
            summary: format!("logged {word} {} {}", if from { "from" } else { "to" }, line(entry.contact.label())),
            record: ("message".into(), message_id.to_string()),
            contact: Some(entry.contact.id.clone()),
            undo: Vec::new(),
        };
        let change_id = deps.journal.note(call, &entry.site, change).await;
        Ok(Output { change_id, ..entry.output(&message_id, &conversation_id) })
    }
}

/// What is written down, with whom it was.
struct Entry {
    site: Site,
    contact: Contact,
    at: Option<Timestamp>,
}

impl Entry {
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let mut faults = faults(args);
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.zone();
        let at = args
            .at
            .as_deref()
            .and_then(|text| references::moment("at", text, zone.as_ref()).map_err(|fault| faults.push(fault)).ok());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        let at = at.and_then(|moment| moment.first(&zone));
        if at.is_some_and(|at| at.as_millisecond() > deps.clock.now_ms()) {
            faults.push(Fault::of_argument("at", "is to come", "when it took place", Some("\"2026-11-20T09:00\"")));
        }
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        let contact = references::contact(deps, &site, &args.contact).await?;
        Ok(Self { site, contact, at })
    }

    async fn conversation(&self, deps: &Deps) -> Result<Option<Conversation>> {
        let query = ConversationQuery { contact_id: Some(self.contact.id.clone()), ..ConversationQuery::default() };
        let found = deps.client.search_conversations(&self.site, &query, None, 1).await?;
        Ok(found.records.into_iter().next())
    }

    fn may_be(&self, args: &Args, message: &Message, since_ms: UnixMillis) -> bool {
        let is_then = message.at_ms.is_some_and(|at_ms| match self.at {
            Some(at) => at.as_second() == at_ms / 1_000,
            None => is_since_ms(at_ms, since_ms),
        });
        let says_so =
            args.channel == LoggedKind::Email || message.text.as_deref() == args.text.as_deref().map(str::trim);
        is_then && says_so && message.kind == args.channel.into() && message.direction == Some(args.direction)
    }

    fn output(&self, message_id: &RecordId, conversation_id: &RecordId) -> Output {
        Output {
            location: LocationAnswer::of(&self.site),
            contact: reference(&self.contact),
            message_id: message_id.to_string(),
            link: conversation_link(&self.site, conversation_id),
            conversation_id: conversation_id.to_string(),
            change_id: None,
        }
    }
}

/// What needs no look-up; every fault at once.
fn faults(args: &Args) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (is_call, is_email) = (args.channel == LoggedKind::Call, args.channel == LoggedKind::Email);
    if args.provider.trim().is_empty() {
        let expected = "the id of a conversation provider: the vendor takes messages of no other source";
        faults.push(Fault::of_argument("provider", "is blank", expected, Some("\"61d6d1f9cdac7612faf80753\"")));
    }
    if !is_call && args.text.as_deref().is_none_or(|text| text.trim().is_empty()) {
        faults.push(Fault::of_argument("text", "says nothing", "what the message said", Some("\"See you at 3\"")));
    }
    if is_call && args.direction == Direction::Outbound && args.text.is_some() {
        faults.push(Fault::of_argument("text", "is not for outbound calls", "no text; `add_note` keeps one", None));
    }
    if !is_email && args.subject.is_some() {
        faults.push(Fault::of_argument("subject", "is for emails only", "no subject", None));
    }
    if !is_call && args.call_status.is_some() {
        faults.push(Fault::of_argument("call_status", "is for calls only", "no call status", None));
    }
    faults
}
