//! `/contacts/bulk/tags/update/{add|remove}`: tags of many contacts at once, with a word about each.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::post;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, created};
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::contact_body::normal_tags;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/contacts/bulk/tags/update/{kind}", post(update))
}

/// What a request wants done to every contact.
struct Order {
    is_add: bool,
    contacts: Vec<String>,
    tags: Vec<String>,
    location_id: String,
    removes_all: bool,
}

/// The specification says that these are texts; its example shows what they are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    contact_id: String,
    message: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags_added: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags_removed: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    succeded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
    error_count: usize,
    responses: Vec<Done>,
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(kind): Path<String>,
    bytes: Bytes,
) -> Answer {
    let order = Order::read(&kind, &bytes)?;
    call.grant.require_location(&order.location_id)?;
    let mut tx = sandbox.begin().await?;
    let mut responses = Vec::with_capacity(order.contacts.len());
    for id in &order.contacts {
        responses.push(order.carry_out(&mut tx, id, sandbox.now_ms()).await?);
    }
    if order.is_add {
        store::tags::ensure(&mut tx, &order.location_id, &order.tags).await?;
    }
    store::commit(tx).await?;
    let error_count = responses.iter().filter(|done| done.kind == "error").count();
    let succeeded = match call.generation {
        Generation::V2 => None,
        Generation::V3 => Some(true),
    };
    Ok(created(Report { succeded: true, succeeded, error_count, responses }))
}

impl Order {
    fn read(kind: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        let mut body = Body::parse(bytes)?;
        if !matches!(kind, "add" | "remove") {
            body.fault("type", "must be one of the following values: add, remove");
        }
        let contacts = body.texts("contacts").unwrap_or_default();
        if contacts.is_empty() {
            body.fault("contacts", "should not be empty");
        }
        let removes_all = body.flag("removeAllTags") == Some(true);
        let tags = normal_tags(&body.texts("tags").unwrap_or_default());
        if tags.is_empty() && !removes_all {
            body.fault("tags", "should not be empty");
        }
        let location_id = body.required_text("locationId");
        body.finish()?;
        Ok(Self { is_add: kind == "add", contacts, tags, location_id, removes_all })
    }

    async fn carry_out(&self, connection: &mut Connection, id: &str, now_ms: i64) -> Result<Done, Refusal> {
        let refused = |message| Done {
            contact_id: id.to_owned(),
            message,
            kind: "error",
            old_tags: None,
            tags_added: None,
            tags_removed: None,
        };
        let Some(mut contact) = store::contacts::find(&mut *connection, id).await? else {
            return Ok(refused("contact is deleted"));
        };
        if contact.location_id != self.location_id {
            return Ok(refused("contact does not belong to the location"));
        }
        let old = contact.tags.0.clone();
        if self.is_add {
            contact.tags.0.extend(self.tags.iter().filter(|tag| !old.contains(tag)).cloned());
        } else {
            contact.tags.0.retain(|tag| !self.removes_all && !self.tags.contains(tag));
        }
        contact.updated_at_ms = now_ms;
        store::contacts::save(connection, &contact).await?;
        let added = contact.tags.0.iter().filter(|tag| !old.contains(tag)).cloned().collect();
        let removed = old.iter().filter(|tag| !contact.tags.0.contains(tag)).cloned().collect();
        Ok(Done {
            contact_id: contact.id,
            message: "Tags updated",
            kind: "success",
            old_tags: Some(old),
            tags_added: Some(added),
            tags_removed: Some(removed),
        })
    }
}
