//! Send: the request leaves, the answer arrives, up to its size limit. The only user of `reqwest`'s client.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::broken::{broken, unopened};
use super::call::{Call, Failure};
use super::message::HttpResponse;
use super::reach::{AddressFilter, Reach};
use super::settings::HttpSettings;
use super::stream::HttpStream;
use crate::error::{Error, ErrorCode};

/// How long an unused connection is kept.
const IDLE_CONNECTION: Duration = Duration::from_mins(1);

pub(super) struct Sender {
    // One client per reach: a client's resolver and its pool of connections share one rule.
    public: OnceCell<Client>,
    listed: OnceCell<Client>,
    loopback: OnceCell<Client>,
    connect_timeout: Duration,
    response_bytes_max: usize,
}

impl Sender {
    pub(super) fn new(settings: &HttpSettings) -> Self {
        Self {
            public: OnceCell::new(),
            listed: OnceCell::new(),
            loopback: OnceCell::new(),
            connect_timeout: Duration::from_millis(settings.connect_timeout_ms),
            response_bytes_max: settings.response_bytes_max,
        }
    }

    pub(super) async fn send(&self, call: &Call<'_>, reach: Reach) -> Result<HttpResponse, Failure> {
        let mut answer = self.begin(call, reach, broken).await?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        let body = self.read_body(call, answer).await?;
        Ok(HttpResponse { status, headers, body, is_cached: false })
    }

    /// The answer as it begins.
    pub(super) async fn open(&self, call: &Call<'_>, reach: Reach) -> Result<HttpStream, Failure> {
        let answer = self.begin(call, reach, unopened).await?;
        Ok(HttpStream::new(call.host(), answer))
    }

    async fn begin(
        &self,
        call: &Call<'_>,
        reach: Reach,
        judge: fn(&str, reqwest::Error) -> Failure,
    ) -> Result<Response, Failure> {
        let client = self.client(reach).await.map_err(Failure::NotSent)?;
        let request = call.request;
        let mut outgoing = client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        let answer = outgoing.send().await.map_err(|source| judge(call.host(), source))?;
        tracing::debug!(http.host = call.host(), http.status = answer.status().as_u16(), "the vendor answered");
        Ok(answer)
    }

    async fn read_body(&self, call: &Call<'_>, mut answer: Response) -> Result<Bytes, Failure> {
        let Some(first) = answer.chunk().await.map_err(|source| unanswered(call, source))? else {
            return Ok(Bytes::new());
        };
        if first.len() > self.response_bytes_max {
            return Err(self.too_large(call));
        }
        let Some(second) = answer.chunk().await.map_err(|source| unanswered(call, source))? else {
            // Most answers are one chunk: no copy.
            return Ok(first);
        };
        let mut body = BytesMut::from(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if body.len().saturating_add(chunk.len()) > self.response_bytes_max {
                return Err(self.too_large(call));
            }
            body.extend_from_slice(&chunk);
            next = answer.chunk().await.map_err(|source| unanswered(call, source))?;
        }
        Ok(body.freeze())
    }

    fn too_large(&self, call: &Call<'_>) -> Failure {
        let message = format!("the answer of `{}` is larger than {} bytes", call.host(), self.response_bytes_max);
        let error = Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("ask for a smaller page, or raise `http.response_bytes_max`");
        Failure::Unusable(error)
    }

    async fn client(&self, reach: Reach) -> Result<&Client, Error> {
        let cell = match reach {
            Reach::Public => &self.public,
            Reach::Listed => &self.listed,
            Reach::Loopback => &self.loopback,
        };
        let connect_timeout = self.connect_timeout;
        let ready = cell.get_or_try_init(|| async move {
            if reach == Reach::Loopback {
                return build(reach, connect_timeout);
            }
            // Loading the machine's TLS roots blocks for milliseconds.
            let building = tokio::task::spawn_blocking(move || build(reach, connect_timeout));
            building.await.map_err(|source| Error::internal("the HTTP client could not be set up", source))?
        });
        ready.await
    }
}

fn build(reach: Reach, connect_timeout: Duration) -> Result<Client, Error> {
    let builder = Client::builder()
        .user_agent(concat!("luminar/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        // Repeating is the retry layer's business alone.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_CONNECTION)
        .dns_resolver(Arc::new(AddressFilter(reach)));
    let builder = match reach {
        Reach::Public | Reach::Listed => {
            // The provider is process-wide; that somebody set it before us is no failure.
            let _already_set = ring::default_provider().install_default();
            builder.https_only(true)
        }
        Reach::Loopback => builder.tls_backend_preconfigured(without_roots()?),
    };
    builder.build().map_err(|source| Error::internal("the HTTP client could not be set up", source))
}

/// TLS that trusts nobody, for plain `http`: saves loading the machine's roots.
fn without_roots() -> Result<ClientConfig, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::internal("TLS could not be set up", source))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

fn unanswered(call: &Call<'_>, source: reqwest::Error) -> Failure {
    broken(call.host(), source)
}
