//! Where Restate finds this server: one virtual object and one service, by hand rather than by the SDK's macros, which
//! give every installation the same names.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::error::{Error, Result};
use restate_sdk::discovery;
use restate_sdk::endpoint::{ContextInternal, Endpoint, Error as EndpointError};
use restate_sdk::http_server::HttpServer;
use restate_sdk::serde::Json;
use restate_sdk::service::macro_support::service_definition;
use restate_sdk::service::{Service, ServiceDefinition};
use serde_json::json;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use super::ingress::refused;
use super::keeper::Keeper;
use super::message::{MAKE, Order, TELL, Told};
use crate::engine::RestateSettings;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;

/// How long after it could not listen, or make itself known, this server tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// The first and the longest pause before Restate repeats what a process has left undone, in milliseconds.
const REPEATED_MS: (u64, u64) = (50, 2_000);

/// Nothing is ever given up: what would pause at Restate's default is a run that stands still.
const REPEATED_MAX: u64 = 1_000_000_000;

/// How long an invocation may be silent beyond the deadline of its call, in milliseconds.
const SILENT_MS: u64 = 60_000;

/// # Errors
/// `failed_precondition` if a setting is not accepted.
pub(super) fn check(settings: &RestateSettings) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !settings.name.starts_with(|letter: char| letter.is_ascii_alphabetic()) || !settings.name.chars().all(is_plain) {
        return Err(refused("name", "is not a letter and then letters, digits, `-` and `_`"));
    }
    if !settings.listen.ip().is_loopback() && settings.identity_key.is_none() {
        let hint = "name Restate's public key, or listen on this machine only";
        return Err(refused("listen", "is open to others, who could run anything as anybody").with_hint(hint));
    }
    endpoint_of(settings).map(|_| ())
}

fn endpoint_of(settings: &RestateSettings) -> Result<restate_sdk::endpoint::Builder> {
    let builder = Endpoint::builder();
    match &settings.identity_key {
        None => Ok(builder),
        Some(key) => builder.identity_key(key).map_err(|_| refused("identity_key", "is no key of Restate's")),
    }
}

/// Listens until `stop` fires.
pub(super) async fn serve(keeper: Arc<Keeper>, stop: &CancellationToken) {
    let settings = &keeper.parts.settings;
    let silent_ms = settings.call_deadline_ms.saturating_add(SILENT_MS);
    while !stop.is_cancelled() {
        match listener(settings.restate.listen) {
            Ok(listener) => {
                let Ok(endpoint) = endpoint_of(&settings.restate) else { return };
                let object = Offered { keeper: Arc::clone(&keeper), silent_ms }.object();
                let caller = Offered { keeper: Arc::clone(&keeper), silent_ms }.caller();
                let (Ok(object), Ok(caller)) = (object, caller) else {
                    return tracing::error!("the services for Restate cannot be described");
                };
                let server = HttpServer::new(endpoint.bind(object).bind(caller).build());
                return server.serve_with_cancel(listener, stop.cancelled()).await;
            }
            Err(error) => tracing::error!("this server cannot listen for Restate: {error}"),
        }
        pause(stop).await;
    }
}

/// In the machine's time, which Restate lives in, whatever time runs have.
async fn pause(stop: &CancellationToken) {
    let clock = Clock::system();
    tokio::select! {
        () = stop.cancelled() => {}
        () = clock.sleep(AGAIN) => {}
    }
}

/// Several processes of one machine share the address, so that one that ends leaves no gap.
fn listener(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Keeper {
    /// Makes this server known to Restate as soon as that is there; then waits for ever.
    pub(super) async fn make_known(&self) {
        while let Err(error) = self.ingress.make_known().await {
            tracing::warn!("Restate does not know this server yet: {error}");
            Clock::system().sleep(AGAIN).await;
        }
        tracing::info!("Restate knows this server");
        std::future::pending::<()>().await;
    }
}

/// What this server offers.
#[derive(Debug, Clone)]
struct Offered {
    keeper: Arc<Keeper>,
    silent_ms: u64,
}

impl Offered {
    fn object(self) -> Result<ServiceDefinition> {
        let name = self.keeper.ingress.object().to_owned();
        let handler = json!({ "name": TELL, "ty": "EXCLUSIVE", "input": taken(), "output": given() });
        let discovery = self.discovery(json!({ "name": name, "ty": "VIRTUAL_OBJECT", "handlers": [handler] }))?;
        Ok(service_definition(self, discovery))
    }

    fn caller(self) -> Result<ServiceDefinition> {
        let name = self.keeper.ingress.caller().to_owned();
        let handler = json!({ "name": MAKE, "input": taken(), "output": {} });
        let offered = json!({ "name": name, "ty": "SERVICE", "handlers": [handler], "ingressPrivate": true });
        let discovery = self.discovery(offered)?;
        Ok(service_definition(self, discovery))
    }

    /// With what holds for both: journals end with their invocations, since rows tell what happened.
    fn discovery(&self, mut offered: serde_json::Value) -> Result<discovery::Service> {
        let common = json!({
            "journalRetention": 0,
            "inactivityTimeout": self.silent_ms,
            "retryPolicyInitialInterval": REPEATED_MS.0,
            "retryPolicyMaxInterval": REPEATED_MS.1,
            "retryPolicyExponentiationFactor": 2.0,
            "retryPolicyMaxAttempts": REPEATED_MAX,
        });
        if let (Some(offered), serde_json::Value::Object(common)) = (offered.as_object_mut(), common) {
            offered.extend(common);
        }
        serde_json::from_value(offered).map_err(|source| Error::internal("a service cannot be described", source))
    }

    async fn handle(self, context: ContextInternal) -> std::result::Result<(), EndpointError> {
        match context.handler_name() {
            TELL => {
                let (Json(told), about) = context.input::<Json<Told>>().await;
                let replied = self.keeper.tell(&context, &about.key, told).await;
                context.handle_handler_result(replied);
            }
            MAKE => {
                let (Json(order), _) = context.input::<Json<Order>>().await;
                let made = self.keeper.make(&context, order).await;
                context.handle_handler_result(made);
            }
            other => return Err(EndpointError::unknown_handler(context.service_name(), other)),
        }
        context.end();
        Ok(())
    }
}

impl Service for Offered {
    type Future = Pin<Box<dyn Future<Output = std::result::Result<(), EndpointError>> + Send>>;

    fn handle(&self, context: ContextInternal) -> Self::Future {
        Box::pin(self.clone().handle(context))
    }
}

fn taken() -> serde_json::Value {
    json!({ "required": true, "contentType": "application/json" })
}

fn given() -> serde_json::Value {
    json!({ "contentType": "application/json", "setContentTypeIfEmpty": false })
}
