//! Records of families without a handler: what is made stays, under the path of its collection.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::invent::Inventor;
use crate::catalogue::{Operation, Shape};
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Document};
use crate::sandbox::{Sandbox, ids, routes};
use common::audit::Access;
use http::Method;

/// Marks what was taken away: an id that was never there answers from its shape, one that is gone does not.
const GONE: &str = "__gone";

/// Collections that handlers read: what is made in them is kept as the handlers keep it.
const HANDLED: &[(&str, &str)] = &[
    ("/associations", routes::associations::KIND.name),
    ("/invoices", routes::invoices::KIND.name),
    ("/products", routes::products::KIND.name),
    ("/products/{}/price", routes::products::PRICE.name),
];

/// What an operation does with the records of its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Make,
    List,
    Show,
    Change,
    Forget,
    /// Something else.
    Other,
}

/// A kind of record, and where an operation stands to it.
#[derive(Debug)]
struct Family {
    role: Role,
    kind: String,
    /// Whether handlers read it: they know no mark of what is gone, and no record that was never made.
    is_handled: bool,
    parent_id: String,
    own_id: Option<String>,
}

impl Family {
    fn of(asked: &Asked<'_>) -> Self {
        let operation = asked.operation;
        let ends_with_id = operation.path.ends_with('}');
        let mut ids: Vec<&str> = asked.ids.iter().map(|(_, id)| id.as_str()).collect();
        let own_id = if ends_with_id { ids.pop().map(str::to_owned) } else { None };
        let parts = operation.path.trim_end_matches('/').split('/');
        let mut parts: Vec<&str> = parts.map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
        if ends_with_id {
            parts.pop();
        }
        let collection = parts.join("/");
        let handled = HANDLED.iter().find(|(path, _)| *path == collection);
        Self {
            role: role(operation, ends_with_id),
            is_handled: handled.is_some(),
            kind: handled.map_or(collection, |(_, kind)| (*kind).to_owned()),
            parent_id: ids.join("/"),
            own_id,
        }
    }
}

fn role(operation: &Operation, ends_with_id: bool) -> Role {
    match (&operation.method, ends_with_id, operation.access) {
        (&Method::GET, true, _) => Role::Show,
        (&Method::GET, false, _) => Role::List,
        (&Method::PUT | &Method::PATCH, true, _) => Role::Change,
        (&Method::DELETE, true, _) => Role::Forget,
        (&Method::POST, false, Access::Write | Access::Send | Access::Spend) => Role::Make,
        _ => Role::Other,
    }
}

/// The answer, after the family's records have been read or changed. An agency's records are not kept.
pub(super) async fn answer(sandbox: &Sandbox, asked: &Asked<'_>) -> Result<Value, Refusal> {
    let empty = Shape::open_object();
    let shape = asked.operation.answer.as_ref().unwrap_or(&empty);
    let family = Family::of(asked);
    let (role, location_id) = match asked.grant.location_id() {
        Some(location_id) => (family.role, location_id),
        None => (Role::Other, ""),
    };
    match (role, &family.own_id) {
        (Role::Make, _) => make(sandbox, asked, &family, shape).await,
        (Role::List, _) => list(sandbox, asked, &family, shape).await,
        (Role::Show, Some(id)) => {
            let mut connection = store::read(sandbox.db()).await?;
            let record = find(&mut connection, &family, location_id, id).await?;
            Ok(Inventor::new(asked, None).answer(shape, record.map(source).as_ref()))
        }
        (Role::Change, Some(id)) => change(sandbox, asked, &family, shape, id).await,
        (Role::Forget, Some(id)) => {
            let mut tx = sandbox.begin().await?;
            let found = find(&mut tx, &family, location_id, id).await?;
            if family.is_handled {
                documents::delete(&mut tx, location_id, &family.kind, id).await?;
            } else {
                let mut gone = found.unwrap_or_else(|| blank(sandbox, &family, location_id, id));
                gone.body.0 = Map::from_iter([(GONE.to_owned(), Value::Bool(true))]);
                documents::save(&mut tx, &gone).await?;
            }
            store::commit(tx).await?;
            Ok(Inventor::new(asked, None).answer(shape, None))
        }
        _ => {
            let records = asked.is_behind_first_page().then(Vec::new);
            Ok(Inventor::new(asked, records).answer(shape, Some(&asked.body)))
        }
    }
}

