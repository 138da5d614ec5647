//! Notes on a contact.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::get;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, Succeeded, contact_of, created, json};
use crate::sandbox::store::notes::Note;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::wire::note::NoteAnswer;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/contacts/{contact_id}/notes", get(list).post(create))
        .route("/contacts/{contact_id}/notes/{id}", get(show).put(update).delete(delete))
}

#[derive(Debug, Serialize)]
struct One {
    note: NoteAnswer,
}

#[derive(Debug, Serialize)]
struct Many {
    notes: Vec<NoteAnswer>,
}

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(contact_id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let contact = contact_of(&mut connection, &call, &contact_id).await?;
    let notes = store::notes::list(&mut connection, &contact.location_id, &contact.id).await?;
    Ok(json(Many { notes: notes.into_iter().map(NoteAnswer::from).collect() }))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(contact_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let mut note = Note {
        location_id: String::new(),
        id: ids::fresh(),
        contact_id,
        user_id: None,
        title: None,
        body: body.required_text("body"),
        color: None,
        is_pinned: 0,
        added_at_ms: sandbox.now_ms(),
    };
    read_optional(&mut body, &mut note);
    body.finish()?;

    let mut tx = sandbox.begin().await?;
    note.location_id = contact_of(&mut tx, &call, &note.contact_id).await?.location_id;
    store::notes::save(&mut tx, &note).await?;
    store::commit(tx).await?;
    Ok(created(One { note: note.into() }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let note = note_of(&mut connection, &call, ids).await?;
    Ok(json(One { note: note.into() }))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let mut tx = sandbox.begin().await?;
    let mut note = note_of(&mut tx, &call, ids).await?;
    let mut body = Body::parse(&bytes)?;
    if let Some(text) = body.text("body") {
        note.body = text;
    }
    read_optional(&mut body, &mut note);
    body.finish()?;
    store::notes::save(&mut tx, &note).await?;
    store::commit(tx).await?;
    Ok(json(One { note: note.into() }))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let note = note_of(&mut tx, &call, ids).await?;
    store::notes::delete(&mut tx, &note.location_id, &note.id).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

fn read_optional(body: &mut Body, note: &mut Note) {
    note.user_id = body.text("userId").or(note.user_id.take());
    note.title = body.text("title").or(note.title.take());
    note.color = body.text("color").or(note.color.take());
    note.is_pinned = body.flag("pinned").map_or(note.is_pinned, i64::from);
}

async fn note_of(
    connection: &mut Connection,
    call: &Call,
    (contact_id, id): (String, String),
) -> Result<Note, Refusal> {
    let contact = contact_of(&mut *connection, call, &contact_id).await?;
    let note = store::notes::find(connection, &contact.id, &id).await?;
    note.ok_or_else(|| Refusal::no_such("Note", &id))
}
