//! The latest messages of one conversation, emails with their text.

use std::collections::HashMap;

use common::error::{ErrorCode, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::conversation::MessageAnswer;
use crate::answer::{LocationAnswer, RecordRef, conversation_link, owner};
use crate::client::Site;
use crate::contact::Contact;
use crate::conversation::{Conversation, Message};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::record_id::RecordId;
use crate::references::ConversationWanted;
use crate::tools::toolset;

pub(crate) struct GetConversation;

/// Most emails whose text is read in one call: each is a request of its own.
const EMAILS_MAX: usize = 20;

/// Emails read at once.
const EMAILS_AT_ONCE: usize = 4;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id. Either this or `contact`.
    conversation: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Messages per page; a thread of emails counts as one.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 50))]
    limit: u32,
    /// `next_cursor` of the page before: older messages.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// Opaque id.
    id: String,
    /// With whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// Messages that nobody has read.
    unread: u64,
    /// Name of the user in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    /// Oldest first, so that they read from top to bottom; the next page holds older ones.
    #[serde(flatten)]
    messages: Page<MessageAnswer>,
    /// Emails that are listed without their text: ask for fewer messages at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    emails_without_text: Option<usize>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for GetConversation {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_conversation";
    const TITLE: &'static str = "Get conversation";
    const DESCRIPTION: &'static str = "The latest messages with one contact on all channels, oldest first, emails with text. next_cursor leads to older.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let wanted = ConversationWanted::read(args.conversation.as_deref(), args.contact.as_deref())?;
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let conversation = wanted.find(deps, &site).await?;
        let (contact, slice) = tokio::try_join!(
            contact_of(deps, &site, &conversation),
            deps.client.messages(&site, &conversation.id, position.as_ref(), args.limit),
        )?;
        let texts = emails(deps, &site, &slice.records).await?;
        let messages = in_order(slice.records, &texts);
        let user_ids = messages.iter().map(|message| message.user_id.as_ref());
        let users = deps.directory.users_naming(&site, user_ids.chain([conversation.assigned_to.as_ref()])).await?;
        let users = (*users).as_deref();
        let without_text: usize = messages.iter().map(|message| message.email_ids.len()).sum();
        let label = contact.as_ref().map(Contact::label).or(conversation.contact_name.as_deref());
        let contact_id = conversation.contact_id.as_ref();
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: contact_id.map(|id| RecordRef::new(id, label.unwrap_or(id.as_str()))),
            unread: conversation.unread_count,
            assigned_to: conversation.assigned_to.as_deref().map(|id| owner(users, id)),
            emails_without_text: Some(without_text).filter(|count| *count > 0),
            messages: Page {
                items: messages.iter().map(|message| MessageAnswer::of(message, users)).collect(),
                next_cursor: slice.next.map(|position| question.cursor(position)).transpose()?,
            },
            link: conversation_link(&site, &conversation.id),
            id: conversation.id.to_string(),
        })
    }
}

/// The contact, for its name; `None` where it is gone or may not be read.
async fn contact_of(deps: &Deps, site: &Site, conversation: &Conversation) -> Result<Option<Contact>> {
    let Some(id) = conversation.contact_id.as_ref().filter(|_| conversation.contact_name.is_none()) else {
        return Ok(None);
    };
    match deps.client.contact(site, id).await {
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::PermissionDenied) => Ok(None),
        read => read.map(Some),
    }
}

/// The emails of a page with their texts, the latest threads first, at most [`EMAILS_MAX`]. Those that are gone are left
/// out.
async fn emails(deps: &Deps, site: &Site, messages: &[Message]) -> Result<HashMap<RecordId, Message>> {
    let latest_first = messages.iter().flat_map(|message| message.email_ids.iter().rev());
    let ids: Vec<RecordId> = latest_first.take(EMAILS_MAX).cloned().collect();
    let read = async |id: RecordId| match deps.client.email(site, &id).await {
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        read => read.map(|email| Some((id, email))),
    };
    let read: Vec<Option<(RecordId, Message)>> =
        stream::iter(ids).map(read).buffered(EMAILS_AT_ONCE).try_collect().await?;
    Ok(read.into_iter().flatten().collect())
}

/// Oldest first, threads as the emails they consist of. What is left of a thread stands for the emails without a text.
fn in_order(newest_first: Vec<Message>, texts: &HashMap<RecordId, Message>) -> Vec<Message> {
    let mut messages = Vec::new();
    for mut message in newest_first.into_iter().rev() {
        let user_id = message.user_id.clone();
        let (read, left) = message.email_ids.drain(..).partition::<Vec<_>, _>(|id| texts.contains_key(id));
        message.email_ids = left;
        let is_replaced = message.email_ids.is_empty() && !read.is_empty();
        if !is_replaced {
            messages.push(message);
        }
        let emails = read.iter().filter_map(|id| texts.get(id));
        messages.extend(emails.map(|email| Message { user_id: user_id.clone(), ..email.clone() }));
    }
    // An email of a thread may be younger than what stands behind the thread.
    messages.sort_by_key(|message| message.at_ms);
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Direction, Kind};

    fn message(id: &str, at_ms: i64, email_ids: &[&str]) -> Message {
        Message {
            id: id.parse().unwrap(),
            kind: if id.starts_with('s') { Kind::Sms } else { Kind::Email },
            direction: Some(Direction::Outbound),
            status: None,
            text: None,
            subject: None,
            from: None,
            at_ms: Some(at_ms),
            user_id: (!email_ids.is_empty()).then(|| "u1".to_owned()),
            source: None,
            attachments: Vec::new(),
            email_ids: email_ids.iter().map(|id| id.parse().unwrap()).collect(),
        }
    }

    fn ids(messages: &[Message]) -> Vec<&str> {
        messages.iter().map(|message| message.id.as_str()).collect()
    }

    #[test]
    fn threads_are_replaced_by_their_emails_in_the_order_of_time() {
        let newest_first = vec![message("s2", 30, &[]), message("thread", 10, &["e1", "e2"]), message("s1", 5, &[])];
        let texts = [message("e1", 10, &[]), message("e2", 40, &[])].map(|email| (email.id.clone(), email));
        let shown = in_order(newest_first, &HashMap::from(texts));
        assert_eq!(ids(&shown), ["s1", "e1", "s2", "e2"]);
        assert_eq!(shown[1].user_id.as_deref(), Some("u1"), "whose the thread is, its emails are");
    }

    #[test]
    fn emails_without_a_text_keep_their_thread_in_the_list() {
        let texts = HashMap::from([message("e2", 20, &[])].map(|email| (email.id.clone(), email)));
        let shown = in_order(vec![message("thread", 10, &["e1", "e2"])], &texts);
        assert_eq!(ids(&shown), ["thread", "e2"]);
        assert_eq!(shown[0].email_ids.len(), 1, "counted as one without its text");
    }
}
