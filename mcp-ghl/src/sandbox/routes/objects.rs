//! Custom objects: which there are, and what their records have.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use serde_json::{Map, Value, json as object};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::instants::iso;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};

/// An object is kept under its id, with its properties under `fields`.
pub(crate) const KIND: &str = "object";

/// Key and labels of the vendor's own objects.
const STANDARD: [(&str, &str, &str); 3] = [
    ("contact", "Contact", "Contacts"),
    ("opportunity", "Opportunity", "Opportunities"),
    ("business", "Company", "Companies"),
];

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/objects/", get(list)).route("/objects/{key}", get(show))
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let custom = documents::list(&mut connection, location_id, KIND).await?;
    let mut objects: Vec<Value> = STANDARD.iter().map(|row| standard(location_id, row)).collect();
    objects.extend(custom.into_iter().map(|record| Value::Object(schema(record).0)));
    Ok(json(object!({"objects": objects})))
}

async fn show(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(key): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    if let Some(row) = STANDARD.iter().find(|(standard, _, _)| *standard == key) {
        return Ok(json(object!({"object": standard(location_id, row), "cache": false, "fields": []})));
    }
    let mut connection = store::read(sandbox.db()).await?;
    let (fields, properties) = schema(of_key(&mut connection, location_id, &key).await?);
    let mut answer = object!({"object": fields, "cache": false});
    if params.is_set("fetchProperties")
        && let Some(answer) = answer.as_object_mut()
    {
        answer.insert("fields".to_owned(), properties);
    }
    Ok(json(answer))
}

/// A location's object of a key or id.
///
/// # Errors
/// 404 in the vendor's words (seen live by others, 2026-09-29).
pub(crate) async fn of_key(connection: &mut Connection, location_id: &str, key: &str) -> Result<Record, Refusal> {
    let all = documents::list(connection, location_id, KIND).await?;
    let found = all.into_iter().find(|record| record.id == key || record.text("key") == Some(key));
    found.ok_or_else(|| Refusal::not_found(format!("Custom Object ({key}) not found")))
}

/// An object in answers, and its properties apart.
fn schema(record: Record) -> (Map<String, Value>, Value) {
    let (added, updated) = (iso(record.added_at_ms), iso(record.updated_at_ms));
    let mut fields = record.with_id("id");
    let properties = fields.remove("fields").unwrap_or_default();
    for (name, value) in [
        ("standard", Value::Bool(false)),
        ("type", "USER_DEFINED".into()),
        ("dateAdded", added.into()),
        ("dateUpdated", updated.into()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    (fields, properties)
}

fn standard(location_id: &str, (key, singular, plural): &(&str, &str, &str)) -> Value {
    object!({
        "id": ids::named(&format!("object/{key}")), "standard": true, "key": key, "locationId": location_id,
        "labels": {"singular": singular, "plural": plural}, "primaryDisplayProperty": format!("{key}.name"),
        "description": "", "dateAdded": iso(0), "dateUpdated": iso(0), "type": "SYSTEM_DEFINED",
    })
}
