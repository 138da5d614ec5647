//! Many opportunities: the old search by query parameters, and the advanced one, which v3 sums up by stage.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::filter::{Column, Filter, Range, Scalar, Test};
use crate::sandbox::instants;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::opportunities::{self, Card};
use crate::sandbox::store::search::{Direction, Found, PAGED_RECORDS_MAX, Place, Search};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::note::NoteAnswer;
use crate::sandbox::wire::opportunity::{OpportunityAnswer, StageAggregation};
use crate::sandbox::wire::search_body::{self, Dialect};

/// Page sizes of `GET /opportunities/search` (description of its `limit`).
const LIST_LIMIT: u32 = 20;
const LIST_LIMIT_MAX: u32 = 100;

const DAY_MS: i64 = 86_400_000;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/opportunities/search", get(list).post(search))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hits {
    opportunities: Vec<OpportunityAnswer>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_aggregations: Option<Vec<StageAggregation>>,
    /// The vendor's other sums, which the emulator does not make.
    aggregations: Map<String, Value>,
}

async fn search(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let dialect = Dialect { limit: "limit", resolve: opportunities::column, newest_first: || opportunities::CREATED };
    let search = search_body::read(&mut body, &dialect)?;
    let wants_notes = body.object("additionalDetails", |details| {
        let notes = details.flag("notes");
        for name in ["tasks", "calendarEvents", "unReadConversations"] {
            details.flag(name);
        }
        notes == Some(true)
    });
    body.finish()?;
    call.grant.require_location(&search.location_id)?;

    let mut connection = sandbox.searched().await?;
    let total = search.total(&mut connection, &opportunities::SOURCE).await?;
    let found: Vec<Found<Card>> = search.page(&mut connection, &opportunities::SOURCE).await?;
    let sums_up = call.generation == Generation::V3 && search.filter.asks_for(&opportunities::PIPELINE);
    let stage_aggregations = if sums_up {
        let totals = opportunities::stage_totals(&mut connection, &search).await?;
        Some(totals.into_iter().map(StageAggregation::from).collect())
    } else {
        None
    };
    let opportunities = answers(&mut connection, found, &call, wants_notes == Some(true)).await?;
    Ok(json(Hits { opportunities, total, stage_aggregations, aggregations: Map::new() }))
}

async fn answers(
    connection: &mut Connection,
    found: Vec<Found<Card>>,
    call: &Call,
    wants_notes: bool,
) -> Result<Vec<OpportunityAnswer>, Refusal> {
    let mut answers = Vec::with_capacity(found.len());
    for found in found {
        let search_after = found.search_after();
        let card = found.record;
        let notes = if wants_notes {
            let Card { opportunity, .. } = &card;
            store::notes::list(&mut *connection, &opportunity.location_id, &opportunity.contact_id).await?
        } else {
            Vec::new()
        };
        let notes = notes.into_iter().map(NoteAnswer::from).collect();
        answers.push(OpportunityAnswer::new(card, call.generation).with_notes(notes).with_search_after(search_after));
    }
    Ok(answers)
}

#[derive(Debug, Serialize)]
struct List {
    opportunities: Vec<OpportunityAnswer>,
    meta: Meta,
    aggregations: Map<String, Value>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    total: i64,
    current_page: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after_id: Option<String>,
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let names = Names::of(call.generation);
    let location_id = params.required(names.location)?;
    call.grant.require_location(location_id)?;
    let page: u32 = params.number("page")?.unwrap_or(1).max(1);
    let limit = params.limit(LIST_LIMIT, LIST_LIMIT_MAX)?;
    let search = Search {
        location_id: location_id.to_owned(),
        text: params.text("q").map(str::to_owned),
        filter: Filter::All(filters(&params, &names)?),
        sort: vec![order(&params)?],
        place: place(&params, page, limit)?,
        limit,
    };

    let mut connection = sandbox.searched().await?;
    let total = search.total(&mut connection, &opportunities::SOURCE).await?;
    let found: Vec<Found<Card>> = search.page(&mut connection, &opportunities::SOURCE).await?;
    let last = found.last().map(|found| &found.record.opportunity);
    let mut meta = Meta {
        total,
        current_page: page,
        prev_page: (page > 1).then(|| page - 1),
        start_after: last.map(|last| last.created_at_ms),
        start_after_id: last.map(|last| last.id.clone()),
        ..Meta::default()
    };
    if i64::from(page) * i64::from(limit) < total {
        let next = page + 1;
        let origin = &call.origin;
        let location = names.location;
        meta.next_page = Some(next);
        meta.next_page_url =
            Some(format!("{origin}/opportunities/search?{location}={location_id}&limit={limit}&page={next}"));
    }
    let opportunities = answers(&mut connection, found, &call, params.is_set("getNotes")).await?;
    Ok(json(List { opportunities, meta, aggregations: Map::new() }))
}

