//! Records of custom objects.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post};
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::objects::of_key;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};

/// A record hangs on its object.
pub(crate) const KIND: Kind = Kind { name: "object_record", noun: "Record" };

/// Most records per page. Ours: the vendor names no limit.
const LIMIT_MAX: u32 = 500;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/objects/{key}/records", post(create))
        .route("/objects/{key}/records/search", post(search))
        .route("/objects/{key}/records/{id}", get(show).put(update).delete(delete))
}

/// Newest first; the words must be in one of a record's texts, whatever their case.
async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(key): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let page = body.count("page", u32::MAX).unwrap_or(1);
    let limit = body.count("pageLimit", LIMIT_MAX).unwrap_or(20);
    let words = body.text("query").unwrap_or_default().to_lowercase();
    body.raw("searchAfter");
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let schema = of_key(&mut connection, &location_id, &key).await?;
    let mut records = documents::list_under(&mut connection, &location_id, KIND.name, &schema.id).await?;
    records.retain(|record| holds(record, &words));
    records.reverse();
    let total = records.len();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let skip = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(limit);
    let hits: Vec<Value> = records.into_iter().skip(skip).take(limit).map(|record| hit(&schema, record)).collect();
    Ok(json(object!({"records": hits, "total": total})))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(key): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let given = read(&mut body)?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let schema = of_key(&mut tx, &location_id, &key).await?;
    check(&schema, &given)?;
    let display = schema.text("primaryDisplayProperty").and_then(|key| key.rsplit('.').next()).unwrap_or_default();
    let properties = given.get("properties").and_then(Value::as_object);
    if properties.is_none_or(|properties| properties.get(display).is_none_or(Value::is_null)) {
        return Err(Refusal::bad_request(format!("{display} is required")));
    }
    let mut record = KIND.fresh(&sandbox, &location_id, given);
    record.parent_id = schema.id;
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(created(object!({"record": answer(record)})))
}

async fn show(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((_key, id)): Path<(String, String)>,
) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    Ok(json(object!({"record": answer(KIND.of(&mut connection, &call, &id).await?)})))
}

/// Properties that are not named stay.
async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((key, id)): Path<(String, String)>,
    query: Query<HashMap<String, String>>,
    bytes: Bytes,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut body = Body::parse(&bytes)?;
    let given = read(&mut body)?;
    let mut tx = sandbox.begin().await?;
    let schema = of_key(&mut tx, location_id, &key).await?;
    check(&schema, &given)?;
    let mut record = record_of(&mut tx, &call, &schema, &id).await?;
    for (name, value) in given {
        match (record.body.0.get_mut(&name), value) {
            (Some(Value::Object(held)), Value::Object(new)) => held.extend(new),
            (_, value) => drop(record.body.0.insert(name, value)),
        }
    }
    record.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(json(object!({"record": answer(record)})))
}

async fn delete(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path((_key, id)): Path<(String, String)>,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let record = KIND.of(&mut tx, &call, &id).await?;
    documents::delete(&mut tx, &record.location_id, KIND.name, &id).await?;
    store::commit(tx).await?;
    Ok(json(object!({"id": id, "success": true})))
}

async fn record_of(connection: &mut Connection, call: &Call, schema: &Record, id: &str) -> Result<Record, Refusal> {
    let record = KIND.of(connection, call, id).await?;
    if record.parent_id == schema.id { Ok(record) } else { Err(Refusal::no_such(KIND.noun, id)) }
}

/// The vendor documents `owners` and answers with `owner`; it is kept as it is answered.
fn read(body: &mut Body) -> Result<Map<String, Value>, Refusal> {
    let mut given = Map::new();
    for (from, to) in [("owners", "owner"), ("owner", "owner"), ("followers", "followers")] {
        if let Some(ids) = body.texts(from) {
            given.insert(to.to_owned(), ids.into());
        }
    }
    match body.raw("properties") {
        Some(properties @ Value::Object(_)) => drop(given.insert("properties".to_owned(), properties)),
        Some(_) => body.fault("properties", "must be an object"),
        None => {}
    }
    std::mem::replace(body, Body::parse(b"")?).finish()?;
    Ok(given)
}

/// Every property must be one of the object's, and its value of the property's form.
fn check(schema: &Record, given: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(Value::Object(properties)) = given.get("properties") else { return Ok(()) };
    let fields = schema.body.0.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut faults = Vec::new();
    for (key, value) in properties {
        let is_it = |field: &&Value| {
            field.get("fieldKey").and_then(Value::as_str).and_then(|whole| whole.rsplit('.').next()) == Some(key)
        };
        match fields.iter().find(is_it) {
            None => faults.push(format!("property {key} should not exist")),
            Some(field) if !fits(field, value) => faults.push(format!("{key} has an invalid value")),
            Some(_) => {}
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::bad_request(faults.join(", "))) }
}

fn fits(field: &Value, value: &Value) -> bool {
    let options = field.get("options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_option = |value: &Value| options.iter().any(|option| option.get("key") == Some(value));
    match field.get("dataType").and_then(Value::as_str).unwrap_or_default() {
        _ if value.is_null() => true,
        "NUMERICAL" => value.is_number(),
        "MONETORY" => {
            value.get("value").is_some_and(Value::is_number) && value.get("currency") == Some(&"default".into())
        }
        "SINGLE_OPTIONS" | "RADIO" => is_option(value),
        "MULTIPLE_OPTIONS" | "CHECKBOX" => value.as_array().is_some_and(|items| items.iter().all(is_option)),
        "FILE_UPLOAD" => value.is_array(),
        _ => value.is_string(),
    }
}

fn holds(record: &Record, words: &str) -> bool {
    let properties = record.body.0.get("properties").and_then(Value::as_object);
    let mut texts = properties.into_iter().flat_map(Map::values).filter_map(Value::as_str);
    words.is_empty() || texts.any(|text| text.to_lowercase().contains(words))
}

/// A record as single reads and writes show it.
fn answer(record: Record) -> Map<String, Value> {
    let (added, updated) = (iso(record.added_at_ms), iso(record.updated_at_ms));
    let mut fields = record.with_id("id");
    for name in ["owner", "followers"] {
        fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    }
    fields.insert("dateAdded".to_owned(), added.into());
    fields.insert("dateUpdated".to_owned(), updated.into());
    fields
}

/// A record as searches show it.
fn hit(schema: &Record, record: Record) -> Value {
    let added_at_ms = record.added_at_ms;
    let location_id = record.location_id.clone();
    let mut fields = answer(record);
    let by = object!({"channel": "APP", "createdAt": iso(added_at_ms), "source": "WEB_USER", "sourceId": ""});
    for (old, new) in [("dateAdded", "createdAt"), ("dateUpdated", "updatedAt")] {
        if let Some(value) = fields.remove(old) {
            fields.insert(new.to_owned(), value);
        }
    }
    for (name, value) in [
        ("locationId", location_id.into()),
        ("objectId", schema.id.clone().into()),
        ("objectKey", schema.text("key").unwrap_or_default().into()),
        ("createdBy", by.clone()),
        ("lastUpdatedBy", by),
        ("searchAfter", object!([added_at_ms])),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}
