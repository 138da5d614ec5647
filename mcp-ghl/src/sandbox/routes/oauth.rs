//! OAuth: the consent page, the token endpoint, and what an agency's token opens further.

mod consent;

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, Uri, header};
use axum::routing::{get, post};

use crate::sandbox::Sandbox;
use crate::sandbox::access::{AppGrant, Grant};
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::oauth::{self, DEMO_APP, Issued};
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::store;
use crate::sandbox::store::tokens::Consent;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::oauth::{InstalledAnswer, InstalledLocation, TokenAnswer};

/// Page sizes of the installed locations. The default is the specification's; the most is ours.
const INSTALLED_LIMIT: u32 = 20;
const INSTALLED_LIMIT_MAX: u32 = 100;

/// What is asked without a token.
pub(crate) fn unnamed_routes() -> Router<Sandbox> {
    Router::new().route("/oauth/token", post(token)).merge(consent::routes())
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/oauth/locationToken", post(location_token))
        .route("/oauth/installedLocations", get(installed_locations))
}

/// v2 takes a form and no version; v3 takes a form or JSON, in its own spelling.
async fn token(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    let generation = if headers.contains_key("version") { Generation::of(&headers)? } else { Generation::V2 };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body = match (content_type.split(';').next().unwrap_or_default().trim(), generation) {
        ("application/x-www-form-urlencoded", _) => Body::form(&body),
        ("application/json", Generation::V3) => Body::parse(&body)?,
        _ => return Err(Refusal::bad_request("Content-Type must be application/x-www-form-urlencoded")),
    };
    let request = TokenRequest::read(body, generation)?;
    if request.client_id != DEMO_APP.client_id || request.client_secret != DEMO_APP.client_secret {
        return Err(Refusal::unauthorized("Invalid client credentials!"));
    }
    let issued = match request.grant {
        Exchange::Code { code, redirect_uri } => {
            oauth::exchange(&sandbox, &request.client_id, &code, &redirect_uri).await?
        }
        Exchange::Refresh { refresh_token } => oauth::refresh(&sandbox, &request.client_id, &refresh_token).await?,
    };
    // Stricter than is known of the vendor: a kind that the person has not chosen is a mistake that should show.
    if request.user_type.is_some_and(|wanted| wanted != issued.consent.grant.user_type()) {
        return Err(Refusal::bad_request("Invalid grant: user type does not match the authorization"));
    }
    Ok(json(answer(issued, generation)))
}

fn answer(issued: Issued, generation: Generation) -> TokenAnswer {
    let user_id = ids::named("agency/user/admin");
    match generation {
        Generation::V2 => TokenAnswer::v2(issued, user_id),
        Generation::V3 => TokenAnswer::v3(issued, user_id),
    }
}

#[derive(Debug)]
struct TokenRequest {
    client_id: String,
    client_secret: String,
    user_type: Option<String>,
    grant: Exchange,
}

#[derive(Debug)]
enum Exchange {
    Code { code: String, redirect_uri: String },
    Refresh { refresh_token: String },
}

impl TokenRequest {
    fn read(mut body: Body, generation: Generation) -> Result<Self, Refusal> {
        let named = |v2, v3| match generation {
            Generation::V2 => v2,
            Generation::V3 => v3,
        };
        let client_id = body.required_text(named("client_id", "clientId"));
        let client_secret = body.required_text(named("client_secret", "clientSecret"));
        let user_type = body.choice(named("user_type", "userType"), &["Company", "Location"]);
        let kind = named("grant_type", "grantType");
        let grant_type = body.choice(kind, &["authorization_code", "refresh_token"]);
        let (code, redirect_uri) = (body.text("code"), body.text(named("redirect_uri", "redirectUri")));
        let refresh_token = body.text(named("refresh_token", "refreshToken"));
        let grant = match (grant_type.as_deref(), code, refresh_token) {
            (Some("authorization_code"), Some(code), _) => {
                Exchange::Code { code, redirect_uri: redirect_uri.unwrap_or_default() }
            }
            (Some("refresh_token"), _, Some(refresh_token)) => Exchange::Refresh { refresh_token },
            (_, code, _) => {
                body.fault(kind, "needs a code or a refresh token");
                Exchange::Code { code: code.unwrap_or_default(), redirect_uri: String::new() }
            }
        };
        body.finish()?;
        Ok(Self { client_id, client_secret, user_type, grant })
    }
}

/// Whose agency token it is: a private integration token does not do (`Agency-Access-Only` of the specification).
fn agency_app(call: &Call) -> Result<&AppGrant, Refusal> {
    call.grant.require_agency()?;
    call.app.as_ref().ok_or_else(Refusal::lacks_scope)
}

async fn location_token(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    if call.generation == Generation::V3 {
        return Err(Refusal::removed_in_v3(uri.path()));
    }
    let app = agency_app(&call)?;
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|it| it == "application/x-www-form-urlencoded");
    if !is_form {
        return Err(Refusal::bad_request("Content-Type must be application/x-www-form-urlencoded"));
    }
    let mut body = Body::form(&body);
    let (company_id, location_id) = (body.required_text("companyId"), body.required_text("locationId"));
    body.finish()?;
    let mut connection = store::read(sandbox.db()).await?;
    let location = store::locations::find(&mut connection, &location_id).await?;
    let is_ours = location.is_some_and(|it| it.company_id == company_id && company_id == call.grant.company_id());
    if !is_ours {
        return Err(Refusal::bad_request("Location not found"));
    }
    let grant = Grant::Location { company_id, location_id };
    let consent = Consent { client_id: app.client_id.clone(), scopes: app.scopes.clone(), grant };
    drop(connection);
    Ok(json(answer(oauth::mint(&sandbox, consent).await?, Generation::V2)))
}

/// The app counts as installed in every location of an agency that has allowed it.
async fn installed_locations(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    uri: Uri,
    query: Query<HashMap<String, String>>,
) -> Answer {
    if call.generation == Generation::V3 {
        return Err(Refusal::removed_in_v3(uri.path()));
    }
    agency_app(&call)?;
    let params = Params::of(query);
    if params.required("companyId")? != call.grant.company_id() || params.required("appId")? != DEMO_APP.app_id {
        return Err(Refusal::lacks_scope());
    }
    let skip: usize = params.number("skip")?.unwrap_or(0);
    let limit = params.limit(INSTALLED_LIMIT, INSTALLED_LIMIT_MAX)?;
    let mut connection = store::read(sandbox.db()).await?;
    let mut locations = store::locations::list(&mut connection, call.grant.company_id()).await?;
    if params.text("isInstalled") == Some("false") {
        locations.clear();
    }
    if let Some(wanted) = params.text("query").map(str::to_lowercase) {
        locations.retain(|location| location.name.to_lowercase().contains(&wanted));
    }
    if let Some(id) = params.text("locationId") {
        locations.retain(|location| location.id == id);
    }
    let count = locations.len();
    let page = locations.into_iter().skip(skip).take(usize::try_from(limit).unwrap_or(usize::MAX));
    let locations = page.map(InstalledLocation::from).collect();
    Ok(json(InstalledAnswer { locations, count, install_to_future_locations: true }))
}
