//! Messages to people: on which channel, whether one may be sent at all, and what it says.

use common::error::{Error, ErrorCode, Fault, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contact::{self, Contact, Email};
use crate::html;

/// Longest subject of an email, in characters (RFC 5322, section 2.1.1: a line without its line break).
pub const SUBJECT_LENGTH_MAX: usize = 998;

/// Longest text of an SMS or RCS message, in characters, over all its parts (Twilio, error 21617).
const SMS_LENGTH_MAX: usize = 1_600;

/// Longest text of a chat message, in characters (`WhatsApp` Cloud API, text object; the other chats take fewer or more
/// and say so themselves).
const CHAT_LENGTH_MAX: usize = 4_096;

/// Longest text or HTML of an email, in characters. Ours: the vendor names none.
const EMAIL_LENGTH_MAX: usize = 100_000;

/// A channel that messages are sent on. The vendor's `Custom` is not among them: it belongs to the marketplace app that
/// provides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Email,
    Whatsapp,
    Rcs,
    Facebook,
    Instagram,
    LiveChat,
    Tiktok,
}

impl Channel {
    /// One message on it, as people say.
    #[must_use]
    pub const fn one_message(self) -> &'static str {
        match self {
            Self::Sms => "an SMS",
            Self::Email => "an email",
            Self::Whatsapp => "a WhatsApp message",
            Self::Rcs => "an RCS message",
            Self::Facebook => "a Facebook message",
            Self::Instagram => "an Instagram message",
            Self::LiveChat => "a live chat message",
            Self::Tiktok => "a TikTok message",
        }
    }

    /// Longest text, in characters.
    #[must_use]
    pub const fn length_max(self) -> usize {
        match self {
            Self::Sms | Self::Rcs => SMS_LENGTH_MAX,
            Self::Email => EMAIL_LENGTH_MAX,
            Self::Whatsapp | Self::Facebook | Self::Instagram | Self::LiveChat | Self::Tiktok => CHAT_LENGTH_MAX,
        }
    }

    /// Under which setting the vendor keeps a person's refusal of it; absent where only the refusal of everything counts.
    /// RCS and Instagram have none of their own: whoever refuses SMS or Facebook is taken to mean them too.
    const fn refused_as(self) -> Option<contact::Channel> {
        match self {
            Self::Sms | Self::Rcs => Some(contact::Channel::Sms),
            Self::Email => Some(contact::Channel::Email),
            Self::Whatsapp => Some(contact::Channel::Whatsapp),
            Self::Facebook | Self::Instagram => Some(contact::Channel::Facebook),
            Self::LiveChat | Self::Tiktok => None,
        }
    }
}

/// Why nothing may be sent to a person on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The person wants no message at all.
    DoNotDisturb,
    /// The person wants none on this channel.
    ChannelRefused,
    /// The record does not say what the person wants.
    ConsentUnknown,
    /// The contact has no email address, or none that is one.
    NoEmail,
    /// The contact has no phone number.
    NoPhone,
}

/// Where a message on a channel reaches a contact: an address or number; `None` for a chat, whose address only the
/// vendor knows.
///
/// # Errors
/// Why nothing may be sent. What the person wants is looked at before how they could be reached.
pub fn address(contact: &Contact, channel: Channel) -> Result<Option<&str>, Obstacle> {
    match (obstacles(contact, channel).into_iter().next(), channel) {
        (Some(obstacle), _) => Err(obstacle),
        (None, Channel::Email) => Ok(contact.email.as_deref()),
        (None, Channel::Sms | Channel::Rcs | Channel::Whatsapp) => Ok(contact.phone.as_deref()),
        (None, Channel::Facebook | Channel::Instagram | Channel::LiveChat | Channel::Tiktok) => Ok(None),
    }
}

/// Everything that keeps a message on a channel from a contact: first what the person wants, then how they could be
/// reached.
#[must_use]
pub fn obstacles(contact: &Contact, channel: Channel) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    match &contact.consent {
        None => obstacles.push(Obstacle::ConsentUnknown),
        Some(consent) => {
            if consent.is_do_not_disturb {
                obstacles.push(Obstacle::DoNotDisturb);
            }
            if channel.refused_as().is_some_and(|refused| consent.blocked.contains(&refused)) {
                obstacles.push(Obstacle::ChannelRefused);
            }
        }
    }
    match channel {
        Channel::Email if contact.email.as_deref().is_none_or(|email| email.parse::<Email>().is_err()) => {
            obstacles.push(Obstacle::NoEmail);
        }
        Channel::Sms | Channel::Rcs | Channel::Whatsapp if contact.phone.is_none() => {
            obstacles.push(Obstacle::NoPhone);
        }
        Channel::Email
        | Channel::Sms
        | Channel::Rcs
        | Channel::Whatsapp
        | Channel::Facebook
        | Channel::Instagram
        | Channel::LiveChat
        | Channel::Tiktok => {}
    }
    obstacles
}

