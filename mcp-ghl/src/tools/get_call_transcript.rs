//! What was said in one telephone call.

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Tool, Untrusted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::answer::conversation::instant;
use crate::answer::conversation_link;
use crate::answer::{LocationAnswer, RecordRef, excerpt, line, owner};
use crate::client::{ConversationQuery, Site};
use crate::contact::Contact;
use crate::conversation::{Direction, Kind};
use crate::deps::Deps;
use crate::phone_call::{Placed, Sentence};
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct GetCallTranscript;

/// Longest transcript shown, in characters: about an hour of talk.
const TEXT_LENGTH_MAX: usize = 40_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id of the call, from `get_conversation`. Either this or `contact`.
    message: Option<String>,
    /// Id, email, phone or name: the latest call.
    contact: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// Id of the call.
    message_id: String,
    /// With whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// Inbound: from the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    /// Name of the user who spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
    /// How it ended: completed, no-answer, voicemail and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_status: Option<String>,
    /// A line for each sentence: when it began, which end of the line, what. Absent: there is none, or not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<Untrusted>,
    /// Where it can be listened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<String>,
    /// Where a person sees the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for GetCallTranscript {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_call_transcript";
    const TITLE: &'static str = "Get call transcript";
    const DESCRIPTION: &'static str =
        "What was said in a phone call, who called, how long, and the recording's address.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let wanted = Wanted::read(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let (placed, contact) = wanted.find(deps, &site).await?;
        if !matches!(placed.message.kind, Kind::Call | Kind::Voicemail) {
            return Err(Error::new(ErrorCode::FailedPrecondition, "this message is not a call")
                .with_hint("`get_conversation` shows which messages are calls"));
        }
        let sentences = match deps.client.transcript(&site, &placed.message.id).await {
            // Calls are written down where the location has that switched on, and minutes after they end.
            Err(error) if error.code() == ErrorCode::NotFound => Vec::new(),
            read => read?,
        };
        let users = deps.directory.users_naming(&site, [placed.message.user_id.as_ref()].into_iter()).await?;
        let contact_id = contact.as_ref().map(|contact| &contact.id).or(placed.contact_id.as_ref());
        let label = contact.as_ref().map(Contact::label);
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: contact_id.map(|id| RecordRef::new(id, label.unwrap_or(id.as_str()))),
            at: instant(placed.message.at_ms),
            direction: placed.message.direction,
            user: placed.message.user_id.as_deref().map(|id| owner((*users).as_deref(), id)),
            duration_seconds: placed.duration_seconds,
            call_status: placed.call_status.as_deref().map(line),
            transcript: transcript(&sentences),
            recording: placed.message.attachments.iter().find_map(|address| recording(address)),
            link: placed.conversation_id.as_ref().and_then(|id| conversation_link(&site, id)),
            message_id: placed.message.id.to_string(),
        })
    }
}

/// Which call is meant.
enum Wanted {
    Id(RecordId),
    LatestWith(String),
}

impl Wanted {
    fn read(args: &Args) -> Result<Self> {
        let fault = |field: &str, problem: &str, example: &str| Fault {
            field: format!("/{field}"),
            problem: problem.to_owned(),
            expected: "either `message` or `contact`".to_owned(),
            example: Some(example.to_owned()),
        };
        match (&args.message, &args.contact) {
            (Some(id), None) => id.trim().parse().map(Self::Id).map_err(|_| {
                Error::invalid_argument("message", "is not an id", "`id` of a message of `get_conversation`", None)
            }),
            (None, Some(text)) => Ok(Self::LatestWith(text.clone())),
            (None, None) => Err(Error::invalid_arguments(vec![
                fault("message", "is missing, and so is `contact`", "\"ve9EPM428h8vShlRW1KT\""),
                fault("contact", "is missing, and so is `message`", "\"Ada Lovelace\""),
            ])),
            (Some(_), Some(_)) => {
                let fault = fault("contact", "was given together with `message`", "\"Ada Lovelace\"");
                Err(Error::invalid_arguments(vec![fault]))
            }
        }
    }

    /// The call, and its contact as far as it may be read.
    async fn find(self, deps: &Deps, site: &Site) -> Result<(Placed, Option<Contact>)> {
        let text = match self {
            Self::Id(id) => {
                let placed = deps.client.message(site, &id).await?;
                let Some(contact_id) = &placed.contact_id else { return Ok((placed, None)) };
                let contact = match deps.client.contact(site, contact_id).await {
                    Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::PermissionDenied) => None,
                    read => Some(read?),
                };
                return Ok((placed, contact));
            }
            Self::LatestWith(text) => text,
        };
        let contact = references::contact(deps, site, &text).await?;
        let none = || {
            Error::new(ErrorCode::NotFound, "there is no call with this contact")
                .with_hint("`get_conversation` shows what there is")
        };
        let query = ConversationQuery { contact_id: Some(contact.id.clone()), ..ConversationQuery::default() };
        let found = deps.client.search_conversations(site, &query, None, 1).await?;
        let conversation = found.records.into_iter().next().ok_or_else(none)?;
        let latest = deps.client.calls(site, &conversation.id, 1).await?.into_iter().next().ok_or_else(none)?;
        Ok((deps.client.message(site, &latest.id).await?, Some(contact)))
    }
}

/// `[0:12] 1: Hello`
fn transcript(sentences: &[Sentence]) -> Option<Untrusted> {
    let said = |sentence: &Sentence| {
        let seconds = sentence.starts_at_ms / 1_000;
        format!("[{}:{:02}] {}: {}", seconds / 60, seconds % 60, sentence.channel, sentence.text)
    };
    let text = sentences.iter().map(said).collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then(|| Untrusted::new(excerpt(&text, TEXT_LENGTH_MAX), "call"))
}

/// An address that leads to a file on the web and nowhere else.
fn recording(address: &str) -> Option<String> {
    let url: Url = address.parse().ok()?;
    (url.scheme() == "https" && url.has_host() && url.username().is_empty()).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_become_lines_with_their_time_and_speaker() {
        let sentence =
            |starts_at_ms, channel, text: &str| Sentence { channel, index: 0, starts_at_ms, text: text.to_owned() };
        let shown = transcript(&[sentence(400, 1, "Hello"), sentence(65_900, 2, "Bye")]).unwrap();
        assert_eq!(shown.as_untrusted_str(), "[0:00] 1: Hello\n[1:05] 2: Bye");
        assert_eq!(transcript(&[]), None);
    }

    #[test]
    fn only_addresses_of_files_on_the_web_are_shown() {
        assert_eq!(recording("https://r.example.com/a.mp3?x=1").as_deref(), Some("https://r.example.com/a.mp3?x=1"));
        for address in
            ["call recording url", "javascript:alert(1)", "http://a.example.com/b", "https://u:p@x.example.com/"]
        {
            assert_eq!(recording(address), None, "{address}");
        }
    }
}
