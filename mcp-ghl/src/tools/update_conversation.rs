//! Stars a conversation, or marks it as read or unread.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, RecordRef, conversation_link, line};
use crate::client::{ConversationChange, Site, reversals};
use crate::conversation::Conversation;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::references::ConversationWanted;
use crate::tools::toolset;

pub(crate) struct UpdateConversation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id. Either this or `contact`.
    conversation: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Starred or not.
    starred: Option<bool>,
    /// True: unread. False: read.
    unread: Option<bool>,
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
    /// As it is after the call.
    starred: bool,
    /// Messages that nobody has read.
    unread: u64,
    /// Which arguments changed it.
    changed: Vec<&'static str>,
    /// For `undo_change`; absent if nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for UpdateConversation {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "update_conversation";
    const TITLE: &'static str = "Update conversation";
    const DESCRIPTION: &'static str =
        "Star a conversation, or mark it read or unread. Who is in charge follows the contact's owner.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        if args.starred.is_none() && args.unread.is_none() {
            let fault = |field: &str, other: &str| Fault {
                field: format!("/{field}"),
                problem: format!("is missing, and so is `{other}`"),
                expected: "true or false".to_owned(),
                example: Some("true".to_owned()),
            };
            return Err(Error::invalid_arguments(vec![fault("starred", "unread"), fault("unread", "starred")]));
        }
        let wanted = ConversationWanted::read(args.conversation.as_deref(), args.contact.as_deref())?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let conversation = wanted.find(deps, &site).await?;
        let is_unread = conversation.unread_count > 0;
        let change = ConversationChange {
            is_starred: args.starred.filter(|is_starred| *is_starred != conversation.is_starred),
            // How many there were is not known any more: one is enough to be unread.
            unread_count: args.unread.filter(|unread| *unread != is_unread).map(u64::from),
        };
        let change_id = if change == ConversationChange::default() {
            None
        } else {
            deps.client.change_conversation(&site, &conversation.id, change).await?;
            note(deps, call, &site, (&conversation, change)).await
        };
        let changed = [("starred", change.is_starred.is_some()), ("unread", change.unread_count.is_some())];
        let label = conversation.contact_name.as_deref();
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: conversation.contact_id.as_ref().map(|id| RecordRef::new(id, label.unwrap_or(id.as_str()))),
            starred: change.is_starred.unwrap_or(conversation.is_starred),
            unread: change.unread_count.unwrap_or(conversation.unread_count),
            changed: changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name).collect(),
            change_id,
            link: conversation_link(&site, &conversation.id),
            id: conversation.id.to_string(),
        })
    }
}

async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (conversation, change): (&Conversation, ConversationChange),
) -> Option<ChangeId> {
    let words = [
        change.is_starred.map(|is_starred| if is_starred { "starred" } else { "took the star off" }),
        change.unread_count.map(|unread| if unread > 0 { "marked as unread" } else { "marked as read" }),
    ];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let name = conversation.contact_name.as_deref().map_or_else(|| conversation.id.to_string(), line);
    let change = Change {
        tool: UpdateConversation::NAME,
        summary: format!("{} the conversation with {name}", words.join(" and ")),
        record: ("conversation".into(), conversation.id.to_string()),
        contact: conversation.contact_id.clone(),
        undo: vec![reversals::conversation_update(&site.location.id, conversation, change)],
    };
    deps.journal.note(call, site, change).await
}
