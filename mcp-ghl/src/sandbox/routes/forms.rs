//! Forms and surveys, and what people have answered. Both families are one, but for their names.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use common::clock::UnixMillis;
use serde_json::{Map, Value, json};

use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::{Sandbox, instants};

/// One of the two families.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    /// What its records are kept under.
    pub(crate) kind: &'static str,
    /// What its submissions are kept under; they hang on it.
    pub(crate) submission: &'static str,
    /// `forms`
    plural: &'static str,
    /// `formId`
    pub(crate) id: &'static str,
}

pub(crate) const FORMS: Family = Family { kind: "form", submission: "form_submission", plural: "forms", id: "formId" };
pub(crate) const SURVEYS: Family =
    Family { kind: "survey", submission: "survey_submission", plural: "surveys", id: "surveyId" };

/// Page sizes of the lists and of the submissions (description of `limit` in both).
const LIMIT: u32 = 10;
const LIMIT_MAX: u32 = 50;
const SUBMISSIONS_LIMIT: u32 = 20;
const SUBMISSIONS_LIMIT_MAX: u32 = 100;

const DAY_MS: i64 = 86_400_000;

/// How far back submissions are looked for by default: "same date of last month".
const DEFAULT_DAYS: i64 = 30;

type Asked = Query<HashMap<String, String>>;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/forms/", get(|state: State<Sandbox>, call: CallOf, query: Asked| list(FORMS, state, call, query)))
        .route("/surveys/", get(|state: State<Sandbox>, call: CallOf, query: Asked| list(SURVEYS, state, call, query)))
        .route(
            "/forms/submissions",
            get(|state: State<Sandbox>, call: CallOf, query: Asked| submissions(FORMS, state, call, query)),
        )
        .route(
            "/surveys/submissions",
            get(|state: State<Sandbox>, call: CallOf, query: Asked| submissions(SURVEYS, state, call, query)),
        )
}

async fn list(
    family: Family,
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let (skip, limit) = (params.number::<usize>("skip")?.unwrap_or(0), params.limit(LIMIT, LIMIT_MAX)?);
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, family.kind).await?;
    if params.text("type") == Some("folder") {
        // The demo has no folders.
        all.clear();
    }
    let total = all.len();
    let page: Vec<Map<String, Value>> = all
        .into_iter()
        .skip(skip)
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(Record::with_location)
        .collect();
    let mut answer = Map::new();
    answer.insert(family.plural.to_owned(), json!(page));
    answer.insert("total".to_owned(), json!(total));
    Ok(json(answer))
}

/// Newest first, within whole days of UTC.
async fn submissions(
    family: Family,
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let limit = params.limit(SUBMISSIONS_LIMIT, SUBMISSIONS_LIMIT_MAX)?;
    let page = params.number::<u32>("page")?.unwrap_or(1).max(1);
    let (from_ms, to_ms) = range(&sandbox, &params)?;
    let wanted = params.text("q").unwrap_or_default().to_lowercase();
    let mut connection = store::read(sandbox.db()).await?;
    let mut found = match params.text(family.id) {
        Some(id) => documents::list_under(&mut connection, location_id, family.submission, id).await?,
        None => documents::list(&mut connection, location_id, family.submission).await?,
    };
    found.retain(|record| (from_ms..to_ms).contains(&record.added_at_ms) && is_about(record, &wanted));
    found.reverse();
    Ok(json(page_of(family, found, page, limit)))
}

fn page_of(family: Family, found: Vec<Record>, page: u32, limit: u32) -> Value {
    let total = found.len();
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let skip = usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(size);
    let has_more = total > skip.saturating_add(size);
    let rows: Vec<Map<String, Value>> =
        found.into_iter().skip(skip).take(size).map(|it| submission(family, it)).collect();
    let mut meta = Map::new();
    meta.insert("total".to_owned(), total.into());
    meta.insert("currentPage".to_owned(), page.into());
    if has_more {
        meta.insert("nextPage".to_owned(), page.saturating_add(1).into());
    }
    if page > 1 {
        meta.insert("prevPage".to_owned(), page.saturating_sub(1).into());
    }
    json!({"submissions": rows, "meta": meta})
}

fn submission(family: Family, record: Record) -> Map<String, Value> {
    let (parent_id, added_at_ms) = (record.parent_id.clone(), record.added_at_ms);
    let mut fields = record.with_id("id");
    fields.insert(family.id.to_owned(), parent_id.into());
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields
}

fn is_about(record: &Record, wanted: &str) -> bool {
    let phone = record.body.0.get("others").and_then(|others| others.get("phone")).and_then(Value::as_str);
    let fields = [record.text("contactId"), record.text("name"), record.text("email"), phone];
    wanted.is_empty() || fields.into_iter().flatten().any(|text| text.to_lowercase().contains(wanted))
}

/// From the first instant of a day to the first after the last one.
fn range(sandbox: &Sandbox, params: &Params) -> Result<(UnixMillis, UnixMillis), Refusal> {
    let day = |name: &str, default_ms: UnixMillis| match params.text(name) {
        None => Ok(default_ms - default_ms.rem_euclid(DAY_MS)),
        Some(text) => instants::parse(text)
            .map(|at_ms| at_ms - at_ms.rem_euclid(DAY_MS))
            .ok_or_else(|| Refusal::unprocessable(vec![format!("{name} must be a valid ISO 8601 date string")])),
    };
    let now_ms = sandbox.now_ms();
    Ok((day("startAt", now_ms - DEFAULT_DAYS * DAY_MS)?, day("endAt", now_ms)? + DAY_MS))
}
