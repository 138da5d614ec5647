//! The way to Restate: what is handed in, and that this server is there.

use std::fmt;

use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};
use common::http::{HttpClient, HttpRequest, HttpResponse, HttpSettings};
use common::tenant::TenantId;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::ExposeSecret;
use serde_json::json;
use url::Url;

use super::message::{Reply, TELL, Told, object_key};
use crate::engine::RestateSettings;
use crate::store::json::{decoded, encoded};
use crate::store::runs::RunKey;

/// How long Restate may take for one answer, in milliseconds; a run's step waits for its commit.
const ANSWER_MS: u64 = 30_000;

/// Most requests under way.
const REQUESTS_MAX: usize = 1_024;

/// Restate as it is reached from here.
pub(super) struct Ingress {
    http: HttpClient,
    handed_in: Url,
    admin: Url,
    advertised: String,
    headers: HeaderMap,
    object: String,
    caller: String,
}

impl Ingress {
    /// # Errors
    /// `failed_precondition` if an address is none.
    pub(super) fn new(settings: &RestateSettings) -> Result<Self> {
        let (ingress, admin) = (address("ingress", &settings.ingress)?, address("admin", &settings.admin)?);
        let own = format!("http://{}", settings.listen);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = &settings.token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| refused("token", "holds characters that no header may"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let allowed = [&ingress, &admin].into_iter().filter_map(|url| {
            let port = url.port_or_known_default()?;
            url.host_str().map(|host| format!("{host}:{port}"))
        });
        let http = HttpSettings {
            egress_allow: allowed.collect(),
            request_timeout_ms: ANSWER_MS,
            deadline_ms: ANSWER_MS,
            concurrency_per_host_max: REQUESTS_MAX,
            cache_bytes_max: 0,
            // The runs of all tenants wait for it: there is nobody else to ask.
            breaker_failures_max: u32::MAX,
            ..HttpSettings::default()
        };
        Ok(Self {
            // Restate lives in the machine's time, whatever time runs have.
            http: HttpClient::new(http, Clock::system()),
            handed_in: ingress,
            admin,
            advertised: settings.advertised.clone().unwrap_or(own),
            headers,
            object: format!("{}.Run", settings.name),
            caller: format!("{}.Caller", settings.name),
        })
    }

    /// The object that each run is.
    pub(super) fn object(&self) -> &str {
        &self.object
    }

    /// The service that makes their calls.
    pub(super) fn caller(&self) -> &str {
        &self.caller
    }

    /// Gives a run a message and waits until it has taken it.
    ///
    /// # Errors
    /// `upstream_unavailable`: then nobody knows whether it was taken.
    pub(super) async fn tell(&self, run: &RunKey, told: &Told) -> Result<Reply> {
        let url = below(&self.handed_in, &[&self.object, &object_key(run), TELL])?;
        let answer = self.post(&run.tenant, url, encoded(told)?).await?;
        if answer.status.is_success() {
            return decoded(&String::from_utf8_lossy(&answer.body));
        }
        Err(unavailable(&answer))
    }

    /// Says where this server listens. What it offers is looked up anew, since it may be of another version.
    ///
    /// # Errors
    /// `upstream_unavailable`.
    pub(super) async fn make_known(&self) -> Result<()> {
        let url = below(&self.admin, &["deployments"])?;
        let body = json!({ "uri": self.advertised, "force": true }).to_string();
        let answer = self.post(&TenantId::local(), url, body).await?;
        if answer.status.is_success() { Ok(()) } else { Err(unavailable(&answer)) }
    }

    async fn post(&self, tenant: &TenantId, url: Url, body: String) -> Result<HttpResponse> {
        let mut request = HttpRequest::new(Method::POST, url);
        request.headers = self.headers.clone();
        request.body = Some(body.into());
        self.http.send(tenant, request).await
    }
}

impl fmt::Debug for Ingress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ingress").field("ingress", &self.handed_in.as_str()).finish_non_exhaustive()
    }
}

fn address(name: &str, text: &str) -> Result<Url> {
    let url: Url = text.parse().map_err(|_| refused(name, "is no address"))?;
    if url.cannot_be_a_base() { Err(refused(name, "is no address")) } else { Ok(url) }
}

fn below(base: &Url, parts: &[&str]) -> Result<Url> {
    let mut url = base.clone();
    url.path_segments_mut().map_err(|()| refused("ingress", "is no address"))?.pop_if_empty().extend(parts);
    Ok(url)
}

/// A setting that is not accepted.
pub(super) fn refused(name: &str, reason: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("the setting `orchestrator.engine.restate.{name}` {reason}"))
}

fn unavailable(answer: &HttpResponse) -> Error {
    let said = String::from_utf8_lossy(&answer.body).chars().take(400).collect::<String>();
    Error::new(ErrorCode::UpstreamUnavailable, format!("Restate does not take what it is told ({})", answer.status))
        .with_hint("see whether Restate runs and has reached this server; then do it again")
        .with_source(said)
}
