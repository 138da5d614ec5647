//! Locations and their custom fields.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::http::Uri;
use axum::routing::get;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::access::Grant;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::location::{CustomFieldAnswer, LocationAnswer};

/// Page sizes of the location search. The default is the vendor's SDK's; the most is ours.
const SEARCH_LIMIT: u32 = 10;
const SEARCH_LIMIT_MAX: u32 = 1_000;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/locations/search", get(search))
        .route("/locations/{location_id}", get(show))
        .route("/locations/{location_id}/customFields", get(custom_fields))
        .route("/locations/{location_id}/conversationChannels/{kind}", get(channel))
}

#[derive(Debug, Serialize)]
struct Many {
    locations: Vec<LocationAnswer>,
}

/// Only the agency's token searches: a location's is refused with a type mismatch, as measured by others, although
/// the specification names both.
async fn search(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    call.grant.require_agency()?;
    let params = Params::of(query);
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = params.limit(SEARCH_LIMIT, SEARCH_LIMIT_MAX)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut locations = store::locations::list(&mut connection, call.grant.company_id()).await?;
    if params.text("companyId").is_some_and(|company_id| company_id != call.grant.company_id()) {
        locations.clear();
    }
    if let Some(email) = params.text("email") {
        locations.retain(|location| location.email.eq_ignore_ascii_case(email));
    }
    if params.text("order") == Some("desc") {
        locations.reverse();
    }
    let page = locations.into_iter().skip(skip).take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(json(Many { locations: page.map(LocationAnswer::from).collect() }))
}

#[derive(Debug, Serialize)]
struct One {
    location: LocationAnswer,
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    if let Grant::Location { .. } = call.grant {
        call.grant.require_location(&id)?;
    }
    let mut connection = store::read(sandbox.db()).await?;
    let location = store::locations::find(&mut connection, &id).await?;
    let location = location.ok_or_else(|| Refusal::no_such("Location", &id))?;
    if location.company_id != call.grant.company_id() {
        return Err(Refusal::other_location());
    }
    Ok(json(One { location: location.into() }))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    custom_fields: Vec<CustomFieldAnswer>,
}

async fn custom_fields(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(location_id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    call.grant.require_location(&location_id)?;
    let params = Params::of(query);
    let mut connection = store::read(sandbox.db()).await?;
    let mut fields = store::custom_fields::list(&mut connection, &location_id).await?;
    match params.text("model") {
        Some(model @ ("contact" | "opportunity")) => fields.retain(|field| field.model == model),
        Some("all") | None => {}
        Some(_) => {
            let fault = "model must be one of the following values: contact, opportunity, all".to_owned();
            return Err(Refusal::unprocessable(vec![fault]));
        }
    }
    Ok(json(Fields { custom_fields: fields.into_iter().map(CustomFieldAnswer::from).collect() }))
}

/// Who carries a location's messages of one kind: in the emulator the vendor's own, everywhere.
#[derive(Debug, Serialize)]
struct Provider {
    #[serde(rename = "_id")]
    id: &'static str,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    default: bool,
}

const SMS: Provider = Provider { id: "lc_phone", name: "LC Phone", kind: "SMS", default: true };
const EMAIL: Provider = Provider { id: "lc_email", name: "LC Email", kind: "Email", default: true };

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    conversation_channel: BTreeMap<String, [Carried; 1]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Carried {
    conversation_provider: Provider,
}

/// Only v3 has it.
async fn channel(Extension(call): CallOf, uri: Uri, Path((location_id, kind)): Path<(String, String)>) -> Answer {
    if call.generation == Generation::V2 {
        return Err(Refusal::no_such_route("GET", uri.path()));
    }
    call.grant.require_location(&location_id)?;
    let conversation_provider = match kind.as_str() {
        "SMS" => SMS,
        "Email" => EMAIL,
        _ => {
            let fault = "type must be one of the following values: SMS, Email".to_owned();
            return Err(Refusal::unprocessable(vec![fault]));
        }
    };
    let carried = [Carried { conversation_provider }];
    Ok(json(Channel { conversation_channel: BTreeMap::from([(kind, carried)]) }))
}