/// Keeps the record that the answer shows, with what else was asked, under an id nobody has.
async fn make(sandbox: &Sandbox, asked: &Asked<'_>, family: &Family, shape: &Shape) -> Result<Value, Refusal> {
    let mut answer = Inventor::new(asked, None).answer(shape, Some(&asked.body));
    let Some(shown) = record_in(&mut answer, 0) else { return Ok(answer) };
    let id = ids::fresh();
    for name in ["id", "_id"] {
        if let Some(own) = shown.get_mut(name) {
            *own = Value::from(id.as_str());
        }
    }
    let mut fields = asked.body.as_object().cloned().unwrap_or_default();
    fields.extend(shown.clone());
    let mut record = blank(sandbox, family, asked.grant.location_id().unwrap_or_default(), &id);
    record.body = Document(fields);
    let mut tx = sandbox.begin().await?;
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(answer)
}

async fn list(sandbox: &Sandbox, asked: &Asked<'_>, family: &Family, shape: &Shape) -> Result<Value, Refusal> {
    let mut connection = store::read(sandbox.db()).await?;
    let location_id = asked.grant.location_id().unwrap_or_default();
    let kept = documents::list_under(&mut connection, location_id, &family.kind, &family.parent_id).await?;
    let records = if asked.is_behind_first_page() {
        Some(Vec::new())
    } else if kept.is_empty() {
        None
    } else {
        Some(kept.into_iter().filter(|record| !is_gone(record)).map(source).collect())
    };
    let count = records.as_ref().map(Vec::len);
    let mut answer = Inventor::new(asked, records).answer(shape, None);
    if let (Some(count), Some(fields)) = (count, answer.as_object_mut()) {
        for name in ["total", "count", "totalCount"] {
            if let Some(number) = fields.get_mut(name).filter(|value| value.is_number()) {
                *number = count.into();
            }
        }
    }
    Ok(answer)
}

async fn change(
    sandbox: &Sandbox,
    asked: &Asked<'_>,
    family: &Family,
    shape: &Shape,
    id: &str,
) -> Result<Value, Refusal> {
    let location_id = asked.grant.location_id().unwrap_or_default();
    let mut tx = sandbox.begin().await?;
    let found = find(&mut tx, family, location_id, id).await?;
    let mut record = found.unwrap_or_else(|| blank(sandbox, family, location_id, id));
    record.body.0.extend(asked.body.as_object().cloned().unwrap_or_default());
    record.updated_at_ms = sandbox.now_ms();
    documents::save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(Inventor::new(asked, None).answer(shape, Some(&source(record))))
}

/// The record of an id, if it is there; refuses what is gone or another location's.
async fn find(
    connection: &mut store::Connection,
    family: &Family,
    location_id: &str,
    id: &str,
) -> Result<Option<Record>, Refusal> {
    let Some(record) = documents::find(connection, &family.kind, id).await? else {
        return if family.is_handled { Err(Refusal::no_such("Record", id)) } else { Ok(None) };
    };
    if record.location_id != location_id {
        return Err(Refusal::other_location());
    }
    if is_gone(&record) {
        return Err(Refusal::no_such("Record", id));
    }
    Ok(Some(record))
}

fn is_gone(record: &Record) -> bool {
    record.body.0.contains_key(GONE)
}

fn blank(sandbox: &Sandbox, family: &Family, location_id: &str, id: &str) -> Record {
    let now_ms = sandbox.now_ms();
    Record {
        location_id: location_id.to_owned(),
        kind: family.kind.clone(),
        id: id.to_owned(),
        parent_id: family.parent_id.clone(),
        body: Document(Map::new()),
        added_at_ms: now_ms,
        updated_at_ms: now_ms,
    }
}

/// A record as answers are made from it, under both names that the vendor gives ids.
fn source(record: Record) -> Value {
    let mut fields = record.body.0;
    for name in ["id", "_id"] {
        fields.insert(name.to_owned(), Value::from(record.id.as_str()));
    }
    Value::Object(fields)
}

/// The object with an id in an answer: itself, or one inside of wrappers.
fn record_in(answer: &mut Value, depth: u32) -> Option<&mut Map<String, Value>> {
    let fields = answer.as_object_mut()?;
    if fields.contains_key("id") || fields.contains_key("_id") {
        return Some(fields);
    }
    if depth == 2 {
        return None;
    }
    fields.values_mut().find_map(|inner| record_in(inner, depth + 1))
}
