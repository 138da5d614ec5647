//! The page on which a person chooses the agency or one location. Choosing is allowing: nobody has to sign in here.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::sandbox::access::Grant;
use crate::sandbox::demo_agency::company_id;
use crate::sandbox::errors::Refusal;
use crate::sandbox::oauth::{self, DEMO_APP};
use crate::sandbox::routes::{Answer, Params};
use crate::sandbox::store;
use crate::sandbox::store::tokens::Consent;
use crate::sandbox::{Sandbox, operations};

/// The vendor's path (marketplace documentation, OAuth 2.0, 2026-06).
const PAGE: &str = "/v2/oauth/chooselocation";

/// Where the page's links lead; ours.
const CHOSEN: &str = "/__sandbox/oauth/chosen";

/// The value of `choice` for the whole agency, and for nothing.
const AGENCY: &str = "agency";
const NOTHING: &str = "nothing";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route(PAGE, get(page)).route(CHOSEN, get(chosen))
}

/// What an app asks for.
#[derive(Debug)]
struct Asked {
    redirect_uri: Url,
    scopes: String,
    state: Option<String>,
}

impl Asked {
    /// # Errors
    /// 400 if the app or its address is not the registered one; shown to the person, not sent to the address.
    fn of(params: &Params) -> Result<Self, Refusal> {
        if params.text("response_type") != Some("code") {
            return Err(Refusal::bad_request("response_type must be code"));
        }
        let client_id = params.required("client_id")?;
        if client_id != DEMO_APP.client_id {
            return Err(Refusal::bad_request(format!("No integration found with the ID: {client_id}")));
        }
        let redirect_uri = params.required("redirect_uri")?.parse::<Url>().ok();
        let redirect_uri = redirect_uri
            .filter(|uri| uri.scheme() == "http" && matches!(uri.host_str(), Some("127.0.0.1" | "localhost")))
            .ok_or_else(|| Refusal::bad_request("redirect_uri is not registered"))?;
        let asked = params.required("scope")?;
        for scope in asked.split(' ') {
            if !operations::is_scope(scope)? {
                return Err(Refusal::bad_request(format!("Invalid scope: {scope}")));
            }
        }
        Ok(Self { redirect_uri, scopes: asked.to_owned(), state: params.text("state").map(str::to_owned) })
    }

    fn link(&self, choice: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("response_type", "code").append_pair("client_id", DEMO_APP.client_id);
        query.append_pair("redirect_uri", self.redirect_uri.as_str()).append_pair("scope", &self.scopes);
        query.extend_pairs(self.state.iter().map(|state| ("state", state)));
        query.append_pair("choice", choice);
        format!("{CHOSEN}?{}", query.finish().replace('&', "&amp;"))
    }
}

async fn page(State(sandbox): State<Sandbox>, query: Query<HashMap<String, String>>) -> Answer {
    let asked = Asked::of(&Params::of(query))?;
    let mut connection = store::read(sandbox.db()).await?;
    let locations = store::locations::list(&mut connection, &company_id()).await?;
    let item = |choice: &str, label: &str| format!("<li><a href=\"{}\">{label}</a></li>", asked.link(choice));
    let mut items = vec![item(AGENCY, "The whole agency")];
    items.extend(locations.iter().map(|location| item(&location.id, &location.name)));
    items.push(item(NOTHING, "Refuse"));
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>GoHighLevel emulator</title>\
         <h1>What may the app open?</h1><ul>{}</ul>",
        items.join("")
    );
    Ok(Html(page).into_response())
}

async fn chosen(State(sandbox): State<Sandbox>, query: Query<HashMap<String, String>>) -> Answer {
    let params = Params::of(query);
    let Asked { mut redirect_uri, scopes, state } = Asked::of(&params)?;
    match params.required("choice")? {
        NOTHING => {
            let mut query = redirect_uri.query_pairs_mut();
            query.append_pair("error", "access_denied").append_pair("error_description", "The person has refused");
        }
        choice => {
            let grant = grant(&sandbox, choice).await?;
            let consent = Consent { client_id: DEMO_APP.client_id.to_owned(), scopes, grant };
            let code = oauth::code(&sandbox, consent, redirect_uri.to_string()).await?;
            redirect_uri.query_pairs_mut().append_pair("code", &code);
        }
    }
    redirect_uri.query_pairs_mut().extend_pairs(state.iter().map(|state| ("state", state)));
    Ok(see_other(&redirect_uri))
}

async fn grant(sandbox: &Sandbox, choice: &str) -> Result<Grant, Refusal> {
    if choice == AGENCY {
        return Ok(Grant::Agency { company_id: company_id() });
    }
    let mut connection = store::read(sandbox.db()).await?;
    let location = store::locations::find(&mut connection, choice).await?;
    let location = location.ok_or_else(|| Refusal::no_such("Location", choice))?;
    Ok(Grant::Location { company_id: location.company_id, location_id: location.id })
}

fn see_other(url: &Url) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, url.to_string())]).into_response()
}
