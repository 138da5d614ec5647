//! The vendor's token endpoint: a code or a refresh token in, tokens out.
//!
//! Asked in version 2021-07-28, which is the one that the vendor's own SDK speaks (3.1.0, 2026-09-16). The endpoint has
//! no place for a code verifier, so PKCE cannot be used: what binds the answer to the question is `state`, and what
//! binds the code to the app is its secret.

use std::time::Duration;

use bytes::Bytes;
use common::clock::{Clock, UnixMillis};
use common::error::{Error, ErrorCode, Result};
use common::http::{HttpClient, HttpRequest, HttpResponse, Repeat};
use common::tenant::TenantId;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::tokens::{TokenSet, UserType};
use crate::record_id::RecordId;

/// How long one exchange may take, repetitions included. Well below the vendor's grace of 30 seconds, in which a
/// repeated refresh gives the same tokens (ideas.gohighlevel.com, changelog).
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Seconds that an access token lives where the answer does not say (marketplace documentation, OAuth 2.0).
const EXPIRES_IN: i64 = 86_399;

const VERSION: HeaderName = HeaderName::from_static("version");
const DATED: HeaderValue = HeaderValue::from_static("2021-07-28");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The marketplace app that asks.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
}

/// Where tokens come from.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    http: HttpClient,
    clock: Clock,
    base_url: Url,
}

/// Both operations' answers. Names as in the specification of 2026-06-19.
#[derive(Deserialize)]
struct Answer {
    access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    expires_in: Option<i64>,
    #[serde(default)]
    scope: String,
    #[serde(rename = "userType")]
    user_type: Option<UserType>,
    #[serde(rename = "companyId")]
    company_id: Option<String>,
    #[serde(rename = "locationId")]
    location_id: Option<String>,
}

impl Endpoint {
    pub(crate) fn new(http: HttpClient, clock: Clock, base_url: Url) -> Self {
        Self { http, clock, base_url }
    }

    /// Exchanges the code of a redirect. A code can be used once, so the request is not repeated.
    ///
    /// # Errors
    /// `unauthenticated` if the vendor refuses it; `upstream_unavailable` if it does not answer.
    pub(crate) async fn exchange(
        &self,
        tenant: &TenantId,
        app: &App,
        code: &SecretString,
        redirect_uri: &Url,
    ) -> Result<TokenSet> {
        let granted = [("code", code.expose_secret()), ("redirect_uri", redirect_uri.as_str())];
        let body = form(app, "authorization_code", &granted);
        let response = self.post(tenant, "/oauth/token", body, None, Repeat::Never).await?;
        let refused = || Error::new(ErrorCode::Unauthenticated, "GoHighLevel does not accept the login");
        self.read(&response, refused)
    }

    /// Exchanges a refresh token, which is spent by it.
    ///
    /// # Errors
    /// `unauthenticated` if the vendor refuses it; `upstream_unavailable` if it does not answer.
    pub(crate) async fn refresh(&self, tenant: &TenantId, app: &App, tokens: &TokenSet) -> Result<TokenSet> {
        let Some(refresh_token) = &tokens.refresh_token else { return Err(ended()) };
        let granted = [("refresh_token", refresh_token.expose_secret()), ("user_type", tokens.user_type.as_str())];
        let body = form(app, "refresh_token", &granted);
        let response = self.post(tenant, "/oauth/token", body, None, Repeat::Keyed).await?;
        let next = self.read(&response, ended)?;
        // What an answer does not repeat has not changed.
        Ok(TokenSet {
            refresh_token: next.refresh_token.or_else(|| tokens.refresh_token.clone()),
            company_id: next.company_id.or_else(|| tokens.company_id.clone()),
            location_id: next.location_id.or_else(|| tokens.location_id.clone()),
            scopes: if next.scopes.is_empty() { tokens.scopes.clone() } else { next.scopes },
            user_type: tokens.user_type,
            access_token: next.access_token,
            expires_at_ms: next.expires_at_ms,
        })
    }

