//! What every request passes before anything of it is read: host, origin, identity, budget, room.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{Authenticator, Caller};
use crate::clock::Clock;
use crate::error::{Error, ErrorCode, Result};
use crate::telemetry::Metrics;
use crate::transport::refusal::{refusal, status_of};
use crate::transport::streamable_http::rate_limit::{RateLimit, Spender};
use crate::transport::streamable_http::streams::seated;
use crate::transport::streamable_http::{HttpServerSettings, Surroundings};

/// Names of this machine.
const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What the gate decides by.
#[derive(Debug)]
pub(super) struct Gate {
    hosts: Vec<String>,
    origins: Vec<String>,
    authenticator: Authenticator,
    clock: Clock,
    metrics: Metrics,
    budget: RateLimit,
    requests_per_minute: u32,
    requests_per_minute_loopback: u32,
    room: Semaphore,
    streams: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn new(settings: &HttpServerSettings, surroundings: &Surroundings, port: u16) -> Self {
        let hosts = LOOPBACK_HOSTS
            .iter()
            .map(|host| (*host).to_owned())
            .chain(settings.allowed_hosts.iter().cloned())
            .collect();
        let own_origins = LOOPBACK_HOSTS.iter().map(|host| format!("http://{host}:{port}"));
        let origins = own_origins.chain(settings.allowed_origins.iter().cloned()).collect();
        Self {
            hosts,
            origins,
            authenticator: surroundings.authenticator.clone(),
            clock: surroundings.clock.clone(),
            metrics: surroundings.metrics.clone(),
            budget: RateLimit::default(),
            requests_per_minute: settings.requests_per_minute,
            requests_per_minute_loopback: settings.requests_per_minute_loopback,
            room: Semaphore::new(settings.concurrency_max),
            streams: Arc::new(Semaphore::new(settings.streams_max)),
        }
    }

    /// A page that a browser was lured to must not reach this port by a name of its own (DNS rebinding).
    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<()> {
        let named =
            uri.authority().map(http::uri::Authority::as_str).or_else(|| headers.get(header::HOST)?.to_str().ok());
        let host = named.map(without_port).unwrap_or_default();
        if self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::PermissionDenied, "this server is not known by the host name of this request")
            .with_hint("enter the name in `server.allowed_hosts`"))
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<()> {
        let Some(origin) = headers.get(header::ORIGIN) else { return check_site(headers) };
        let is_known = origin.to_str().is_ok_and(|origin| self.origins.iter().any(|known| same_origin(known, origin)));
        if is_known {
            return Ok(());
        }
        Err(Error::new(ErrorCode::PermissionDenied, "pages of this origin may not call this server")
            .with_hint("enter the origin in `server.allowed_origins`"))
    }

    /// Takes one request from the budget of the caller, or of the address where the caller is not known.
    fn check_budget(&self, caller: Option<&Caller>, peer: SocketAddr, headers: &HeaderMap) -> Result<()> {
        // Behind a proxy on this machine everybody seems local.
        let is_proxied = headers.contains_key(header::FORWARDED) || headers.contains_key("x-forwarded-for");
        let is_local = peer.ip().is_loopback() && !is_proxied;
        let requests_max = if is_local { self.requests_per_minute_loopback } else { self.requests_per_minute };
        let spender = match caller {
            Some(caller) if !is_local => Spender::Caller(caller.to_string()),
            _ => Spender::Address(peer.ip()),
        };
        self.budget.take(spender, requests_max, self.clock.now_ms()).map_err(|wait| {
            Error::new(ErrorCode::RateLimited, format!("more than {requests_max} requests in a minute"))
                .with_hint("wait, or ask the operator to raise `server.requests_per_minute`")
                .with_retry_after(wait)
        })
    }

    fn admit(&self, request: &Request) -> Result<Caller> {
        let headers = request.headers();
        self.check_host(request.uri(), headers)?;
        self.check_origin(headers)?;
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = self.authenticator.over_http(authorization);
        if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
            self.check_budget(caller.as_ref().ok(), *peer, headers)?;
        }
        caller
    }
}

/// Lets a request in with its [`Caller`], or answers why not.
pub(super) async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let response = match gate.admit(&request) {
        Err(error) => refusal(&error, status_of(&error)),
        Ok(caller) => match gate.room.try_acquire() {
            Err(_) => {
                let error = Error::new(ErrorCode::RateLimited, "too many requests at once")
                    .with_retry_after(Duration::from_secs(1));
                refusal(&error, status_of(&error))
            }
            Ok(_seat) => {
                request.extensions_mut().insert(caller);
                seated(next.run(request).await, &gate.streams)
            }
        },
    };
    gate.metrics.http_answered("mcp", response.status().as_u16());
    response
}

/// Browsers name no origin where a page of another site only embeds an address or links to it (an image of
/// `http://127.0.0.1:8931/ghl/sse`), but they say that it is another site (Fetch Metadata, `Sec-Fetch-Site`).
fn check_site(headers: &HeaderMap) -> Result<()> {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(Error::new(ErrorCode::PermissionDenied, "pages of other sites may not lead here"));
    }
    Ok(())
}

/// `[::1]:80` is `[::1]`, `localhost:80` is `localhost`.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (!host.contains(':') || host.ends_with(']')) =>
        {
            host
        }
        _ => authority,
    }
}

/// Scheme, host and port are the same (RFC 6454), a default port being one.
fn same_origin(known: &str, origin: &str) -> bool {
    match (Url::parse(known), Url::parse(origin)) {
        (Ok(known), Ok(origin)) => known.origin().is_tuple() && known.origin() == origin.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_do_not_belong_to_the_host() {
        for (authority, host) in
            [("localhost:80", "localhost"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a.b", "a.b")]
        {
            assert_eq!(without_port(authority), host);
        }
    }

    #[test]
    fn origins_are_compared_whole() {
        assert!(same_origin("https://a.example", "https://a.example:443"));
        for origin in
            ["http://a.example", "https://a.example:444", "https://b.a.example", "null", "https://a.example.evil.test"]
        {
            assert!(!same_origin("https://a.example", origin), "{origin}");
        }
    }
}
