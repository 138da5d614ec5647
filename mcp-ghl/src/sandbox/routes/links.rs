//! Trigger links: addresses that notice who follows them.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, put};
use serde_json::{Map, Value, json};

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::routes::{Answer, CallOf, Params, Succeeded, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents::{self, Record};

pub(crate) const LINK: Kind = Kind { name: "link", noun: "Link" };

/// The vendor's default page of a search (specification of `GET /links/search`).
const LIMIT: u32 = 20;

/// Largest page of a search. Ours: the vendor names none.
const LIMIT_MAX: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/links/", get(list).post(create))
        .route("/links/search", get(search))
        .route("/links/id/{link_id}", get(show))
        .route("/links/{link_id}", put(update).delete(delete))
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, location_id, LINK.name).await?;
    Ok(json(json!({"links": all.into_iter().map(answer).collect::<Vec<_>>()})))
}

async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let (skip, limit) = (params.number::<usize>("skip")?.unwrap_or(0), params.limit(LIMIT, LIMIT_MAX)?);
    let wanted = params.text("query").unwrap_or_default().to_lowercase();
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, location_id, LINK.name).await?;
    let found = all.into_iter().filter(|link| link.text("name").unwrap_or_default().to_lowercase().contains(&wanted));
    let page = found.skip(skip).take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(json(json!({"links": page.map(answer).collect::<Vec<_>>()})))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let link = LINK.of(&mut connection, &call, &id).await?;
    Ok(json(json!({"link": answer(link)})))
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let (name, address) = (body.required_text("name"), body.required_text("redirectTo"));
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut link = LINK.fresh(&sandbox, &location_id, Map::new());
    link.set("name", Some(name));
    link.set("redirectTo", Some(address));
    let mut tx = sandbox.begin().await?;
    documents::save(&mut tx, &link).await?;
    store::commit(tx).await?;
    Ok(created(json!({"link": answer(link)})))
}

/// Answers 201, as the vendor does for a change too.
async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let (name, address) = (body.required_text("name"), body.required_text("redirectTo"));
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let mut link = LINK.of(&mut tx, &call, &id).await?;
    link.set("name", Some(name));
    link.set("redirectTo", Some(address));
    link.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &link).await?;
    store::commit(tx).await?;
    Ok(created(json!({"link": answer(link)})))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let link = LINK.of(&mut tx, &call, &id).await?;
    documents::delete(&mut tx, &link.location_id, LINK.name, &link.id).await?;
    store::commit(tx).await?;
    Ok(created(Succeeded::new(&call)))
}

fn answer(link: Record) -> Map<String, Value> {
    let key = format!("{{{{trigger_link.{}}}}}", link.id);
    let location_id = link.location_id.clone();
    let mut fields = link.with_id("id");
    fields.insert("fieldKey".to_owned(), key.into());
    fields.insert("locationId".to_owned(), location_id.into());
    fields
}
