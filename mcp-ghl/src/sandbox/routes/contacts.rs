//! `/contacts/…`: one contact at a time, with the vendor's rules about duplicates.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::{Body, Patch};
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::businesses::MEMBERSHIP;
use crate::sandbox::routes::{Answer, CallOf, Params, Succeeded, contact_of, contact_search, created, json};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::locations::Location;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::contact::ContactAnswer;
use crate::sandbox::wire::contact_body::{ContactPatch, normal_number};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/contacts/", post(create).get(contact_search::list))
        .route("/contacts/upsert", post(upsert))
        .route("/contacts/search/duplicate", get(find_duplicate))
        .route("/contacts/{contact_id}", get(show).put(update).delete(delete))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    succeded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
    contact: Option<ContactAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

impl One {
    fn new(contact: Option<Contact>, call: &Call) -> Self {
        let contact = contact.map(|contact| ContactAnswer::full(contact, call.generation));
        Self { new: None, succeded: None, succeeded: None, contact, trace_id: None }
    }
}

/// The contact that a location without duplicates already has, and by which field it was found.
struct Twin {
    contact: Contact,
    matching_field: &'static str,
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let patch = ContactPatch::read_new(&mut body, call.generation);
    body.finish()?;
    call.grant.require_location(&location_id)?;

    let mut tx = sandbox.begin().await?;
    let location = location_of(&mut tx, &location_id).await?;
    if location.allows_duplicate_contact == 0 {
        refuse_twin(twin(&mut tx, &location_id, &patch).await?, None)?;
    }
    let contact = write(&mut tx, blank(location, &sandbox), patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(created(One::new(Some(contact), &call)))
}

/// Matches by email first, then by phone. If both match, but different contacts, the phone is left alone
/// (description of `upsert-contact`).
async fn upsert(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let creates_duplicates = body.flag("createNewIfDuplicateAllowed") == Some(true);
    let mut patch = ContactPatch::read_new(&mut body, call.generation);
    body.finish()?;
    call.grant.require_location(&location_id)?;

    let mut tx = sandbox.begin().await?;
    let location = location_of(&mut tx, &location_id).await?;
    let twin = if creates_duplicates && location.allows_duplicate_contact != 0 {
        None
    } else {
        twin(&mut tx, &location_id, &patch).await?
    };
    let is_new = twin.is_none();
    let contact = match twin {
        Some(twin) => {
            if is_of_another(&mut tx, &twin.contact, &patch.phone).await? {
                patch.phone = Patch::Keep;
            }
            twin.contact
        }
        None => blank(location, &sandbox),
    };
    let contact = write(&mut tx, contact, patch, &sandbox).await?;
    store::commit(tx).await?;
    Ok(json(One { new: Some(is_new), trace_id: Some(ids::trace()), ..One::new(Some(contact), &call) }))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let contact = contact_of(&mut connection, &call, &id).await?;
    let membership = store::documents::find(&mut connection, MEMBERSHIP, &id).await?;
    let mut one = One::new(Some(contact), &call);
    if let Some(contact) = &mut one.contact {
        contact.business_id = membership.map(|membership| membership.parent_id);
    }
    Ok(json(one))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let patch = ContactPatch::read(&mut body, call.generation);
    body.finish()?;

    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, &call, &id).await?;
    let location = location_of(&mut tx, &contact.location_id).await?;
    if location.allows_duplicate_contact == 0 {
        refuse_twin(twin(&mut tx, &location.id, &patch).await?, Some(&id))?;
    }
    let contact = write(&mut tx, contact, patch, &sandbox).await?;
    store::commit(tx).await?;
    let mut answer = One::new(Some(contact), &call);
    match call.generation {
        Generation::V2 => answer.succeded = Some(true),
        Generation::V3 => answer.succeeded = Some(true),
    }
    Ok(json(answer))
}

async fn delete(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, &call, &id).await?;
    store::contacts::delete(&mut tx, &contact.location_id, &contact.id).await?;
    store::commit(tx).await?;
    Ok(json(Succeeded::new(&call)))
}

/// `contact` is null when there is none.
async fn find_duplicate(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut found = None;
    if let Some(email) = params.text("email") {
        found = store::contacts::find_by_email(&mut connection, location_id, email).await?;
    }
    if let (None, Some(number)) = (&found, params.text("number")) {
        found = store::contacts::find_by_phone(&mut connection, location_id, &normal_number(number)).await?;
    }
    Ok(json(One::new(found, &call)))
}

async fn location_of(connection: &mut Connection, id: &str) -> Result<Location, Refusal> {
    store::locations::find(connection, id).await?.ok_or_else(|| Refusal::no_such("Location", id))
}

async fn twin(connection: &mut Connection, location_id: &str, patch: &ContactPatch) -> Result<Option<Twin>, Refusal> {
    if let Some(email) = patch.email.value()
        && let Some(contact) = store::contacts::find_by_email(&mut *connection, location_id, email).await?
    {
        return Ok(Some(Twin { contact, matching_field: "email" }));
    }
    if let Some(phone) = patch.phone.value()
        && let Some(contact) = store::contacts::find_by_phone(&mut *connection, location_id, phone).await?
    {
        return Ok(Some(Twin { contact, matching_field: "phone" }));
    }
    Ok(None)
}

fn refuse_twin(twin: Option<Twin>, own_id: Option<&str>) -> Result<(), Refusal> {
    match twin {
        Some(Twin { contact, matching_field }) if Some(contact.id.as_str()) != own_id => {
            Err(Refusal::duplicate_contact(&contact.id, &contact.name(), matching_field))
        }
        Some(_) | None => Ok(()),
    }
}

async fn is_of_another(connection: &mut Connection, contact: &Contact, phone: &Patch<String>) -> Result<bool, Refusal> {
    let Some(phone) = phone.value() else { return Ok(false) };
    let holder = store::contacts::find_by_phone(connection, &contact.location_id, phone).await?;
    Ok(holder.is_some_and(|holder| holder.id != contact.id))
}

fn blank(location: Location, sandbox: &Sandbox) -> Contact {
    Contact {
        location_id: location.id,
        id: ids::fresh(),
        country: Some(location.country),
        added_at_ms: sandbox.now_ms(),
        ..Contact::default()
    }
}

async fn write(
    connection: &mut Connection,
    mut contact: Contact,
    patch: ContactPatch,
    sandbox: &Sandbox,
) -> Result<Contact, Refusal> {
    let fields = store::custom_fields::list(&mut *connection, &contact.location_id).await?;
    patch.apply(&mut contact, &fields, sandbox.now_ms())?;
    store::contacts::save(&mut *connection, &contact).await?;
    store::tags::ensure(connection, &contact.location_id, &contact.tags.0).await?;
    Ok(contact)
}