/// v2 has underscores here, v3 camel case.
struct Names {
    location: &'static str,
    equal: [(&'static str, Column); 6],
}

impl Names {
    fn of(generation: Generation) -> Self {
        let columns = [
            Column::Exact("o.pipeline_id"),
            Column::Exact("o.stage_id"),
            Column::Exact("o.contact_id"),
            Column::Exact("o.assigned_to"),
            Column::Exact("o.id"),
            Column::Text("c.country"),
        ];
        let (location, names) = match generation {
            Generation::V2 => {
                ("location_id", ["pipeline_id", "pipeline_stage_id", "contact_id", "assigned_to", "id", "country"])
            }
            Generation::V3 => {
                ("locationId", ["pipelineId", "pipelineStageId", "contactId", "assignedTo", "id", "country"])
            }
        };
        let mut names = names.into_iter();
        Self { location, equal: columns.map(|column| (names.next().unwrap_or_default(), column)) }
    }
}

fn filters(params: &Params, names: &Names) -> Result<Vec<Filter>, Refusal> {
    let equal = |column: &Column, text: &str| {
        let text = match column {
            Column::Text(_) => text.to_lowercase(),
            _ => text.to_owned(),
        };
        Filter::Test { column: column.clone(), test: Test::OneOf(vec![Scalar::Text(text)]) }
    };
    let mut filters: Vec<Filter> = Vec::new();
    for (name, column) in &names.equal {
        if let Some(text) = params.text(name) {
            filters.push(equal(column, text));
        }
    }
    match params.text("status") {
        None | Some("all") => {}
        Some(status @ ("open" | "won" | "lost" | "abandoned")) => {
            filters.push(equal(&Column::Exact("o.status"), status));
        }
        Some(_) => {
            let fault = "status must be one of the following values: open, won, lost, abandoned, all".to_owned();
            return Err(Refusal::unprocessable(vec![fault]));
        }
    }
    if params.text("campaignId").is_some() {
        // The emulator has no campaigns, so none of its opportunities came from one.
        filters.push(Filter::Any(Vec::new()));
    }
    let range = Range {
        at_least: day(params, "date")?.map(Scalar::Instant),
        below: day(params, "endDate")?.map(|midnight_ms| Scalar::Instant(midnight_ms + DAY_MS)),
        ..Range::default()
    };
    if range != Range::default() {
        filters.push(Filter::Test { column: opportunities::CREATED, test: Test::Range(range) });
    }
    Ok(filters)
}

fn day(params: &Params, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = params.text(name) else { return Ok(None) };
    let midnight_ms = instants::parse_american_date(text)
        .ok_or_else(|| Refusal::unprocessable(vec![format!("{name} must be in the format mm-dd-yyyy")]))?;
    Ok(Some(midnight_ms))
}

fn order(params: &Params) -> Result<(Column, Direction), Refusal> {
    match params.text("order") {
        None | Some("added_desc") => Ok((opportunities::CREATED, Direction::Descending)),
        Some("added_asc") => Ok((opportunities::CREATED, Direction::Ascending)),
        Some("name_asc") => Ok((opportunities::NAME, Direction::Ascending)),
        Some("name_desc") => Ok((opportunities::NAME, Direction::Descending)),
        // What else the vendor knows is not documented; a mistake should show.
        Some(_) => Err(Refusal::bad_request("order must be added_asc, added_desc, name_asc or name_desc")),
    }
}

fn place(params: &Params, page: u32, limit: u32) -> Result<Place, Refusal> {
    if let (Some(start_after), Some(id)) = (params.number::<i64>("startAfter")?, params.text("startAfterId")) {
        if params.text("order").is_some_and(|order| order.starts_with("name")) {
            return Err(Refusal::bad_request("startAfter goes with the order added_asc or added_desc"));
        }
        return Ok(Place::After(vec![Value::from(start_after), Value::from(id)]));
    }
    if page.saturating_mul(limit) > PAGED_RECORDS_MAX {
        return Err(Refusal::bad_request(format!("page reaches {PAGED_RECORDS_MAX} records at most")));
    }
    Ok(Place::Page(page))
}
