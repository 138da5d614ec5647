//! Stars a conversation, or marks it as read or unread.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::conversation_link;
use crate::answer::{LocationAnswer, RecordRef};
use crate::client::ConversationChange;
use crate::deps::Deps;
use crate::references::ConversationWanted;
use crate::tools::toolset;

pub(crate) struct UpdateConversation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Location name or id.
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
        if change != ConversationChange::default() {
            deps.client.change_conversation(&site, &conversation.id, change).await?;
        }
        let changed = [("starred", change.is_starred.is_some()), ("unread", change.unread_count.is_some())];
        let label = conversation.contact_name.as_deref();
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: conversation.contact_id.as_ref().map(|id| RecordRef::new(id, label.unwrap_or(id.as_str()))),
            starred: change.is_starred.unwrap_or(conversation.is_starred),
            unread: change.unread_count.unwrap_or(conversation.unread_count),
            changed: changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name).collect(),
            link: conversation_link(&site, &conversation.id),
            id: conversation.id.to_string(),
        })
    }
}
