//! Everything that happened with one contact, in one list.

mod gather;
mod row;

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_link};
use crate::client::Site;
use crate::conversation::Message;
use crate::cursor::{Position, Question, SortValue, not_ours};
use crate::deps::Deps;
use crate::record_id::RecordId;
use crate::references;
use crate::timeline::{Entry, Place, cut};
use crate::tools::toolset;
use gather::{Gathered, What};
use row::Row;

pub(crate) struct GetContactTimeline;

/// Most emails whose beginning is read in one call: each is a request of its own.
const EMAILS_MAX: usize = 10;

/// Emails read at once.
const EMAILS_AT_ONCE: usize = 4;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// All, if empty.
    #[serde(default)]
    #[schemars(length(max = 6))]
    kinds: Vec<Source>,
    /// Local date or time, or RFC 3339.
    since: Option<String>,
    /// Entries per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

/// Where entries come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    Messages,
    Notes,
    Tasks,
    Appointments,
    Opportunities,
    Forms,
}

const fn default_limit() -> u32 {
    30
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: RecordRef,
    /// Newest first; what is planned stands before the present.
    #[serde(flatten)]
    page: Page<Row>,
    /// Kinds that the connection's token may not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Source>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for GetContactTimeline {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_contact_timeline";
    const TITLE: &'static str = "Get contact timeline";
    const DESCRIPTION: &'static str = "All that happened with a contact, newest first: messages, calls, notes, tasks, appointments, opportunities, forms.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let since = since(&args, site.zone().as_ref())?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let start = match cursor {
            None => Start::default(),
            Some(cursor) => Start::read(&question.position(&cursor)?)?,
        };
        let contact = references::contact(deps, &site, &args.contact).await?;
        let wanted = gather::Wanted {
            contact_id: &contact.id,
            kinds: &args.kinds,
            since,
            anchor: start.anchor.as_ref(),
            limit: args.limit,
        };
        // Six sources read at once are a large future: it is kept off the stack of the call.
        let gathered = Box::pin(gather::gather(deps, &site, &wanted)).await?;
        let Gathered { entries, messages, horizon_ms, unreadable } = gathered;
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let since_ms = since.map(Timestamp::as_millisecond);
        let mut page = cut(entries, start.behind.as_ref(), (since_ms, horizon_ms), limit);
        read_emails(deps, &site, &mut page.entries).await?;
        let next = page.is_more.then(|| start.after(&page.entries, &messages)).flatten();
        let user_ids = page.entries.iter().map(|entry| entry.what.user_id());
        let users = deps.directory.users_naming(&site, user_ids).await?;
        let zone = site.zone();
        let row = |entry: &Entry<What>| Row::of(entry, zone.as_ref(), (*users).as_deref());
        let items = page.entries.iter().map(row).collect();
        let next_cursor = next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: reference(&contact),
            page: Page { items, next_cursor },
            unreadable,
            link: contact_link(&site, &contact.id),
        })
    }
}

fn since(args: &Args, zone: Option<&TimeZone>) -> Result<Option<Timestamp>> {
    let Some(text) = args.since.as_deref() else { return Ok(None) };
    let moment = references::moment("since", text, zone).map_err(|fault| Error::invalid_arguments(vec![fault]))?;
    Ok(moment.first(zone.unwrap_or(&TimeZone::UTC)))
}

/// Where a page begins: behind an entry, with the messages behind a message, so that those before need not be read again.
#[derive(Debug, Default)]
struct Start {
    behind: Option<Place>,
    anchor: Option<RecordId>,
}

impl Start {
    fn read(position: &Position) -> Result<Self> {
        let Position::After(values) = position else { return Err(not_ours()) };
        let [SortValue::Number(at_ms), SortValue::Text(key), anchor] = values.as_slice() else {
            return Err(not_ours());
        };
        let anchor = match anchor {
            SortValue::Text(id) => Some(id.parse().map_err(|_| not_ours())?),
            SortValue::Nothing(()) => None,
            SortValue::Number(_) | SortValue::Flag(_) => return Err(not_ours()),
        };
        let at_ms = at_ms.as_i64().ok_or_else(not_ours)?;
        Ok(Self { behind: Some(Place { at_ms, key: key.clone() }), anchor })
    }

    /// Where the next page begins; `None` if nothing was shown, as then nothing is left either.
    fn after(&self, shown: &[Entry<What>], messages: &[RecordId]) -> Option<Position> {
        let last = shown.last()?;
        let is_shown = |id: &&RecordId| shown.iter().any(|entry| entry.what.message_id() == Some(*id));
        // The vendor's order of messages need not be that of their dates: only what is whole is left behind.
        let anchor = messages.iter().take_while(is_shown).last().or(self.anchor.as_ref());
        let anchor = anchor.map_or(SortValue::Nothing(()), |id| SortValue::Text(id.to_string()));
        Some(Position::After(vec![SortValue::Number(last.at_ms.into()), SortValue::Text(last.key.clone()), anchor]))
    }
}

/// Emails are listed without their text: the latest one of each thread is read, as far as there are not too many.
async fn read_emails(deps: &Deps, site: &Site, entries: &mut [Entry<What>]) -> Result<()> {
    let latest = |entry: &Entry<What>| entry.what.message()?.email_ids.last().cloned();
    let ids: Vec<RecordId> = entries.iter().filter_map(latest).take(EMAILS_MAX).collect();
    let read = async |id: RecordId| match deps.client.email(site, &id).await {
        Err(error) if gather::is_not_for_us(&error) => Ok(None),
        read => read.map(|email| Some((id, email))),
    };
    let read: Vec<Option<(RecordId, Message)>> =
        stream::iter(ids).map(read).buffered(EMAILS_AT_ONCE).try_collect().await?;
    for (id, email) in read.into_iter().flatten() {
        let is_its = |entry: &&mut Entry<What>| latest(entry).as_ref() == Some(&id);
        if let Some(entry) = entries.iter_mut().find(is_its) {
            entry.what.tell(email);
        }
    }
    Ok(())
}
