//! Tasks on a contact.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, put};
use common::clock::UnixMillis;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::users::require_user;
use crate::sandbox::routes::{Answer, CallOf, Succeeded, contact_of, created, json};
use crate::sandbox::store::tasks::Task;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::wire::task::TaskAnswer;
use crate::sandbox::{ids, instants};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/contacts/{contact_id}/tasks", get(list).post(create))
        .route("/contacts/{contact_id}/tasks/{id}", get(show).put(update).delete(delete))
        .route("/contacts/{contact_id}/tasks/{id}/completed", put(complete))
}

#[derive(Debug, Serialize)]
struct One {
    task: TaskAnswer,
}

#[derive(Debug, Serialize)]
struct Many {
    tasks: Vec<TaskAnswer>,
}

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(contact_id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let contact = contact_of(&mut connection, &call, &contact_id).await?;
    let tasks = store::tasks::list(&mut connection, &contact.location_id, &contact.id).await?;
    Ok(json(Many { tasks: tasks.into_iter().map(TaskAnswer::from).collect() }))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(contact_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let mut task = Task {
        location_id: String::new(),
        id: ids::fresh(),
        contact_id,
        title: body.required_text("title"),
        body: body.text("body"),
        due_at_ms: 0,
        assigned_to: body.text("assignedTo"),
        is_completed: 0,
        added_at_ms: sandbox.now_ms(),
    };
    match due(&mut body) {
        Some(due_at_ms) => task.due_at_ms = due_at_ms,
        None => body.fault("dueDate", "must be a valid ISO 8601 date string"),
    }
    match body.flag("completed") {
        Some(is_completed) => task.is_completed = i64::from(is_completed),
        None => body.fault("completed", "must be a boolean value"),
    }
    body.finish()?;

    let mut tx = sandbox.begin().await?;
    task.location_id = contact_of(&mut tx, &call, &task.contact_id).await?.location_id;
    if let Some(user_id) = &task.assigned_to {
        require_user(&mut tx, &call, user_id).await?;
    }
    store::tasks::save(&mut tx, &task).await?;
    store::commit(tx).await?;
    Ok(created(One { task: task.into() }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let task = task_of(&mut connection, &call, ids).await?;
    Ok(json(One { task: task.into() }))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let mut task = task_of(&mut tx, &call, ids).await?;
    let mut body = Body::parse(&bytes)?;
    if let Some(title) = body.text("title") {
        task.title = title;
    }
    // Whether the vendor empties a task's text and user so is not documented; other records' fields are.
    body.nullable_text("body").apply(&mut task.body);
    body.nullable_text("assignedTo").apply(&mut task.assigned_to);
    task.due_at_ms = due(&mut body).unwrap_or(task.due_at_ms);
    task.is_completed = body.flag("completed").map_or(task.is_completed, i64::from);
    body.finish()?;
    if let Some(user_id) = &task.assigned_to {
        require_user(&mut tx, &call, user_id).await?;
    }
    store::tasks::save(&mut tx, &task).await?;
    store::commit(tx).await?;
    Ok(json(One { task: task.into() }))
}

async fn complete(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let is_completed = body.flag("completed");
    if is_completed.is_none() {
        body.fault("completed", "must be a boolean value");
    }
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let mut task = task_of(&mut tx, &call, ids).await?;
    task.is_completed = i64::from(is_completed == Some(true));
    store::tasks::save(&mut tx, &task).await?;
    store::commit(tx).await?;
    Ok(json(One { task: task.into() }))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let task = task_of(&mut tx, &call, ids).await?;
    store::tasks::delete(&mut tx, &task.location_id, &task.id).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

fn due(body: &mut Body) -> Option<UnixMillis> {
    let text = body.text("dueDate")?;
    let instant_ms = instants::parse(&text);
    if instant_ms.is_none() {
        body.fault("dueDate", "must be a valid ISO 8601 date string");
    }
    instant_ms
}

async fn task_of(
    connection: &mut Connection,
    call: &Call,
    (contact_id, id): (String, String),
) -> Result<Task, Refusal> {
    let contact = contact_of(&mut *connection, call, &contact_id).await?;
    let task = store::tasks::find(connection, &contact.id, &id).await?;
    task.ok_or_else(|| Refusal::no_such("Task", &id))
}
