//! Sends one message to one contact, at once or later, unless the person does not want it.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool, one_line};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, conversation_link, line};
use crate::client::{ConversationQuery, Outgoing, Sent, Site, reversals};
use crate::contact::Contact;
use crate::conversation::{Direction, Message};
use crate::deps::Deps;
use crate::html;
use crate::journal::{Change, ChangeId};
use crate::local_time::written;
use crate::message::{Channel, Content, Wording, address};
use crate::quiet_hours::Quiet;
use crate::read_back::is_since_ms;
use crate::references;
use crate::send_time::SendTime;
use crate::tools::toolset;

pub(crate) struct SendMessage;

/// Longest beginning of a message shown in a plan, in characters.
const PLAN_LENGTH_MAX: usize = 160;

/// How many of the latest messages are looked at for one whose answer was lost.
const READ_BACK_MESSAGES: u32 = 20;

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// How it is sent.
    channel: Channel,
    /// Plain text, for any channel.
    #[schemars(length(min = 1, max = 100_000))]
    text: Option<String>,
    /// Emails only, in place of `text`.
    #[schemars(length(min = 1, max = 100_000))]
    html: Option<String>,
    /// Emails only, needed there.
    #[schemars(length(min = 1, max = 998))]
    subject: Option<String>,
    /// Local time or RFC 3339 instant; at once if absent.
    #[schemars(extend("examples" = ["2026-11-21T09:00"]))]
    send_at: Option<String>,
    /// IANA name for `send_at`; default the location's.
    timezone: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// To whom.
    contact: RecordRef,
    /// How it is sent.
    channel: Channel,
    /// Email address or phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Id of the message.
    message_id: String,
    /// For `get_conversation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    /// What is known of it: pending until it is delivered or fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// When it goes out, RFC 3339; absent if at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    /// Where a person sees the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SendMessage {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "send_message";
    const TITLE: &'static str = "Send message";
    const DESCRIPTION: &'static str = "Send an SMS, email or chat message to one contact, now or scheduled. Refused if the person wants none (do not disturb) or cannot be reached so.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let letter = Letter::prepare(deps, call, args).await?;
        let target = letter.target()?;
        Ok(Plan::of_one(format!("{}: “{}”", letter.act(&target), letter.beginning()), target))
    }

    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let letter = Letter::prepare_unchecked(deps, call, args).await?;
        // Not finding it proves nothing: the vendor may have changed its words, or be about to send it.
        Ok(match letter.find(deps, since_ms).await? {
            Some(sent) => ReadBack::Done(letter.output(deps, call, sent).await),
            None => ReadBack::Unknown,
        })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        // Looked at again: since the plan the person may have changed their mind.
        let letter = Letter::prepare(deps, call, &args).await?;
        let Letter { site, contact, channel, content, send_at } = &letter;
        let outgoing = Outgoing { contact_id: &contact.id, channel: *channel, content, send_at: send_at.as_ref() };
        let sent = deps.client.send_message(site, &outgoing).await?;
        Ok(letter.output(deps, call, sent).await)
    }
}

/// A message with everything that it takes to send it.
struct Letter {
    site: Site,
    contact: Contact,
    channel: Channel,
    content: Content,
    send_at: Option<SendTime>,
}

