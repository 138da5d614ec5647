//! Custom values of a location.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::get;
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::documents::{Kind, slug};
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Succeeded, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};

pub(crate) const KIND: Kind = Kind { name: "custom_value", noun: "Custom value" };

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/locations/{location_id}/customValues", get(list).post(create))
        .route("/locations/{location_id}/customValues/{id}", get(show).put(update).delete(delete))
}

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(location_id): Path<String>) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let values = documents::list(&mut connection, &location_id, KIND.name).await?;
    let values: Vec<_> = values.into_iter().map(|value| value.with_id("id")).collect();
    Ok(json(object!({"customValues": values})))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let (name, value) = read(&bytes)?;
    call.grant.require_location(&location_id)?;
    let record = KIND.fresh(&sandbox, &location_id, fields(&location_id, &name, &value));
    let mut tx = sandbox.begin().await?;
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(created(one(record)))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(one(value_of(&mut connection, &call, &ids).await?)))
}

/// The key stays with the value when its name changes, so that what uses it goes on working.
async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let (name, value) = read(&bytes)?;
    let mut tx = sandbox.begin().await?;
    let mut record = value_of(&mut tx, &call, &ids).await?;
    record.set("name", Some(name));
    record.set("value", Some(value));
    record.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(json(one(record)))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let record = value_of(&mut tx, &call, &ids).await?;
    documents::delete(&mut tx, &record.location_id, KIND.name, &record.id).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn value_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, id): &(String, String),
) -> Result<Record, Refusal> {
    call.grant.require_location(location_id)?;
    KIND.of(connection, call, id).await
}

fn read(bytes: &[u8]) -> Result<(String, String), Refusal> {
    let mut body = Body::parse(bytes)?;
    let (name, value) = (body.required_text("name"), body.required_text("value"));
    body.finish()?;
    Ok((name, value))
}

/// A value as it is kept.
pub(crate) fn fields(location_id: &str, name: &str, value: &str) -> Map<String, Value> {
    let texts = [
        ("name", name.to_owned()),
        ("fieldKey", format!("{{{{ custom_values.{} }}}}", slug(name))),
        ("value", value.to_owned()),
        ("locationId", location_id.to_owned()),
    ];
    texts.into_iter().map(|(field, text)| (field.to_owned(), Value::String(text))).collect()
}

fn one(record: Record) -> Value {
    object!({"customValue": record.with_id("id")})
}
