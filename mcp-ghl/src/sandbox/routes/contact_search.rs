//! Many contacts: the advanced search, and the list it replaced.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::http::Uri;
use axum::routing::post;
use serde::Serialize;
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::filter::{Column, Filter};
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::contacts::{self, Contact};
use crate::sandbox::store::search::{Direction, Found, Place, Search};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::contact::ContactAnswer;
use crate::sandbox::wire::search_body::{self, Dialect};

const ADDED: Column = Column::Instant("c.added_at_ms");

/// Page sizes of `GET /contacts/` (description of its `limit`).
const LIST_LIMIT: u32 = 20;
const LIST_LIMIT_MAX: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/contacts/search", post(search))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hits {
    contacts: Vec<ContactAnswer>,
    total: i64,
    trace_id: String,
}

async fn search(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let dialect = Dialect { limit: "pageLimit", resolve: contacts::column, newest_first: || ADDED };
    let search = search_body::read(&mut body, &dialect)?;
    body.finish()?;
    call.grant.require_location(&search.location_id)?;

    let mut connection = sandbox.searched().await?;
    let total = search.total(&mut connection, &contacts::SOURCE).await?;
    let found: Vec<Found<Contact>> = search.page(&mut connection, &contacts::SOURCE).await?;
    Ok(json(Hits { contacts: found.into_iter().map(ContactAnswer::hit).collect(), total, trace_id: ids::trace() }))
}

#[derive(Debug, Serialize)]
struct List {
    contacts: Vec<ContactAnswer>,
    count: i64,
    meta: Meta,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after_id: Option<String>,
}

/// `GET /contacts/`, newest first; gone in v3.
pub(crate) async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    uri: Uri,
    query: Query<HashMap<String, String>>,
) -> Answer {
    if call.generation == Generation::V3 {
        return Err(Refusal::removed_in_v3(&uri.to_string()));
    }
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let limit = params.limit(LIST_LIMIT, LIST_LIMIT_MAX)?;
    let place = match (params.number::<i64>("startAfter")?, params.text("startAfterId")) {
        (Some(added_at_ms), Some(id)) => Place::After(vec![Value::from(added_at_ms), Value::from(id)]),
        (_, _) => Place::Page(1),
    };
    let search = Search {
        location_id: location_id.to_owned(),
        text: params.text("query").map(str::to_owned),
        filter: Filter::All(Vec::new()),
        sort: vec![(ADDED, Direction::Descending)],
        place,
        limit,
    };

    let mut connection = sandbox.searched().await?;
    let total = search.total(&mut connection, &contacts::SOURCE).await?;
    let found: Vec<Found<Contact>> = search.page(&mut connection, &contacts::SOURCE).await?;
    let is_full = u32::try_from(found.len()).is_ok_and(|count| count == limit);
    let last = found.last().map(|found| (found.record.added_at_ms, found.record.id.clone()));
    let next_page_url = last.as_ref().filter(|_| is_full).map(|(added_at_ms, id)| {
        let origin = &call.origin;
        format!("{origin}/contacts/?locationId={location_id}&limit={limit}&startAfter={added_at_ms}&startAfterId={id}")
    });
    let (start_after, start_after_id) = last.unzip();
    let contacts = found.into_iter().map(|found| ContactAnswer::line(found.record)).collect();
    Ok(json(List { contacts, count: total, meta: Meta { total, next_page_url, start_after, start_after_id } }))
}
