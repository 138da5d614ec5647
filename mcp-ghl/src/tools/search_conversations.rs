//! Conversations by contact, words, channel, user in charge, and what is unread.

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::conversation::ConversationRow;
use crate::answer::{LocationAnswer, conversation_link};
use crate::client::{Assigned, ConversationQuery, Site};
use crate::conversation::Kind;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::references;
use crate::tools::toolset;

pub(crate) struct SearchConversations;

/// What `assigned_to` says for conversations that nobody is in charge of; the vendor's word too.
const NOBODY: &str = "unassigned";

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in contact name, email or phone.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Only with unread messages.
    #[serde(default)]
    unread: bool,
    /// User name, email or id, or `unassigned`.
    assigned_to: Option<String>,
    /// Channel of the last message.
    channel: Option<LastChannel>,
    /// Last message since: date, or RFC 3339 instant.
    #[schemars(extend("examples" = ["2026-11-01"]))]
    since: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

/// Channels that can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LastChannel {
    Sms,
    Email,
    Whatsapp,
    Facebook,
    Instagram,
    LiveChat,
    GoogleBusiness,
    Call,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<ConversationRow>,
    /// How many match in all; absent with `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Where a person sees one, its id in place of `{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_form: Option<String>,
}

impl Tool for SearchConversations {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "search_conversations";
    const TITLE: &'static str = "Search conversations";
    const DESCRIPTION: &'static str =
        "Find conversations, latest message first: who, channel, how the last message begins, unread count.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONVERSATIONS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let since_ms = args.since.as_deref().map(instant_ms).transpose()?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let query = query(deps, &site, &args, since_ms).await?;
        let slice = deps.client.search_conversations(&site, &query, position.as_ref(), args.limit).await?;
        let owners = slice.records.iter().map(|conversation| conversation.assigned_to.as_ref());
        let users = deps.directory.users_naming(&site, owners).await?;
        let items = slice.records.iter().map(|each| ConversationRow::of(each, (*users).as_deref())).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: Page { items, next_cursor },
            total: slice.total,
            link_form: conversation_link(&site, "{id}"),
        })
    }
}

async fn query(deps: &Deps, site: &Site, args: &Args, since_ms: Option<i64>) -> Result<ConversationQuery> {
    Ok(ConversationQuery {
        text: args.query.clone(),
        contact_id: match &args.contact {
            Some(text) => Some(references::contact(deps, site, text).await?.id),
            None => None,
        },
        is_unread: args.unread,
        assigned: match args.assigned_to.as_deref().map(str::trim) {
            Some(text) if text.eq_ignore_ascii_case(NOBODY) => Some(Assigned::ToNobody),
            Some(text) => Some(Assigned::To(deps.directory.owner(site, text).await?)),
            None => None,
        },
        last_kind: args.channel.map(Kind::from),
        since_ms,
    })
}

impl From<LastChannel> for Kind {
    fn from(channel: LastChannel) -> Self {
        match channel {
            LastChannel::Sms => Self::Sms,
            LastChannel::Email => Self::Email,
            LastChannel::Whatsapp => Self::Whatsapp,
            LastChannel::Facebook => Self::Facebook,
            LastChannel::Instagram => Self::Instagram,
            LastChannel::LiveChat => Self::LiveChat,
            LastChannel::GoogleBusiness => Self::GoogleBusiness,
            LastChannel::Call => Self::Call,
        }
    }
}

/// A date begins at midnight UTC.
fn instant_ms(text: &str) -> Result<i64> {
    let of_date = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    let instant = text.parse::<Timestamp>().ok().or_else(of_date);
    instant.map(Timestamp::as_millisecond).ok_or_else(|| {
        Error::invalid_argument("since", "is not a date", "a date, or an RFC 3339 instant", Some("\"2026-11-01\""))
    })
}
