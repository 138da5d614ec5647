//! Takes a message back that is scheduled and has not gone out.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::conversation_link;
use crate::conversation::Kind;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::record_id::RecordId;
use crate::tools::toolset;

pub(crate) struct CancelScheduledMessage;

/// The vendor's word for a message that waits.
const SCHEDULED: &str = "scheduled";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, from `send_message` or `get_conversation`.
    message: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it was.
    location: LocationAnswer,
    /// Id of the message that will not go out.
    cancelled: String,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Kind>,
    /// For `get_conversation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    /// For `list_changes`: it cannot be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
    /// Where a person sees the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for CancelScheduledMessage {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "cancel_scheduled_message";
    const TITLE: &'static str = "Cancel scheduled message";
    const DESCRIPTION: &'static str =
        "Take back an SMS, email or chat message that is scheduled and has not gone out yet.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    /// A message that was taken back is gone; one that has gone out meanwhile is there.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let id = message_id(&args.message)?;
        match deps.client.message(&site, &id).await {
            Ok(_) => Ok(ReadBack::NotDone),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(ReadBack::Done(Output {
                location: LocationAnswer::of(&site),
                cancelled: id.to_string(),
                channel: None,
                conversation_id: None,
                change_id: None,
                link: None,
            })),
            Err(error) => Err(error),
        }
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let id = message_id(&args.message)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let placed = deps.client.message(&site, &id).await?;
        if placed.message.status.as_deref() != Some(SCHEDULED) {
            return Err(Error::new(ErrorCode::FailedPrecondition, "this message is not scheduled: it has gone out")
                .with_hint("`get_conversation` shows which messages are still `scheduled`"));
        }
        // Of a thread of emails the latest is the one that waits.
        match placed.message.email_ids.last() {
            Some(email_id) => deps.client.cancel_email(&site, email_id).await?,
            None => deps.client.cancel_message(&site, &id).await?,
        }
        let change = Change {
            tool: Self::NAME,
            summary: format!("took back scheduled message {id}"),
            record: ("message".into(), id.to_string()),
            contact: placed.contact_id,
            undo: Vec::new(),
        };
        let change_id = deps.journal.note(call, &site, change).await;
        let conversation_id = placed.conversation_id;
        Ok(Output {
            location: LocationAnswer::of(&site),
            cancelled: id.to_string(),
            channel: Some(placed.message.kind),
            change_id,
            link: conversation_id.as_ref().and_then(|id| conversation_link(&site, id)),
            conversation_id: conversation_id.map(String::from),
        })
    }
}

fn message_id(text: &str) -> Result<RecordId> {
    text.trim().parse().map_err(|_| {
        let expected = "`message_id` of `send_message`, or `id` of a message of `get_conversation`";
        Error::invalid_argument("message", "is not an id", expected, None)
    })
}
