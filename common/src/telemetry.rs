//! What an operator sees: JSON log lines on stderr and Prometheus figures. Standard output belongs to the protocol.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::{Error, ErrorCode, Result};

/// `[log]`: how much is said on stderr.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: Level,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: Level::Info }
    }
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    const fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Libraries that write whole requests or statements into their debug lines: customers' data. Never below `warn`.
const QUIET_LIBRARIES: &[&str] =
    &["rmcp", "hyper", "hyper_util", "h2", "reqwest", "rustls", "sqlx", "tower", "tower_http", "jsonschema"];

/// Starts logging to stderr, once per process; a second call changes nothing.
pub fn start(settings: &LogSettings) {
    let level = settings.level.filter();
    let quiet_level = level.min(LevelFilter::WARN);
    let quiet = QUIET_LIBRARIES.iter().map(|library| (*library, quiet_level));
    // `EnvFilter` would say the same with regular expressions, which are memory in every process.
    let filter = Targets::new().with_default(level).with_targets(quiet);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_writer(std::io::stderr);
    // In one process several servers start; the first one's settings hold.
    drop(tracing_subscriber::registry().with(filter).with(lines).try_init());
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToolLabels {
    tool: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DoorLabels {
    door: &'static str,
    status: u16,
}

/// Bucket bounds of a call's duration, in seconds.
const SECONDS_BUCKETS: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The process's figures, cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    tool_calls: Family<ToolLabels, Counter>,
    tool_seconds: Histogram,
    http_requests: Family<DoorLabels, Counter>,
}

impl Metrics {
    #[must_use]
    pub fn new() -> Self {
        let tool_calls = Family::default();
        let tool_seconds = Histogram::new(SECONDS_BUCKETS);
        let http_requests = Family::default();
        let mut registry = Registry::with_prefix("luminar");
        registry.register("tool_calls", "Tool calls by tool and error code (`ok` if none)", Family::clone(&tool_calls));
        registry.register("tool_seconds", "Duration of tool calls in seconds", tool_seconds.clone());
        registry.register("http_requests", "HTTP requests by door and status", Family::clone(&http_requests));
        Self { registry: Arc::new(registry), tool_calls, tool_seconds, http_requests }
    }

    /// Counts a tool call.
    pub fn tool_called(&self, tool: &'static str, code: Option<ErrorCode>, elapsed: Duration) {
        let code = code.map_or("ok", ErrorCode::as_str);
        self.tool_calls.get_or_create(&ToolLabels { tool, code }).inc();
        self.tool_seconds.observe(elapsed.as_secs_f64());
    }

    /// Counts an HTTP request.
    pub fn http_answered(&self, door: &'static str, status: u16) {
        self.http_requests.get_or_create(&DoorLabels { door, status }).inc();
    }

    /// The figures in the `OpenMetrics` text format, which Prometheus reads.
    ///
    /// # Errors
    /// `internal` if the encoder fails.
    pub fn exposition(&self) -> Result<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry)
            .map_err(|source| Error::internal("the figures could not be written", source))?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}