impl Obstacle {
    /// The refusal, for whoever wanted to send.
    #[must_use]
    pub fn refusal(self, channel: Channel) -> Error {
        let one = channel.one_message();
        let (message, hint) = match self {
            Self::DoNotDisturb => (
                "nothing was sent: the contact wants no messages (do not disturb)".to_owned(),
                "leave it at that; only the person can lift it, and their consent is recorded in GoHighLevel",
            ),
            Self::ChannelRefused => (
                format!("nothing was sent: the contact does not want {one} (do not disturb)"),
                "call `get_contact` to see which channels are open",
            ),
            Self::ConsentUnknown => (
                "nothing was sent: GoHighLevel does not say whether the contact wants messages".to_owned(),
                "look at the contact's do-not-disturb settings in GoHighLevel",
            ),
            Self::NoEmail => (
                "nothing was sent: the contact has no email address that one could write to".to_owned(),
                "choose another `channel`, or add an address with `upsert_contact`",
            ),
            Self::NoPhone => (
                "nothing was sent: the contact has no phone number".to_owned(),
                "choose another `channel`, or add a number with `upsert_contact`",
            ),
        };
        Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint)
    }
}

/// What a message says, in the form its channel takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Text(String),
    /// The vendor sends only HTML (mastanley13/GoHighLevel-MCP issue 6); `text` is the same for people to read.
    Email {
        subject: String,
        html: String,
        text: String,
    },
}

/// What a caller wants to say: the arguments as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wording<'a> {
    pub text: Option<&'a str>,
    pub html: Option<&'a str>,
    pub subject: Option<&'a str>,
}

impl Content {
    /// Reads the arguments `text`, `html` and `subject`.
    ///
    /// # Errors
    /// `invalid_argument` with every fault: nothing to say or twice, too long, a subject missing or too much.
    pub fn parse(channel: Channel, wording: Wording<'_>) -> Result<Self> {
        let mut faults = Vec::new();
        let said = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (text, html, subject) = (said(wording.text), said(wording.html), said(wording.subject));
        let is_email = channel == Channel::Email;
        match (&text, &html) {
            (None, None) => faults.push(Fault::of_argument(
                "text",
                "says nothing",
                "what the message says",
                Some("\"See you at 3\""),
            )),
            (Some(_), Some(_)) => {
                faults.push(Fault::of_argument("html", "was given together with `text`", "one of the two", None));
            }
            (None, Some(_)) if !is_email => {
                faults.push(Fault::of_argument("html", "is for emails only", "`text`", None));
            }
            (_, _) => {}
        }
        match &subject {
            None if is_email => {
                faults.push(Fault::of_argument(
                    "subject",
                    "is missing",
                    "the subject of the email",
                    Some("\"Your visit\""),
                ));
            }
            Some(_) if !is_email => {
                faults.push(Fault::of_argument("subject", "is for emails only", "no subject", None));
            }
            Some(subject) if subject.chars().count() > SUBJECT_LENGTH_MAX || subject.contains(char::is_control) => {
                let expected = format!("one line of at most {SUBJECT_LENGTH_MAX} characters");
                faults.push(Fault::of_argument("subject", "is not a subject", &expected, Some("\"Your visit\"")));
            }
            Some(_) | None => {}
        }
        let length_max = channel.length_max();
        for (field, value) in [("text", &text), ("html", &html)] {
            if value.as_ref().is_some_and(|value| value.chars().count() > length_max) {
                let expected = format!("at most {length_max} characters for {}", channel.one_message());
                faults.push(Fault::of_argument(field, "is too long", &expected, Some("\"See you at 3\"")));
            }
        }
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        Ok(match (is_email, html) {
            (false, _) => Self::Text(text.unwrap_or_default()),
            (true, Some(html)) => {
                Self::Email { subject: subject.unwrap_or_default(), text: html::to_text(&html), html }
            }
            (true, None) => {
                let text = text.unwrap_or_default();
                Self::Email { subject: subject.unwrap_or_default(), html: html::of_text(&text), text }
            }
        })
    }

    /// What a person reads.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Email { text, .. } => text,
        }
    }

    /// Whether a message on record says the same, spaces aside.
    #[must_use]
    pub fn is_said_by(&self, subject: Option<&str>, text: &str) -> bool {
        let subject_is_same = match self {
            Self::Text(_) => true,
            Self::Email { subject: mine, .. } => subject.is_some_and(|subject| plain(subject) == plain(mine)),
        };
        subject_is_same && plain(text) == plain(self.text())
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
