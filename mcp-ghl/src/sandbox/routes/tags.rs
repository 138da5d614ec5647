//! Tags on a contact, and the tags a location knows.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::{Answer, CallOf, Succeeded, contact_of, created, json};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::tags::Tag;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::wire::contact_body::normal_tags;
use crate::sandbox::wire::location::TagAnswer;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/contacts/{contact_id}/tags", post(add).delete(remove))
        .route("/locations/{location_id}/tags", get(list).post(create))
        .route("/locations/{location_id}/tags/{tag_id}", get(show).put(rename).delete(delete))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    tags: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    tag: TagAnswer,
}

#[derive(Debug, Serialize)]
struct Many {
    tags: Vec<TagAnswer>,
}

async fn add(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(contact_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let named = named_tags(&bytes)?;
    let mut tx = sandbox.begin().await?;
    let mut contact = contact_of(&mut tx, &call, &contact_id).await?;
    for tag in named {
        if !contact.tags.0.contains(&tag) {
            contact.tags.0.push(tag);
        }
    }
    store::tags::ensure(&mut tx, &contact.location_id, &contact.tags.0).await?;
    save(&mut tx, &mut contact, &sandbox).await?;
    store::commit(tx).await?;
    Ok(created(Names { tags: contact.tags.0 }))
}

/// A delete with a JSON body, which is required.
async fn remove(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(contact_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let named = named_tags(&bytes)?;
    let mut tx = sandbox.begin().await?;
    let mut contact = contact_of(&mut tx, &call, &contact_id).await?;
    contact.tags.0.retain(|tag| !named.contains(tag));
    save(&mut tx, &mut contact, &sandbox).await?;
    store::commit(tx).await?;
    Ok(json(Names { tags: contact.tags.0 }))
}

async fn save(connection: &mut Connection, contact: &mut Contact, sandbox: &Sandbox) -> Result<(), Refusal> {
    contact.updated_at_ms = sandbox.now_ms();
    Ok(store::contacts::save(connection, contact).await?)
}

fn named_tags(bytes: &[u8]) -> Result<Vec<String>, Refusal> {
    let mut body = Body::parse(bytes)?;
    let tags = body.texts("tags");
    if tags.as_ref().is_none_or(Vec::is_empty) {
        body.fault("tags", "should not be empty");
    }
    body.finish()?;
    Ok(normal_tags(&tags.unwrap_or_default()))
}

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(location_id): Path<String>) -> Answer {
    call.grant.require_location(&location_id)?;
    let mut connection = store::read(sandbox.db()).await?;
    let tags = store::tags::list(&mut connection, &location_id).await?;
    Ok(json(Many { tags: tags.into_iter().map(TagAnswer::from).collect() }))
}

async fn create(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let name = tag_name(&bytes)?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let tag = Tag { location_id, id: ids::fresh(), name };
    refuse_taken_name(&mut tx, &tag).await?;
    store::tags::insert(&mut tx, &tag).await?;
    store::commit(tx).await?;
    Ok(json(One { tag: tag.into() }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let tag = tag_of(&mut connection, &call, ids).await?;
    Ok(json(One { tag: tag.into() }))
}

/// Renames it on every contact too.
async fn rename(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(ids): Path<(String, String)>,
    bytes: Bytes,
) -> Answer {
    let name = tag_name(&bytes)?;
    let mut tx = sandbox.begin().await?;
    let mut tag = tag_of(&mut tx, &call, ids).await?;
    if tag.name != name {
        let old = std::mem::replace(&mut tag.name, name);
        refuse_taken_name(&mut tx, &tag).await?;
        store::tags::rename(&mut tx, &tag).await?;
        store::contacts::replace_tag(&mut tx, &tag.location_id, &old, Some(&tag.name)).await?;
    }
    store::commit(tx).await?;
    Ok(json(One { tag: tag.into() }))
}

/// Takes it off every contact too.
async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(ids): Path<(String, String)>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let tag = tag_of(&mut tx, &call, ids).await?;
    store::tags::delete(&mut tx, &tag.location_id, &tag.id).await?;
    store::contacts::replace_tag(&mut tx, &tag.location_id, &tag.name, None).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

async fn tag_of(
    connection: &mut Connection,
    call: &Call,
    (location_id, tag_id): (String, String),
) -> Result<Tag, Refusal> {
    call.grant.require_location(&location_id)?;
    let tag = store::tags::find(connection, &location_id, &tag_id).await?;
    tag.ok_or_else(|| Refusal::no_such("Tag", &tag_id))
}

async fn refuse_taken_name(connection: &mut Connection, tag: &Tag) -> Result<(), Refusal> {
    match store::tags::find_by_name(connection, &tag.location_id, &tag.name).await? {
        Some(_) => Err(Refusal::bad_request("The tag name is already exist.")),
        None => Ok(()),
    }
}

fn tag_name(bytes: &[u8]) -> Result<String, Refusal> {
    let mut body = Body::parse(bytes)?;
    let name = body.required_text("name").trim().to_lowercase();
    body.finish()?;
    Ok(name)
}