    /// A location's token from its agency's. Its own refresh token, should there be one, is not taken.
    ///
    /// # Errors
    /// `unauthenticated` if the agency's token is refused; `failed_precondition` if the app is not in the location.
    pub(crate) async fn location_token(
        &self,
        tenant: &TenantId,
        agency: &TokenSet,
        location_id: &RecordId,
    ) -> Result<TokenSet> {
        let company_id = agency.company_id.iter().map(|id| ("companyId", id.as_str()));
        let fields = company_id.chain([("locationId", location_id.as_str())]);
        let body = Bytes::from(Serializer::new(String::new()).extend_pairs(fields).finish());
        let bearer = Some(&agency.access_token);
        let response = self.post(tenant, "/oauth/locationToken", body, bearer, Repeat::Idempotent).await?;
        let minted = match response.status {
            StatusCode::UNAUTHORIZED => self.read(&response, ended)?,
            _ => self.read(&response, || {
                Error::new(ErrorCode::FailedPrecondition, "the app is not installed in this location")
                    .with_hint("install it there in GoHighLevel's marketplace, or log in to the location itself")
            })?,
        };
        Ok(TokenSet {
            refresh_token: None,
            user_type: UserType::Location,
            company_id: agency.company_id.clone(),
            location_id: Some(location_id.clone()),
            ..minted
        })
    }

    async fn post(
        &self,
        tenant: &TenantId,
        path: &str,
        body: Bytes,
        bearer: Option<&SecretString>,
        repeat: Repeat,
    ) -> Result<HttpResponse> {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}{path}", self.base_url.path().trim_end_matches('/')));
        let mut request = HttpRequest::new(Method::POST, url);
        request.headers.insert(CONTENT_TYPE, FORM);
        request.headers.insert(ACCEPT, JSON);
        request.headers.insert(VERSION, DATED);
        if let Some(token) = bearer {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| Error::new(ErrorCode::Internal, "the login's token cannot be sent in a header"))?;
            bearer.set_sensitive(true);
            request.headers.insert(AUTHORIZATION, bearer);
        }
        request.body = Some(body);
        request.repeat = repeat;
        request.deadline = Some(PATIENCE);
        Box::pin(self.http.send(tenant, request)).await
    }

    /// The tokens of an answer. A 4xx is the vendor's no, told by `refused`; its text may name the account and is not kept.
    fn read(&self, response: &HttpResponse, refused: impl FnOnce() -> Error) -> Result<TokenSet> {
        let status = response.status;
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            return Err(refused().with_source(format!("the token endpoint answered {status}")));
        }
        let answer: Option<Answer> = status.is_success().then(|| serde_json::from_slice(&response.body).ok()).flatten();
        let unreadable = || {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's token endpoint gave no usable answer")
                .with_hint("try again later")
                .with_source(format!("the token endpoint answered {status}"))
        };
        let answer = answer.ok_or_else(unreadable)?;
        let expires_in_ms = answer.expires_in.unwrap_or(EXPIRES_IN).saturating_mul(1_000);
        // Whatever is no id, such as an empty text, is none.
        let id = |text: Option<String>| text.and_then(|text| text.parse::<RecordId>().ok());
        let (company_id, location_id) = (id(answer.company_id), id(answer.location_id));
        let user_type = match (answer.user_type, &location_id) {
            (Some(user_type), _) => user_type,
            (None, Some(_)) => UserType::Location,
            (None, None) => UserType::Company,
        };
        Ok(TokenSet {
            access_token: answer.access_token.ok_or_else(unreadable)?,
            refresh_token: answer.refresh_token,
            expires_at_ms: self.now_ms().saturating_add(expires_in_ms),
            scopes: answer.scope.split_whitespace().map(str::to_owned).collect(),
            user_type,
            company_id,
            location_id,
        })
    }

    fn now_ms(&self) -> UnixMillis {
        self.clock.now_ms()
    }
}

fn form(app: &App, grant_type: &str, granted: &[(&str, &str)]) -> Bytes {
    let named = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.expose_secret()),
        ("grant_type", grant_type),
    ];
    Serializer::new(String::new()).extend_pairs(named).extend_pairs(granted).finish().into()
}

/// The login cannot be renewed: a person has to log in.
pub(super) fn ended() -> Error {
    Error::new(ErrorCode::Unauthenticated, "the GoHighLevel login has ended").with_hint("log in again: `mcp-ghl login`")
}
