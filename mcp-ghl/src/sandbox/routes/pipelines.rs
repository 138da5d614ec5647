//! Pipelines with their stages, and the reasons for losing.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store;
use crate::sandbox::wire::opportunity::{LostReasonAnswer, PipelineAnswer};

/// Page size of the lost reasons. Ours: the vendor names none.
const LOST_REASONS_LIMIT: u32 = 100;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/opportunities/pipelines", get(list)).route("/opportunities/lost-reason", get(lost_reasons))
}

#[derive(Debug, Serialize)]
struct Pipelines {
    pipelines: Vec<PipelineAnswer>,
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let stages = store::pipelines::list_stages(&mut connection, location_id).await?;
    let pipelines = store::pipelines::list(&mut connection, location_id).await?;
    let pipelines =
        pipelines.into_iter().map(|pipeline| PipelineAnswer::new(pipeline, &stages, call.generation)).collect();
    Ok(json(Pipelines { pipelines }))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LostReasons {
    lost_reasons: Vec<LostReasonAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
}

async fn lost_reasons(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = params.limit(LOST_REASONS_LIMIT, LOST_REASONS_LIMIT)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut reasons = store::pipelines::list_lost_reasons(&mut connection, location_id).await?;
    if params.is_set("deleted") {
        // None was ever deleted: no operation does that.
        reasons.clear();
    }
    if let Some(name) = params.text("name") {
        reasons.retain(|reason| reason.name == name);
    }
    if let Some(text) = params.text("query").map(str::to_lowercase) {
        reasons.retain(|reason| reason.name.to_lowercase().contains(&text));
    }
    let total = params.is_set("getCount").then_some(reasons.len());
    let page = reasons.into_iter().skip(skip).take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(json(LostReasons { lost_reasons: page.map(LostReasonAnswer::from).collect(), total }))
}
