//! `/conversations/…`: search, and one conversation with its messages.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::filter::{Column, Filter, Range, Scalar, Test};
use crate::sandbox::ids;
use crate::sandbox::routes::calls::CALLS;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::conversations::{self, Card, Conversation};
use crate::sandbox::store::messages::Page;
use crate::sandbox::store::search::{Direction, Found, Place, Search};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::wire::conversation::{ConversationAnswer, ConversationHit};
use crate::sandbox::wire::message::{CALL, EMAIL, MessageAnswer};

/// The vendor's default page size (description of `limit`, search and messages).
const LIMIT: u32 = 20;

/// Largest page. Ours: the vendor names none.
const LIMIT_MAX: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/conversations/search", get(search))
        .route("/conversations/{conversation_id}", get(show))
        .route("/conversations/{conversation_id}/messages", get(messages))
}

#[derive(Debug, Serialize)]
struct Hits {
    conversations: Vec<ConversationHit>,
    total: i64,
}

async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let direction = match params.text("sort") {
        None | Some("desc") => Direction::Descending,
        Some("asc") => Direction::Ascending,
        Some(_) => return Err(not_one_of("sort", "asc, desc")),
    };
    match params.text("sortBy") {
        None | Some("last_message_date") => {}
        // A mistake should show: the emulator keeps none of the other dates.
        Some(_) => return Err(not_one_of("sortBy", "last_message_date")),
    }
    let start_after = params.number::<i64>("startAfterDate")?;
    let search = Search {
        location_id: location_id.to_owned(),
        text: params.text("query").map(str::to_owned),
        filter: Filter::All(filters(&params)?),
        sort: vec![(conversations::LAST_AT, direction)],
        place: start_after.map_or(Place::Page(1), |instant_ms| Place::After(vec![instant_ms.into()])),
        limit: params.limit(LIMIT, LIMIT_MAX)?,
    };
    let mut connection = store::read(sandbox.db()).await?;
    let total = search.total(&mut connection, &conversations::SOURCE).await?;
    let found: Vec<Found<Card>> = search.page(&mut connection, &conversations::SOURCE).await?;
    let conversations = found.into_iter().map(|found| ConversationHit::from(found.record)).collect();
    Ok(json(Hits { conversations, total }))
}

fn filters(params: &Params) -> Result<Vec<Filter>, Refusal> {
    let is = |column: &Column, value: &str| Filter::Test {
        column: column.clone(),
        test: Test::OneOf(value.split(',').map(|value| Scalar::Text(value.trim().to_owned())).collect()),
    };
    let equal = [
        ("id", conversations::ID),
        ("contactId", conversations::CONTACT),
        ("lastMessageType", conversations::LAST_KIND),
        ("lastMessageDirection", conversations::LAST_DIRECTION),
    ];
    let mut filters: Vec<Filter> =
        equal.iter().filter_map(|(name, column)| params.text(name).map(|value| is(column, value))).collect();
    match params.text("assignedTo") {
        None => {}
        Some("unassigned") => {
            filters.push(Filter::Test { column: conversations::ASSIGNED, test: Test::NotExists });
        }
        Some(user_ids) => filters.push(is(&conversations::ASSIGNED, user_ids)),
    }
    let unread = Range { above: Some(Scalar::Number(0.0)), ..Range::default() };
    match params.text("status") {
        None | Some("all" | "recents") => {}
        Some("unread") => filters.push(Filter::Test { column: conversations::UNREAD, test: Test::Range(unread) }),
        Some("read") => {
            filters.push(Filter::Test { column: conversations::UNREAD, test: Test::OneOf(vec![Scalar::Number(0.0)]) });
        }
        Some("starred") => {
            filters.push(Filter::Test { column: conversations::STARRED, test: Test::OneOf(vec![Scalar::Instant(1)]) });
        }
        Some(_) => return Err(not_one_of("status", "all, read, unread, starred, recents")),
    }
    let began = Range {
        at_least: params.number("startDate")?.map(Scalar::Instant),
        at_most: params.number("endDate")?.map(Scalar::Instant),
        ..Range::default()
    };
    if began != Range::default() {
        filters.push(Filter::Test { column: conversations::ADDED_AT, test: Test::Range(began) });
    }
    Ok(filters)
}

fn not_one_of(name: &str, choices: &str) -> Refusal {
    Refusal::unprocessable(vec![format!("{name} must be one of the following values: {choices}")])
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let conversation = conversation_of(&mut connection, &call, &id).await?;
    Ok(json(ConversationAnswer::from(conversation)))
}

/// The page is inside `messages`, unlike in the specification (highlevel-api-docs issue 54).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Nested {
    messages: Slice,
    trace_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Slice {
    last_message_id: String,
    next_page: bool,
    messages: Vec<MessageAnswer>,
}

/// Newest first.
async fn messages(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let limit = params.limit(LIMIT, LIMIT_MAX)?;
    let mut connection = store::read(sandbox.db()).await?;
    let conversation = conversation_of(&mut connection, &call, &id).await?;
    let before = match params.text("lastMessageId") {
        None => i64::MAX,
        Some(last_id) => {
            let last = store::messages::find(&mut connection, last_id).await?;
            let last = last.filter(|last| last.conversation_id == conversation.id);
            last.ok_or_else(|| Refusal::no_such("Message", last_id))?.position
        }
    };
    // One more than asked for tells whether there is a next page.
    let page = Page { conversation_id: &conversation.id, before, kind: params.text("type"), limit: limit + 1 };
    let mut found = store::messages::list(&mut connection, &conversation.location_id, &page).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let next_page = found.len() > wanted;
    found.truncate(wanted);
    let last_message_id = found.last().map(|message| message.id.clone()).unwrap_or_default();
    let mut messages = Vec::with_capacity(found.len());
    for message in found {
        let email_ids = if message.kind == EMAIL {
            store::messages::email_ids(&mut connection, &message.location_id, &message.id).await?
        } else {
            Vec::new()
        };
        let spoken = match message.kind.as_str() {
            CALL => store::documents::find(&mut connection, CALLS, &message.id).await?,
            _ => None,
        };
        messages.push(MessageAnswer::new(message, &conversation, email_ids).with_call(spoken.as_ref()));
    }
    Ok(json(Nested { messages: Slice { last_message_id, next_page, messages }, trace_id: ids::trace() }))
}

/// A conversation that the token reaches.
pub(super) async fn conversation_of(
    connection: &mut Connection,
    call: &Call,
    id: &str,
) -> Result<Conversation, Refusal> {
    let conversation = store::conversations::find(connection, id).await?;
    let conversation = conversation.ok_or_else(|| Refusal::no_such("Conversation", id))?;
    call.grant.require_location(&conversation.location_id)?;
    Ok(conversation)
}