impl Letter {
    /// Reads the arguments and looks whether the message may be sent; sends nothing.
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let letter = Self::prepare_unchecked(deps, call, args).await?;
        letter.address()?;
        if deps.quiet_hours.refuses
            && let Some(quiet) = letter.disturbs(deps)?
        {
            let until = written(quiet.ends_at, Some(&quiet.zone));
            return Err(Error::new(
                ErrorCode::FailedPrecondition,
                "nothing was sent: it is night where the contact is",
            )
            .with_hint(format!("set `send_at` to {until} or later")));
        }
        Ok(letter)
    }

    /// The same without a look at what the person wants.
    async fn prepare_unchecked(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let wording =
            Wording { text: args.text.as_deref(), html: args.html.as_deref(), subject: args.subject.as_deref() };
        let content = Content::parse(args.channel, wording)?;
        if args.timezone.is_some() && args.send_at.is_none() {
            let expected = "a time zone together with `send_at`";
            return Err(Error::invalid_argument("timezone", "was given without `send_at`", expected, None));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let send_at = args.send_at.as_deref().map(|text| {
            let location_timezone = site.location.timezone.as_deref();
            SendTime::parse(text, args.timezone.as_deref(), location_timezone, deps.clock.now_ms())
        });
        let send_at = send_at.transpose()?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        Ok(Self { site, contact, channel: args.channel, content, send_at })
    }

    /// Whether it would come in quiet hours.
    fn disturbs(&self, deps: &Deps) -> Result<Option<Quiet>> {
        let instant = match &self.send_at {
            Some(send_at) => send_at.instant(),
            None => Timestamp::from_millisecond(deps.clock.now_ms())
                .map_err(|source| Error::internal("the clock is out of range", source))?,
        };
        Ok(deps.quiet_hours.disturb(&self.contact, self.channel, instant, self.site.zone().as_ref()))
    }

    fn address(&self) -> Result<Option<&str>> {
        address(&self.contact, self.channel).map_err(|obstacle| obstacle.refusal(self.channel))
    }

    /// `Anna Weber (+49…)`
    fn target(&self) -> Result<String> {
        let name = line(self.contact.label());
        Ok(match self.address()?.map(line) {
            Some(address) if address != name => format!("{name} ({address})"),
            Some(_) | None => name,
        })
    }

    fn act(&self, target: &str) -> String {
        let one = self.channel.one_message();
        let subject = match &self.content {
            Content::Text(_) => String::new(),
            Content::Email { subject, .. } => format!(" “{}”", line(subject)),
        };
        match &self.send_at {
            None => format!("send {one}{subject} to {target}"),
            Some(time) => format!("schedule {one}{subject} to {target} for {}", time.as_str()),
        }
    }

    fn beginning(&self) -> String {
        one_line(self.content.text(), PLAN_LENGTH_MAX)
    }

    /// Notes what was sent. What has gone out cannot be called back; what waits for its time can.
    async fn note(&self, deps: &Deps, call: &Call, sent: &Sent) -> Option<ChangeId> {
        let (one, who) = (self.channel.one_message(), line(self.contact.label()));
        let (summary, undo) = match &self.send_at {
            None => (format!("sent {one} to {who}"), Vec::new()),
            Some(time) => {
                let summary = format!("scheduled {one} to {who} for {}", time.as_str());
                (summary, vec![reversals::schedule(sent)])
            }
        };
        let record = ("message".into(), sent.message_id.to_string());
        let contact = Some(self.contact.id.clone());
        deps.journal.note(call, &self.site, Change { tool: SendMessage::NAME, summary, record, contact, undo }).await
    }

    async fn output(&self, deps: &Deps, call: &Call, sent: Sent) -> Output {
        let change_id = self.note(deps, call, &sent).await;
        let conversation_id = sent.conversation_id.as_ref();
        Output {
            location: LocationAnswer::of(&self.site),
            contact: reference(&self.contact),
            channel: self.channel,
            to: address(&self.contact, self.channel).ok().flatten().map(line),
            message_id: sent.message_id.to_string(),
            status: sent.status.as_deref().map(line),
            scheduled_for: self.send_at.as_ref().map(|time| time.as_str().to_owned()),
            link: conversation_id.and_then(|id| conversation_link(&self.site, id)),
            conversation_id: sent.conversation_id.map(String::from),
            change_id,
        }
    }

    /// The message on record that says the same, came from here, and went out since then.
    async fn find(&self, deps: &Deps, since_ms: UnixMillis) -> Result<Option<Sent>> {
        let query = ConversationQuery { contact_id: Some(self.contact.id.clone()), ..ConversationQuery::default() };
        let found = deps.client.search_conversations(&self.site, &query, None, 1).await?;
        let Some(conversation) = found.records.into_iter().next() else { return Ok(None) };
        let listed = deps.client.messages(&self.site, &conversation.id, None, READ_BACK_MESSAGES).await?;
        for message in listed.records.into_iter().filter(|message| self.may_be(message, since_ms)) {
            let is_same = match (&self.content, message.email_ids.last()) {
                (Content::Text(_), _) => self.content.is_said_by(None, message.text.as_deref().unwrap_or_default()),
                (Content::Email { .. }, Some(email_id)) => {
                    let email = deps.client.email(&self.site, email_id).await?;
                    let text = html::to_text(email.text.as_deref().unwrap_or_default());
                    self.content.is_said_by(email.subject.as_deref(), &text)
                }
                (Content::Email { .. }, None) => false,
            };
            if is_same {
                let conversation_id = Some(conversation.id);
                let email_id = message.email_ids.last().cloned();
                return Ok(Some(Sent { message_id: message.id, conversation_id, email_id, status: message.status }));
            }
        }
        Ok(None)
    }

    fn may_be(&self, message: &Message, since_ms: UnixMillis) -> bool {
        message.direction == Some(Direction::Outbound)
            && message.kind == self.channel.into()
            // People and workflows say the same words too.
            && message.source.as_deref().is_none_or(|source| source == "api")
            && message.at_ms.is_some_and(|at_ms| is_since_ms(at_ms, since_ms))
    }
}

#[cfg(test)]
mod tests;
