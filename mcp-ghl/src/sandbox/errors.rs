//! How GoHighLevel says no: `{statusCode, message, error, traceId}`, one string for most statuses, a list for 422.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::sandbox::ids;

/// A refused call. The wording is the vendor's where it is known, since clients match on it.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Box<Body>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    status_code: u16,
    message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    trace_id: String,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Message {
    One(String),
    Many(Vec<String>),
}

/// Which record stands in the way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matching_field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, message: Message) -> Self {
        let body = Body {
            status_code: status.as_u16(),
            message,
            error: status.canonical_reason(),
            code: None,
            meta: None,
            trace_id: ids::trace(),
        };
        Self { status, body: Box::new(body) }
    }

    fn one(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, Message::One(message.into()))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::one(StatusCode::BAD_REQUEST, message)
    }

    /// The vendor answers an unknown id with 400: its specification lists no 404 for these operations.
    pub(crate) fn no_such(noun: &str, id: &str) -> Self {
        Self::bad_request(format!("{noun} with id {id} not found"))
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::one(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::one(StatusCode::UNAUTHORIZED, message)
    }

    /// No token, or one that nobody issued.
    pub(crate) fn invalid_token() -> Self {
        Self::unauthorized("Invalid token: access token is invalid")
    }

    /// A token that may not do this.
    pub(crate) fn lacks_scope() -> Self {
        Self::unauthorized("The token is not authorized for this scope.")
    }

    /// An agency's token at a location's endpoint, or the other way round.
    pub(crate) fn wrong_kind_of_token() -> Self {
        Self::unauthorized("Token's user type mismatch!")
    }

    pub(crate) fn other_location() -> Self {
        Self::one(StatusCode::FORBIDDEN, "The token does not have access to this location.")
    }

    pub(crate) fn no_such_route(method: &str, path: &str) -> Self {
        Self::one(StatusCode::NOT_FOUND, format!("Cannot {method} {path}"))
    }

    /// Wording of highlevel-api-docs issue 304 (2026-06-22).
    pub(crate) fn removed_in_v3(path: &str) -> Self {
        Self::bad_request(format!(
            "Endpoint {path} not available in API version v3. This endpoint was removed in version v3. \
             Please use a version before v3."
        ))
    }

    /// Every fault of the body or query at once, as the vendor's validator lists them.
    pub(crate) fn unprocessable(faults: Vec<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Message::Many(faults))
    }

    /// The record is in a state that does not allow it.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::one(StatusCode::CONFLICT, message)
    }

    pub(crate) fn too_many_requests() -> Self {
        Self::one(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")
    }

    pub(crate) fn server_error() -> Self {
        Self::one(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }

    pub(crate) fn bad_gateway() -> Self {
        Self::one(StatusCode::BAD_GATEWAY, "Bad Gateway")
    }

    pub(crate) fn unavailable() -> Self {
        Self::one(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
    }

    pub(crate) fn gateway_timeout() -> Self {
        Self::one(StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout")
    }

    /// The location keeps contacts unique and this one exists.
    pub(crate) fn duplicate_contact(id: &str, name: &str, matching_field: &'static str) -> Self {
        let mut refusal = Self::bad_request("This location does not allow duplicated contacts.");
        refusal.body.meta = Some(Meta {
            contact_id: Some(id.to_owned()),
            contact_name: Some(name.to_owned()),
            matching_field: Some(matching_field),
            existing_id: None,
        });
        refusal
    }

    /// The location keeps one opportunity per contact and pipeline, and it exists.
    pub(crate) fn duplicate_opportunity(id: &str) -> Self {
        let mut refusal = Self::bad_request("Can not create duplicate opportunity for the contact.");
        refusal.body.code = Some("OPPORTUNITY_NO_DUPLICATE");
        refusal.body.meta =
            Some(Meta { contact_id: None, contact_name: None, matching_field: None, existing_id: Some(id.to_owned()) });
        refusal
    }
}

impl From<common::error::Error> for Refusal {
    fn from(error: common::error::Error) -> Self {
        let refusal = Self::server_error();
        tracing::error!(trace.id = %refusal.body.trace_id, error = ?error, "the emulator could not answer");
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(*self.body)).into_response()
    }
}
