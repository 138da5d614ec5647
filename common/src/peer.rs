//! Other MCP servers as a server's own sources of tools: those of this suite and anybody else's.
//!
//! A server of this process is reached over a pipe in memory, through the same door as everybody: role, scopes, tenant,
//! approvals, audit and idempotency hold. Others are child processes or speak HTTP, as `[peers]` says; what they say is
//! data from outside. Nothing is connected before the first call.

mod answer;
mod breaker;
mod call;
mod child;
mod connect;
mod ear;
mod event_stream;
mod legacy_sse;
mod line;
mod lines;
mod link;
mod offer;
mod own;
mod pipe;
mod remote;
mod settings;
mod streamable_http;
mod target;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rmcp::RoleServer;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::error::{Candidate, Error, ErrorCode, Result};
use crate::http::HttpClient;
use crate::secrets::Secrets;
use crate::tasks::Tasks;
use crate::tenant::TenantId;

use own::Own;
use remote::Remote;

pub use call::{PeerCall, PeerServer, PeerState, PeerTool};
pub use pipe::Pipe;
pub use settings::{PeerSettings, PeersSettings};

/// What peers stand on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub clock: Clock,
    pub tasks: Tasks,
    pub http: HttpClient,
    pub secrets: Secrets,
    /// What child processes see of the environment of this one.
    pub environment: Arc<[(OsString, OsString)]>,
}

/// The servers that can be asked. Cheap to clone; connects with the first call.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    own: Arc<RwLock<BTreeMap<&'static str, Arc<Own>>>>,
    others: Arc<BTreeMap<String, Remote>>,
    around: Option<Surroundings>,
}

impl Peers {
    /// The servers of the settings; those of this process join later. `reserved` are names that only they may have.
    ///
    /// # Errors
    /// `failed_precondition` naming a server and what is wrong with its settings.
    pub fn new(settings: &PeersSettings, reserved: &[&str], around: Surroundings) -> Result<Self> {
        target::check_names(&settings.servers, reserved)?;
        let mut others = BTreeMap::new();
        for server in &settings.servers {
            others.insert(server.name.clone(), Remote::new(server, settings, around.clone())?);
        }
        Ok(Self { own: Arc::default(), others: Arc::new(others), around: Some(around) })
    }

    /// Lets a server of this process be called under its name. `serve` serves one end of a pipe until it closes, each
    /// request for the [`Caller`] that it brings.
    pub fn join<Serve, Serving>(&self, name: &'static str, serve: Serve)
    where
        Serve: Fn(Pipe<RoleServer>) -> Serving + Send + Sync + 'static,
        Serving: Future<Output = ()> + Send + 'static,
    {
        let Some(around) = self.around.clone() else { return };
        let own = Own::new(name, Arc::new(move |end| Box::pin(serve(end))), around);
        self.own.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(own));
    }

    /// Calls a tool for `caller`. What comes back is the structured content, or `{"text": …}` where there is none; of a
    /// server outside the suite it is data from outside, and to be treated so.
    ///
    /// # Errors
    /// Those of the tool, with their code, hint, faults and plan, if the server is of this suite; `upstream_rejected`
    /// with the text if it is another; `not_found` if there is no such server or tool; `permission_denied` if the tool
    /// is not among those allowed; `upstream_unavailable` if it cannot be reached or is left alone after failures;
    /// `deadline_exceeded`. [`Error::is_outcome_unknown`] says that a change may have been made all the same.
    pub async fn call(&self, caller: &Caller, call: PeerCall) -> Result<Value> {
        if let Some(own) = self.own(&call.server) {
            return own.call(caller, call).await;
        }
        self.other(caller.tenant(), &call.server)?.call(caller, call).await
    }

    /// The tools of a server that the caller sees; of one outside the suite, those that may be called.
    ///
    /// # Errors
    /// `not_found` if there is no such server; otherwise as [`Peers::call`].
    pub async fn tools(&self, caller: &Caller, server: &str) -> Result<Vec<PeerTool>> {
        if let Some(own) = self.own(server) {
            return own.tools(caller).await;
        }
        self.other(caller.tenant(), server)?.tools(caller).await
    }

    /// The servers that a tenant can reach and how they are, sorted by name. Asks none of them.
    #[must_use]
    pub fn servers(&self, tenant: &TenantId) -> Vec<PeerServer> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        let mut servers: Vec<_> = own.values().map(|own| own.describe()).collect();
        servers.extend(self.others.values().filter(|other| other.serves(tenant)).map(|other| other.describe(tenant)));
        servers.sort_by(|one, other| one.name.cmp(&other.name));
        servers
    }

    /// Connects to each server of the settings that the caller can reach and asks for its tools; what came of it, by
    /// name.
    pub async fn health(&self, caller: &Caller) -> Vec<(String, Result<usize>)> {
        let asked = self.others.iter().filter(|(_, other)| other.serves(caller.tenant()));
        let looks = asked.map(|(name, other)| async move {
            let tools = other.tools(caller).await;
            (name.clone(), tools.map(|tools| tools.len()))
        });
        futures_util::future::join_all(looks).await
    }

    fn own(&self, name: &str) -> Option<Arc<Own>> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }

    fn other(&self, tenant: &TenantId, name: &str) -> Result<&Remote> {
        self.others.get(name).filter(|other| other.serves(tenant)).ok_or_else(|| {
            let known = self.servers(tenant);
            let candidates = known.into_iter().map(|server| Candidate { id: server.name.clone(), name: server.name });
            Error::new(ErrorCode::NotFound, format!("there is no server called `{name}`"))
                .with_hint("the servers are those of this suite and of `[[peers.servers]]`")
                .with_candidates(candidates.collect())
        })
    }
}

/// Does work for so long at most, and until it is called off; none if it was not done.
async fn bounded<T>(
    clock: &Clock,
    span: Duration,
    cancel: Option<&CancellationToken>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let called_off = async {
        match cancel {
            Some(cancel) => cancel.cancelled().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = called_off => None,
        done = work => Some(done),
        () = clock.sleep(span) => None,
    }
}
