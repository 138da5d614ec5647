//! The official paths, trailing slashes included, one file per noun.

pub(crate) mod affiliates;
mod appointment_changes;
mod appointments;
pub(crate) mod associations;
pub(crate) mod automation;
mod blocked_slots;
mod bulk_tags;
pub(crate) mod businesses;
mod calendars;
pub(crate) mod calls;
mod contact_search;
mod contacts;
mod conversation_changes;
mod conversations;
mod custom_fields;
pub(crate) mod custom_values;
pub(crate) mod email_campaign_records;
mod email_campaigns;
mod email_schedule;
mod email_stats;
pub(crate) mod email_templates;
mod events;
pub(crate) mod forms;
pub(crate) mod funnels;
pub(crate) mod invoices;
pub(crate) mod levers;
pub(crate) mod links;
mod locations;
mod message_records;
mod messages;
mod notes;
pub(crate) mod oauth;
pub(crate) mod object_records;
pub(crate) mod objects;
mod opportunities;
mod opportunity_search;
mod pages;
pub(crate) mod payments;
mod pipelines;
pub(crate) mod products;
mod social;
pub(crate) mod social_records;
mod social_stats;
mod social_write;
mod tags;
mod task_search;
mod tasks;
mod users;

use std::collections::HashMap;

use axum::extract::{Extension, Query, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;

pub(crate) type Answer = Result<Response, Refusal>;

pub(crate) fn all() -> Router<Sandbox> {
    Router::new()
        .merge(contacts::routes())
        .merge(contact_search::routes())
        .merge(tags::routes())
        .merge(notes::routes())
        .merge(conversations::routes())
        .merge(messages::routes())
        .merge(opportunities::routes())
        .merge(opportunity_search::routes())
        .merge(pipelines::routes())
        .merge(locations::routes())
        .merge(users::routes())
        .merge(tasks::routes())
        .merge(calendars::routes())
        .merge(appointments::routes())
        .merge(oauth::routes())
        .merge(events::routes())
        .merge(blocked_slots::routes())
        .merge(appointment_changes::routes())
        .merge(automation::routes())
        .merge(forms::routes())
        .merge(links::routes())
        .merge(bulk_tags::routes())
        .merge(task_search::routes())
        .merge(conversation_changes::routes())
        .merge(message_records::routes())
        .merge(calls::routes())
        .merge(custom_fields::routes())
        .merge(custom_values::routes())
        .merge(businesses::routes())
        .merge(social::routes())
        .merge(social_stats::routes())
        .merge(v3_only(emails()))
        .merge(objects::routes())
        .merge(object_records::routes())
        .merge(associations::routes())
        .merge(payments::routes())
        .merge(invoices::routes())
        .merge(products::routes())
        .merge(funnels::routes())
        .merge(affiliates::routes())
}

/// Templates, and campaigns with their schedule and statistics.
fn emails() -> Router<Sandbox> {
    email_templates::routes()
        .merge(email_campaigns::routes())
        .merge(email_schedule::routes())
        .merge(email_stats::routes())
}

/// A family that earlier versions have not.
fn v3_only(routes: Router<Sandbox>) -> Router<Sandbox> {
    routes.route_layer(middleware::from_fn(|Extension(call): CallOf, request: Request, next: Next| async move {
        match call.generation {
            Generation::V3 => Ok(next.run(request).await),
            Generation::V2 => Err(Refusal::no_such_route(request.method().as_str(), request.uri().path())),
        }
    }))
}

fn json(answer: impl Serialize) -> Response {
    Json(answer).into_response()
}

fn created(answer: impl Serialize) -> Response {
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// The answer to a delete. v2 misspells it; v3 sends both spellings where its specification lists both.
#[derive(Debug, Serialize)]
struct Succeeded {
    succeded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
}

impl Succeeded {
    fn new(call: &Call) -> Self {
        let succeeded = match call.generation {
            Generation::V2 => None,
            Generation::V3 => Some(true),
        };
        Self { succeded: true, succeeded }
    }
}

/// Query parameters. Unknown ones are ignored, as the vendor does.
#[derive(Debug)]
struct Params(HashMap<String, String>);

impl Params {
    fn of(query: Query<HashMap<String, String>>) -> Self {
        Self(query.0)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| {
            Refusal::unprocessable(vec![format!("{name} must be a string"), format!("{name} should not be empty")])
        })
    }

    /// The location that is asked about, if the call may look into it.
    fn location(&self, call: &Call) -> Result<&str, Refusal> {
        let location_id = self.required("locationId")?;
        call.grant.require_location(location_id)?;
        Ok(location_id)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().map_err(|_| {
            Refusal::unprocessable(vec![format!("{name} must be a number conforming to the specified constraints")])
        })?;
        Ok(Some(number))
    }

    /// A page size from 1 to `max`; a larger one is refused, not cut.
    fn limit(&self, default: u32, max: u32) -> Result<u32, Refusal> {
        let limit = self.number("limit")?.unwrap_or(default);
        if (1..=max).contains(&limit) {
            return Ok(limit);
        }
        Err(Refusal::unprocessable(vec![format!("limit must not be less than 1 or greater than {max}")]))
    }

    fn is_set(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }
}

/// A contact that the token reaches.
async fn contact_of(connection: &mut Connection, call: &Call, id: &str) -> Result<Contact, Refusal> {
    let contact = store::contacts::find(connection, id).await?.ok_or_else(|| Refusal::no_such("Contact", id))?;
    call.grant.require_location(&contact.location_id)?;
    Ok(contact)
}

/// What every handler is called with besides its own.
pub(crate) type CallOf = Extension<Call>;
