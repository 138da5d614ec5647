//! `/opportunities/…`: one opportunity at a time.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, contact_of, created, json};
use crate::sandbox::store::opportunities::{Card, Opportunity};
use crate::sandbox::store::pipelines::Stage;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::opportunity::OpportunityAnswer;
use crate::sandbox::wire::opportunity_body::OpportunityPatch;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/opportunities/", post(create))
        .route("/opportunities/upsert", post(upsert))
        .route("/opportunities/{id}", get(show).put(update).delete(delete))
        .route("/opportunities/{id}/status", put(set_status))
}

#[derive(Debug, Serialize)]
struct One {
    opportunity: OpportunityAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
}

impl One {
    fn new(card: Card, call: &Call) -> Self {
        Self { opportunity: OpportunityAnswer::new(card, call.generation), new: None }
    }
}

/// v3 added `success`; both misspell the other.
#[derive(Debug, Serialize)]
struct Succeeded {
    succeded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
}

fn succeeded(call: &Call) -> Response {
    let success = match call.generation {
        Generation::V2 => None,
        Generation::V3 => Some(true),
    };
    json(Succeeded { succeded: true, success })
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let contact_id = body.required_text("contactId");
    let patch = OpportunityPatch::read(&mut body, call.generation).with_custom_values(&mut body, call.generation);
    let required = [("pipelineId", &patch.pipeline_id), ("name", &patch.name), ("status", &patch.status)];
    for (name, _) in required.iter().filter(|(_, value)| value.as_ref().is_none_or(String::is_empty)) {
        body.fault(name, "should not be empty");
    }
    body.finish()?;
    call.grant.require_location(&location_id)?;

    let mut tx = sandbox.begin().await?;
    let pipeline_id = patch.pipeline_id.clone().unwrap_or_default();
    if let Some(twin) = twin(&mut tx, &location_id, &pipeline_id, &contact_id).await? {
        return Err(Refusal::duplicate_opportunity(&twin.opportunity.id));
    }
    let opportunity = blank(&mut tx, &call, location_id, &contact_id, &sandbox).await?;
    let card = write(&mut tx, opportunity, patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(created(One::new(card, &call)))
}

/// Finds by id, else the contact's opportunity in the pipeline, else creates.
async fn upsert(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let id = body.text("id");
    let contact_id = body.text("contactId");
    let patch = OpportunityPatch::read(&mut body, call.generation).with_lost_reason(&mut body);
    if patch.pipeline_id.as_ref().is_none_or(String::is_empty) {
        body.fault("pipelineId", "should not be empty");
    }
    // Followers are checked and then dropped: the emulator keeps none.
    body.texts("followers");
    body.flag("isRemoveAllFollowers");
    body.choice("followersActionType", &["add", "remove"]);
    if id.is_none() && contact_id.is_none() {
        body.fault("contactId", "should not be empty");
    }
    body.finish()?;
    call.grant.require_location(&location_id)?;

    let mut tx = sandbox.begin().await?;
    let contact_id = contact_id.unwrap_or_default();
    let pipeline_id = patch.pipeline_id.clone().unwrap_or_default();
    let found = match id {
        Some(id) => Some(card_of(&mut tx, &call, &id).await?),
        None => store::opportunities::find_in_pipeline(&mut tx, &location_id, &pipeline_id, &contact_id).await?,
    };
    let is_new = found.is_none();
    let opportunity = match found {
        Some(card) => card.opportunity,
        None => blank(&mut tx, &call, location_id, &contact_id, &sandbox).await?,
    };
    let card = write(&mut tx, opportunity, patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(json(One { new: Some(is_new), ..One::new(card, &call) }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let card = card_of(&mut connection, &call, &id).await?;
    Ok(json(One::new(card, &call)))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let patch = OpportunityPatch::read(&mut body, call.generation).with_custom_values(&mut body, call.generation);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let card = card_of(&mut tx, &call, &id).await?;
    let card = write(&mut tx, card.opportunity, patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(json(One::new(card, &call)))
}

async fn set_status(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let patch = OpportunityPatch::read_status(&mut body);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let card = card_of(&mut tx, &call, &id).await?;
    write(&mut tx, card.opportunity, patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(succeeded(&call))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let card = card_of(&mut tx, &call, &id).await?;
    store::opportunities::delete(&mut tx, &card.opportunity.location_id, &card.opportunity.id).await?;
    store::commit(tx).await?;
    Ok(succeeded(&call))
}

async fn card_of(connection: &mut Connection, call: &Call, id: &str) -> Result<Card, Refusal> {
    let card = store::opportunities::find(connection, id).await?.ok_or_else(|| Refusal::no_such("Opportunity", id))?;
    call.grant.require_location(&card.opportunity.location_id)?;
    Ok(card)
}

/// What stands in the way of a new opportunity in a location that allows one per contact and pipeline.
async fn twin(
    connection: &mut Connection,
    location_id: &str,
    pipeline_id: &str,
    contact_id: &str,
) -> Result<Option<Card>, Refusal> {
    let location = store::locations::find(&mut *connection, location_id).await?;
    if location.is_none_or(|location| location.allows_duplicate_opportunity != 0) {
        return Ok(None);
    }
    Ok(store::opportunities::find_in_pipeline(connection, location_id, pipeline_id, contact_id).await?)
}

/// An open opportunity named after its contact, in no stage yet.
async fn blank(
    connection: &mut Connection,
    call: &Call,
    location_id: String,
    contact_id: &str,
    sandbox: &Sandbox,
) -> Result<Opportunity, Refusal> {
    let contact = contact_of(connection, call, contact_id).await?;
    let now_ms = sandbox.now_ms();
    Ok(Opportunity {
        location_id,
        id: ids::fresh(),
        name: contact.name(),
        contact_id: contact.id,
        status: "open".to_owned(),
        source: contact.source,
        status_changed_at_ms: now_ms,
        stage_changed_at_ms: now_ms,
        created_at_ms: now_ms,
        ..Opportunity::default()
    })
}

async fn write(
    connection: &mut Connection,
    mut opportunity: Opportunity,
    mut patch: OpportunityPatch,
    sandbox: &Sandbox,
) -> Result<Card, Refusal> {
    let stages = store::pipelines::list_stages(&mut *connection, &opportunity.location_id).await?;
    let stage = target_stage(&stages, &opportunity, &patch)?;
    patch.pipeline_id = Some(stage.pipeline_id.clone());
    patch.stage_id = Some(stage.id.clone());
    let fields = store::custom_fields::list(&mut *connection, &opportunity.location_id).await?;
    patch.apply(&mut opportunity, &fields, sandbox.now_ms())?;
    store::opportunities::save(&mut *connection, &opportunity).await?;
    let card = store::opportunities::find(connection, &opportunity.id).await?;
    card.ok_or_else(|| Refusal::no_such("Opportunity", &opportunity.id))
}

/// The named stage, else where it stands if the pipeline stays, else the first stage of the pipeline.
fn target_stage<'a>(
    stages: &'a [Stage],
    opportunity: &Opportunity,
    patch: &OpportunityPatch,
) -> Result<&'a Stage, Refusal> {
    let pipeline_id = patch.pipeline_id.as_deref();
    if let Some(stage_id) = &patch.stage_id {
        let stage = stages.iter().find(|stage| stage.id == *stage_id);
        return stage
            .filter(|stage| pipeline_id.is_none_or(|pipeline_id| stage.pipeline_id == pipeline_id))
            .ok_or_else(|| Refusal::no_such("Pipeline stage", stage_id));
    }
    let pipeline_id = pipeline_id.unwrap_or(&opportunity.pipeline_id);
    let wanted = |stage: &&Stage| stage.pipeline_id == pipeline_id;
    let present = stages.iter().filter(wanted).find(|stage| stage.id == opportunity.stage_id);
    let first = stages.iter().filter(wanted).min_by_key(|stage| stage.position);
    present.or(first).ok_or_else(|| Refusal::no_such("Pipeline", pipeline_id))
}
