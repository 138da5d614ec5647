//! `[peers]`: which other MCP servers there are, how they are reached, and what may be asked of them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::tenant::TenantId;

/// `[peers]`: bounds of every other server, and the list of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeersSettings {
    /// Longest time that a server may take until it can be called, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest time that one call may take, in milliseconds, where its caller allows more.
    pub deadline_ms: u64,
    /// After how long without a call a connection is closed, and a child process ended, in milliseconds.
    pub idle_ms: u64,
    /// Largest message accepted of a server, in bytes.
    pub answer_bytes_max: usize,
    /// Most connections to one server: there is one for each tenant.
    pub connections_per_server_max: usize,
    /// Most calls under way to one server; more wait, within their deadline.
    pub calls_per_server_max: usize,
    /// Consecutive failures after which a server is left alone.
    pub breaker_failures_max: u32,
    /// How long it is left alone before one call tries it again, in milliseconds.
    pub breaker_pause_ms: u64,
    /// Pause before the second attempt to connect, in milliseconds; it doubles with each further one.
    pub backoff_ms: u64,
    /// Longest such pause, in milliseconds.
    pub backoff_ms_max: u64,
    /// The servers.
    pub servers: Vec<PeerSettings>,
}

impl Default for PeersSettings {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 30_000,
            deadline_ms: 120_000,
            idle_ms: 300_000,
            answer_bytes_max: 1024 * 1024,
            connections_per_server_max: 16,
            calls_per_server_max: 64,
            breaker_failures_max: 5,
            breaker_pause_ms: 15_000,
            backoff_ms: 250,
            backoff_ms_max: 10_000,
            servers: Vec::new(),
        }
    }
}

/// One other server. Either `command` or `url` says how it is reached.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeerSettings {
    /// What workflows call it: 1 to 40 of `a-z`, `0-9`, `-` and `_`, beginning with a letter.
    pub name: String,
    /// A program that speaks MCP over its standard input and output.
    pub command: Option<String>,
    /// The program's arguments. They can be read by every user of the machine: no secrets.
    pub args: Vec<String>,
    /// Variables that the program finds in its environment, as `NAME=value`; of ours it gets those of `PATH`, `HOME` and
    /// the like alone.
    pub env: Vec<String>,
    /// The same from the vault of the tenant that calls, as `NAME=name/of/secret`.
    pub env_secrets: Vec<String>,
    /// Where it speaks MCP over HTTP. A private or loopback host has to be in `http.egress_allow` as well.
    pub url: Option<String>,
    /// Whether the URL is that of the older HTTP+SSE transport (MCP 2024-11-05).
    pub legacy_sse: bool,
    /// Headers of every request, as `Name: value`.
    pub headers: Vec<String>,
    /// The same from the vault of the tenant that calls, as `Name: name/of/secret`.
    pub header_secrets: Vec<String>,
    /// The secret, of the tenant that calls, that is sent as its bearer token.
    pub bearer_secret: Option<String>,
    /// The tools that may be called: names, beginnings such as `get_*`, or `*` for all.
    pub allow: Vec<String>,
    /// The tenants whose calls may reach it; empty means all.
    pub tenants: Vec<TenantId>,
    /// Longest time that one call may take, in milliseconds; absent means that of all servers.
    pub deadline_ms: Option<u64>,
    /// Whether it is a server of this suite: its errors, plans and idempotency keys then mean what ours mean, and a
    /// program is told who calls. Nobody else's word should be taken for that.
    pub suite: bool,
}

impl PeersSettings {
    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    /// The longest time that a call of this server may take.
    pub(super) fn deadline(&self, server: &PeerSettings) -> Duration {
        Duration::from_millis(server.deadline_ms.unwrap_or(self.deadline_ms))
    }
}
