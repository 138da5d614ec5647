//! Businesses, and which contacts belong to them.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post};
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::body::{Body, Patch};
use crate::sandbox::documents::Kind;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Document};
use crate::sandbox::wire::contact::ContactAnswer;

pub(crate) const KIND: Kind = Kind { name: "business", noun: "Business" };

/// That a contact belongs to a business: under the contact's id, on the business.
pub(crate) const MEMBERSHIP: &str = "business_contact";

/// Records per page. The default of contacts is the vendor's; the others are ours.
const LIMIT: u32 = 100;
const CONTACTS_LIMIT: u32 = 25;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/businesses/", get(list).post(create))
        .route("/businesses/{id}", get(show).put(update).delete(delete))
        .route("/contacts/business/{id}", get(contacts))
        .route("/contacts/bulk/business", post(assign))
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = usize::try_from(params.limit(LIMIT, LIMIT)?).unwrap_or(usize::MAX);
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, location_id, KIND.name).await?;
    let page: Vec<_> = all.into_iter().skip(skip).take(limit).map(answer).collect();
    Ok(json(object!({"businesses": page})))
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let name = body.required_text("name");
    let mut fields = given(&mut body);
    body.finish()?;
    call.grant.require_location(&location_id)?;
    fields.insert("name".to_owned(), Value::String(name));
    let record = KIND.fresh(&sandbox, &location_id, fields);
    let mut tx = sandbox.begin().await?;
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    // The vendor's spelling.
    Ok(created(object!({"success": true, "buiseness": answer(record)})))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(object!({"business": answer(KIND.of(&mut connection, &call, &id).await?)})))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let name = body.text("name");
    let fields = given(&mut body);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let mut record = KIND.of(&mut tx, &call, &id).await?;
    record.body.0.extend(fields);
    record.set("name", name);
    record.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(json(object!({"success": true, "buiseness": answer(record)})))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let record = KIND.of(&mut tx, &call, &id).await?;
    for member in documents::list_under(&mut tx, &record.location_id, MEMBERSHIP, &id).await? {
        documents::delete(&mut tx, &record.location_id, MEMBERSHIP, &member.id).await?;
    }
    documents::delete(&mut tx, &record.location_id, KIND.name, &id).await?;
    store::commit(tx).await?;
    Ok(json(object!({"success": true})))
}

async fn contacts(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = usize::try_from(params.limit(CONTACTS_LIMIT, LIMIT)?).unwrap_or(usize::MAX);
    let mut connection = store::read(sandbox.db()).await?;
    KIND.of(&mut connection, &call, &id).await?;
    let members = documents::list_under(&mut connection, location_id, MEMBERSHIP, &id).await?;
    let mut found = Vec::new();
    for member in &members {
        found.extend(store::contacts::find(&mut connection, &member.id).await?);
    }
    if let Some(words) = params.text("query").map(str::to_lowercase) {
        found.retain(|contact| contact.name().to_lowercase().contains(&words));
    }
    let count = found.len();
    let page: Vec<_> = found.into_iter().skip(skip).take(limit).map(ContactAnswer::line).collect();
    Ok(json(object!({"contacts": page, "count": count})))
}

/// Puts contacts into a business; `businessId` null takes them out of theirs.
async fn assign(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let ids = body.texts("ids").unwrap_or_default();
    let business = body.nullable_text("businessId");
    if ids.is_empty() {
        body.fault("ids", "should not be empty");
    }
    if business == Patch::Keep {
        body.fault("businessId", "must be a string");
    }
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    if let Some(business_id) = business.value() {
        KIND.of(&mut tx, &call, business_id).await?;
    }
    let mut changed = Vec::new();
    for id in ids {
        let contact = store::contacts::find(&mut tx, &id).await?;
        if contact.is_none_or(|contact| contact.location_id != location_id) {
            continue;
        }
        match business.value() {
            Some(business_id) => {
                documents::save(&mut tx, &membership(&location_id, business_id, &id, sandbox.now_ms())).await?;
            }
            None => documents::delete(&mut tx, &location_id, MEMBERSHIP, &id).await?,
        }
        changed.push(id);
    }
    store::commit(tx).await?;
    Ok(json(object!({"success": true, "ids": changed})))
}

/// That a contact belongs to a business.
pub(crate) fn membership(location_id: &str, business_id: &str, contact_id: &str, now_ms: i64) -> Record {
    Record {
        location_id: location_id.to_owned(),
        kind: MEMBERSHIP.to_owned(),
        id: contact_id.to_owned(),
        parent_id: business_id.to_owned(),
        body: Document(Map::new()),
        added_at_ms: now_ms,
        updated_at_ms: now_ms,
    }
}

/// What a body says besides the name.
fn given(body: &mut Body) -> Map<String, Value> {
    const NAMES: [&str; 9] =
        ["email", "phone", "website", "address", "city", "state", "postalCode", "country", "description"];
    NAMES.into_iter().filter_map(|name| Some((name.to_owned(), Value::String(body.text(name)?)))).collect()
}

fn answer(record: Record) -> Map<String, Value> {
    let (added, updated) = (iso(record.added_at_ms), iso(record.updated_at_ms));
    let location_id = record.location_id.clone();
    let mut fields = record.with_id("id");
    for (name, text) in [("locationId", location_id), ("createdAt", added), ("updatedAt", updated)] {
        fields.insert(name.to_owned(), Value::String(text));
    }
    fields
}
