//! Workflows and campaigns: which there are, and who is in them. The vendor shows nobody's enrolments; the emulator keeps
//! them, and its levers show them.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{delete, get, post};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::documents::Kind;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, Succeeded, contact_of, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::{Sandbox, instants};

pub(crate) const WORKFLOW: Kind = Kind { name: "workflow", noun: "Workflow" };
pub(crate) const CAMPAIGN: Kind = Kind { name: "campaign", noun: "Campaign" };
/// Somebody in a workflow or campaign; hangs on the contact.
const ENROLMENT: &str = "enrolment";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/workflows/", get(workflows))
        .route("/campaigns/", get(campaigns))
        .route("/contacts/{contact_id}/workflow/{id}", post(add_to_workflow).delete(remove_from_workflow))
        .route("/contacts/{contact_id}/campaigns/{id}", post(add_to_campaign).delete(remove_from_campaign))
        .route("/contacts/{contact_id}/campaigns/remove-all", delete(remove_from_campaigns))
        .route("/contacts/{contact_id}/campaigns/removeAll", delete(remove_from_campaigns))
}

/// One person in one workflow or campaign, as the levers show it.
#[derive(Debug, Serialize)]
pub(crate) struct Enrolment {
    location_id: String,
    contact_id: String,
    /// `workflow` or `campaign`.
    kind: String,
    automation_id: String,
    /// When it begins, as it was asked for; absent if at once.
    starts_at: Option<String>,
}

/// Everybody who is in something, in one location.
pub(crate) async fn enrolments(connection: &mut Connection, location_id: &str) -> Result<Vec<Enrolment>, Refusal> {
    let records = documents::list(connection, location_id, ENROLMENT).await?;
    let text = |record: &Record, name: &str| record.text(name).map(str::to_owned);
    Ok(records
        .into_iter()
        .map(|record| Enrolment {
            kind: text(&record, "kind").unwrap_or_default(),
            automation_id: text(&record, "automationId").unwrap_or_default(),
            starts_at: text(&record, "eventStartTime"),
            location_id: record.location_id,
            contact_id: record.parent_id,
        })
        .collect())
}

async fn workflows(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let all = documents::list(&mut connection, location_id, WORKFLOW.name).await?;
    let all: Vec<Map<String, Value>> = all.into_iter().map(with_instants).collect();
    Ok(json(json!({"workflows": all})))
}

async fn campaigns(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut all = documents::list(&mut connection, location_id, CAMPAIGN.name).await?;
    if let Some(status) = params.text("status") {
        all.retain(|record| record.text("status") == Some(status));
    }
    let all: Vec<Map<String, Value>> = all.into_iter().map(Record::with_location).collect();
    Ok(json(json!({"campaigns": all})))
}

async fn add_to_workflow(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let starts_at = start_time(&bytes)?;
    add(&sandbox, &call, WORKFLOW, ids, starts_at).await?;
    Ok(json(Succeeded::new(&call)))
}

/// The only one of the two that answers 201.
async fn add_to_campaign(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    Body::parse(&bytes)?.finish()?;
    add(&sandbox, &call, CAMPAIGN, ids, None).await?;
    Ok(created(Succeeded::new(&call)))
}

async fn remove_from_workflow(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    start_time(&bytes)?;
    remove(&sandbox, &call, WORKFLOW, ids).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn remove_from_campaign(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
) -> Answer {
    remove(&sandbox, &call, CAMPAIGN, ids).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn remove_from_campaigns(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(contact_id): Path<String>,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, &call, &contact_id).await?;
    for record in documents::list_under(&mut tx, &contact.location_id, ENROLMENT, &contact.id).await? {
        if record.text("kind") == Some(CAMPAIGN.name) {
            documents::delete(&mut tx, &record.location_id, ENROLMENT, &record.id).await?;
        }
    }
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn add(
    sandbox: &Sandbox,
    call: &Call,
    kind: Kind,
    (contact_id, id): (String, String),
    starts_at: Option<String>,
) -> Result<(), Refusal> {
    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, call, &contact_id).await?;
    let automation = kind.of(&mut tx, call, &id).await?;
    let mut record = Kind { name: ENROLMENT, noun: "Enrolment" }.fresh(sandbox, &contact.location_id, Map::new());
    record.id = enrolment_id(&contact.id, &automation.id);
    record.parent_id = contact.id;
    record.set("kind", Some(kind.name));
    record.set("automationId", Some(automation.id));
    record.set("eventStartTime", starts_at);
    documents::save(&mut tx, &record).await?;
    Ok(store::commit(tx).await?)
}

/// Taking out who is not in changes nothing.
async fn remove(sandbox: &Sandbox, call: &Call, kind: Kind, (contact_id, id): (String, String)) -> Result<(), Refusal> {
    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, call, &contact_id).await?;
    let automation = kind.of(&mut tx, call, &id).await?;
    let enrolment_id = enrolment_id(&contact.id, &automation.id);
    documents::delete(&mut tx, &contact.location_id, ENROLMENT, &enrolment_id).await?;
    Ok(store::commit(tx).await?)
}

fn enrolment_id(contact_id: &str, automation_id: &str) -> String {
    format!("{contact_id}/{automation_id}")
}

fn start_time(bytes: &[u8]) -> Result<Option<String>, Refusal> {
    let mut body = Body::parse(bytes)?;
    let starts_at = body.text("eventStartTime");
    if starts_at.as_deref().is_some_and(|text| instants::parse(text).is_none()) {
        body.fault("eventStartTime", "must be a valid ISO 8601 date string");
    }
    body.finish()?;
    Ok(starts_at)
}

fn with_instants(record: Record) -> Map<String, Value> {
    let (added_at_ms, updated_at_ms) = (record.added_at_ms, record.updated_at_ms);
    let mut fields = record.with_location();
    fields.insert("createdAt".to_owned(), instants::iso(added_at_ms).into());
    fields.insert("updatedAt".to_owned(), instants::iso(updated_at_ms).into());
    fields
}
