//! What an operator may change about the port.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[server]`: the HTTP port and its bounds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpServerSettings {
    /// IP address to bind. Anything but loopback needs `[[auth.tokens]]`.
    pub host: String,
    /// TCP port; 0 takes a free one.
    pub port: u16,
    /// Further host names that requests may name, such as `mcp.example.com`. Loopback names are always good.
    pub allowed_hosts: Vec<String>,
    /// Browser origins that may call, such as `https://app.example.com`. The port's own loopback origins are always good.
    pub allowed_origins: Vec<String>,
    /// Answer with plain JSON where nothing streams; otherwise always with an event stream.
    pub json_responses: bool,
    /// No sessions: clients of the older protocol lose server requests and notifications, the server any state.
    pub stateless: bool,
    /// Most sessions of the older protocol at once.
    pub sessions_max: usize,
    /// A session ends after so many seconds without use.
    pub session_idle_s: u64,
    /// The HTTP+SSE transport of MCP 2024-11-05 at `/<server>/sse`; `auto` is on where only this machine can reach the port.
    pub legacy_sse: LegacySse,
    /// Most of its sessions at once, for each server.
    pub sse_sessions_max: usize,
    /// Such a session ends after so many seconds without a message either way, although its client still listens.
    pub sse_session_idle_s: u64,
    /// Tools over plain HTTP: `POST /api/tools/<name>`, and paths of their own such as `/api/leads`.
    pub rest: bool,
    /// Largest accepted request, in bytes.
    pub body_bytes_max: usize,
    /// Most requests served at once; more are told to wait.
    pub concurrency_max: usize,
    /// Most answers that stream at once: subscriptions, sessions, progress.
    pub streams_max: usize,
    /// Requests a minute of one caller.
    pub requests_per_minute: u32,
    /// Requests a minute of all callers on this machine together.
    pub requests_per_minute_loopback: u32,
    /// How long calls in flight may go on after the process is told to stop, in milliseconds.
    pub drain_ms: u64,
}

/// Whether the transport of MCP 2024-11-05 is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegacySse {
    /// On loopback addresses only.
    Auto,
    On,
    Off,
}

impl HttpServerSettings {
    /// Whether the transport of MCP 2024-11-05 is served at this address.
    #[must_use]
    pub fn serves_legacy_sse(&self, host: IpAddr) -> bool {
        match self.legacy_sse {
            LegacySse::Auto => host.is_loopback(),
            LegacySse::On => true,
            LegacySse::Off => false,
        }
    }
}

impl Default for HttpServerSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8931,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            json_responses: true,
            stateless: false,
            sessions_max: 256,
            session_idle_s: 300,
            legacy_sse: LegacySse::Auto,
            sse_sessions_max: 256,
            sse_session_idle_s: 1_800,
            rest: true,
            body_bytes_max: 4 * 1024 * 1024,
            concurrency_max: 256,
            streams_max: 1_024,
            requests_per_minute: 100,
            requests_per_minute_loopback: 6_000_000,
            drain_ms: 5_000,
        }
    }
}
