//! `/locations/{id}/tasks/search`: the tasks of all contacts of a location.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::post;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::routes::{Answer, CallOf, json};
use crate::sandbox::store;
use crate::sandbox::store::tasks::Wanted;
use crate::sandbox::wire::task::TaskAnswer;

/// The vendor's default page size (its specification).
const LIMIT: u32 = 25;

/// Largest page. Ours: the vendor names none.
const LIMIT_MAX: u32 = 100;

/// Furthest that a list can be skipped. Ours.
const SKIP_MAX: u64 = 1_000_000;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/locations/{location_id}/tasks/search", post(search))
}

/// A list of objects, which the specification's generator takes for a list of lists.
#[derive(Debug, Serialize)]
struct Many {
    tasks: Vec<TaskAnswer>,
}

async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let skip = match body.raw("skip").map(|skip| skip.as_u64()) {
        None => 0,
        Some(Some(skip)) if skip <= SKIP_MAX => skip,
        Some(_) => {
            body.fault("skip", "must not be less than 0");
            0
        }
    };
    let wanted = Wanted {
        contact_ids: body.texts("contactId"),
        owner_ids: body.texts("assignedTo"),
        is_completed: body.flag("completed"),
        text: body.text("query").filter(|text| !text.is_empty()),
        limit: body.count("limit", LIMIT_MAX).unwrap_or(LIMIT),
        skip,
    };
    // Contacts of the demo belong to no business record.
    body.text("businessId");
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let tasks = store::tasks::search(&mut connection, &location_id, &wanted).await?;
    Ok(json(Many { tasks: tasks.into_iter().map(TaskAnswer::from).collect() }))
}
