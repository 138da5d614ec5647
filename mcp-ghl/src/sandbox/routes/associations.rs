//! Associations between kinds of record, and the relations that they make between records.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post};
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};

pub(crate) const KIND: Kind = Kind { name: "association", noun: "Association" };

/// A relation hangs on its association.
pub(crate) const RELATION: Kind = Kind { name: "relation", noun: "Relation" };

/// Most records per page. Ours: the vendor names no limit.
const LIMIT_MAX: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/associations/", get(list))
        .route("/associations/{association_id}", get(show))
        .route("/associations/relations", post(link))
        .route("/associations/relations/{id}", get(relations).delete(unlink))
}

/// Answers as integrators see it, `{associations, total}`; the specification has a single association in its place.
async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, location_id, KIND.name).await?;
    let total = all.len();
    Ok(json(object!({"associations": page(&params, all)?, "total": total})))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(KIND.of(&mut connection, &call, &id).await?.with_location()))
}

/// All relations of a record, whichever side it is on: `{relations, total}`.
async fn relations(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(record_id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let wanted = params.text("associationIds");
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, RELATION.name).await?;
    all.retain(|relation| {
        let ends = [relation.text("firstRecordId"), relation.text("secondRecordId")];
        ends.contains(&Some(&record_id)) && wanted.is_none_or(|id| relation.parent_id == id)
    });
    let total = all.len();
    Ok(json(object!({"relations": page(&params, all)?, "total": total})))
}

async fn link(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let association_id = body.required_text("associationId");
    let ends = [body.required_text("firstRecordId"), body.required_text("secondRecordId")];
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let association = KIND.of(&mut tx, &call, &association_id).await?;
    let known = documents::list_under(&mut tx, &location_id, RELATION.name, &association_id).await?;
    let [first, second] = &ends;
    let is_it = |relation: &Record| {
        relation.text("firstRecordId") == Some(first) && relation.text("secondRecordId") == Some(second)
    };
    if known.iter().any(is_it) {
        return Err(Refusal::bad_request("duplicate relation"));
    }
    let fields = related(&association, first, second);
    let mut relation = RELATION.fresh(&sandbox, &location_id, fields);
    relation.parent_id = association_id;
    documents::save(&mut tx, &relation).await?;
    store::commit(tx).await?;
    Ok(created(relation.with_location()))
}

async fn unlink(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    params.location(&call)?;
    let mut tx = sandbox.begin().await?;
    let relation = RELATION.of(&mut tx, &call, &id).await?;
    documents::delete(&mut tx, &relation.location_id, RELATION.name, &id).await?;
    store::commit(tx).await?;
    Ok(json(relation.with_location()))
}

/// A relation as it is kept: what its association is, and the two records.
pub(crate) fn related(association: &Record, first_id: &str, second_id: &str) -> Map<String, Value> {
    let mut fields = association.body.0.clone();
    for (name, id) in
        [("associationId", association.id.as_str()), ("firstRecordId", first_id), ("secondRecordId", second_id)]
    {
        fields.insert(name.to_owned(), id.into());
    }
    fields
}

fn page(params: &Params, all: Vec<Record>) -> Result<Vec<Map<String, Value>>, Refusal> {
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = usize::try_from(params.limit(LIMIT_MAX, LIMIT_MAX)?).unwrap_or(usize::MAX);
    Ok(all.into_iter().skip(skip).take(limit).map(Record::with_location).collect())
}
