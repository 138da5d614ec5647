//! The commands that every server's program has.

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::bootstrap::{Assembly, ServerEntry, connect, default_data_dir, own_path, settings};
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::health::{Check, Status, examine};
use crate::server::McpServer;
use crate::tenant::TenantId;
use crate::tool::{Registry, Surface};
use crate::transport::streamable_http::{Door, Port, Surroundings};
use crate::transport::{Handler, stdio};

/// How long background work may take to end once everything is served.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// How long one of `doctor`'s checks may take.
const DOCTOR_PATIENCE: Duration = Duration::from_secs(15);

/// A program: which servers it holds, and by which words it was reached.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    pub servers: &'static [ServerEntry],
    /// Whether its program holds other servers too, so that commands name this one: `luminar ghl stdio`.
    pub is_part_of_suite: bool,
}

/// What can be said to every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Folder for all state [default: the XDG data folder, `luminar` in it]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Settings file (TOML); see `config --defaults`
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Show only these toolsets, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    pub toolsets: Vec<String>,
    /// Refuse everything that changes anything
    #[arg(long, global = true)]
    pub read_only: bool,
}

impl Options {
    /// Where state lives.
    ///
    /// # Errors
    /// `failed_precondition` if none is given and there is no home folder.
    pub fn data_dir(&self) -> Result<PathBuf> {
        self.data_dir.clone().map_or_else(default_data_dir, Ok)
    }

    /// Flags beat settings.
    pub(super) fn apply(&self, settings: &mut settings::Settings) {
        if !self.toolsets.is_empty() {
            settings.tools.toolsets.clone_from(&self.toolsets);
        }
        settings.tools.read_only |= self.read_only;
    }
}

/// The common commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve one client over standard input and output
    Stdio,
    /// Serve many clients over HTTP
    Http(HttpFlags),
    /// Look at everything that has to work, and say what does not
    Doctor,
    /// Print the settings' defaults (commented TOML) or their JSON Schema
    Config(ConfigFlags),
    /// Work with the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// Flags of `http`.
#[derive(Debug, Clone, Default, Args)]
pub struct HttpFlags {
    /// IP address to bind [default: 127.0.0.1]
    #[arg(long)]
    pub host: Option<String>,
    /// TCP port, 0 for a free one [default: 8931]
    #[arg(long)]
    pub port: Option<u16>,
    /// No sessions for clients of the older protocol
    #[arg(long)]
    pub stateless: bool,
}

/// Flags of `config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigFlags {
    /// The JSON Schema of the settings file
    #[arg(long)]
    schema: bool,
    /// The default settings file, with comments (what `config` alone prints too)
    #[arg(long, conflicts_with = "schema")]
    defaults: bool,
}

/// What can be done with the audit trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Recompute every hash of a tenant's trail and say what was tampered with
    Verify {
        /// Whose trail
        #[arg(long, default_value = "local")]
        tenant: TenantId,
    },
}

/// Runs a command to its end.
#[must_use]
pub fn run(program: &Program, options: &Options, command: Command) -> ExitCode {
    let outcome = match command {
        Command::Config(flags) => print_config(program, &flags),
        Command::Stdio => on_one_thread(serve_stdio(program, options)),
        Command::Http(flags) => on_many_threads(serve_http(program, options, flags)),
        Command::Doctor => on_one_thread(doctor(program, options)),
        Command::Audit(AuditCommand::Verify { tenant }) => on_one_thread(verify(program, options, tenant)),
    };
    exit_code(outcome)
}

/// Opens the database before the first request needs it: a health check would give up on a slow one half-way.
async fn open_early(db: Db) {
    if let Err(error) = db.ready().await {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(error.cause = cause, "the database does not open yet: {}", error.message());
    }
}

/// How a command ended, with its failure told to the person who typed it: the log may not have started.
#[must_use]
pub fn exit_code(outcome: Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        drop(writeln!(std::io::stderr(), "{error}"));
        ExitCode::FAILURE
    })
}

fn print_config(program: &Program, flags: &ConfigFlags) -> Result<ExitCode> {
    let text = if flags.schema {
        let schema = settings::FileSchema::of(program.servers);
        serde_json::to_string_pretty(&schema)
            .map_err(|source| Error::internal("the schema could not be encoded", source))?
    } else {
        let texts =
            std::iter::once(settings::DEFAULT_CONFIG).chain(program.servers.iter().map(|server| server.default_config));
        texts.collect::<Vec<_>>().join("\n")
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A client over a pipe sends one message after another: one thread answers sooner than several.
fn on_one_thread(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(no_runtime)?.block_on(work)
}

/// Runs work on as many threads as there are processors: this one, which takes the connections, and at least one worker.
///
/// # Errors
/// `internal` if the runtime cannot be started; those of the work.
pub fn on_many_threads(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    // A worker that wakes another one for a request costs more than the request: no more of them than can run.
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = processors.saturating_sub(1).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    runtime.map_err(no_runtime)?.block_on(work)
}

fn no_runtime(source: std::io::Error) -> Error {
    Error::internal("the runtime could not be started", source)
}

async fn serve_stdio(program: &Program, options: &Options) -> Result<ExitCode> {
    let Assembly { settings, foundation, mut servers } = Assembly::new(program, options)?;
    let Some(server) = servers.pop().filter(|_| servers.is_empty()) else {
        return Err(Error::new(ErrorCode::FailedPrecondition, "a pipe has room for one server")
            .with_hint("name it: `luminar ghl stdio`"));
    };
    let surface = Surface::of(&settings.tools.toolsets, settings.tools.read_only, &[&server.tools])?;
    let dispatch = Arc::new(foundation.dispatch(settings.tools));
    let local = foundation.authenticator.local().clone();
    let handler = Handler::new(Arc::new(server), dispatch, surface, Some(local), foundation.tasks.clone());
    let stopping = foundation.tasks.stopping().child_token();
    foundation.tasks.spawn(stop_on_signal(foundation.tasks.stopping().clone()));
    let ended = stdio::serve(handler, &settings.stdio, stopping).await;
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    ended.map(|()| ExitCode::SUCCESS)
}

async fn serve_http(program: &Program, options: &Options, flags: HttpFlags) -> Result<ExitCode> {
    let Assembly { mut settings, foundation, servers } = Assembly::new(program, options)?;
    settings.server.host = flags.host.unwrap_or(settings.server.host);
    settings.server.port = flags.port.unwrap_or(settings.server.port);
    settings.server.stateless |= flags.stateless;
    let registries: Vec<&Registry> = servers.iter().map(|server| &server.tools).collect();
    let surface = Surface::of(&settings.tools.toolsets, settings.tools.read_only, &registries)?;
    let dispatch = Arc::new(foundation.dispatch(settings.tools));
    let surroundings = Surroundings {
        authenticator: foundation.authenticator.clone(),
        clock: foundation.clock.clone(),
        metrics: foundation.metrics.clone(),
        checks: checks(&foundation.checks(), &servers),
        tasks: foundation.tasks.clone(),
    };
    let port = Port::open(settings.server, surroundings).await?;
    print(&connect::lines(
        program,
        options,
        port.address(),
        &servers,
        &own_path(),
        foundation.authenticator.has_tokens(),
    ))?;
    let mut doors = Vec::with_capacity(servers.len());
    for server in servers {
        let surface = surface.clone();
        let handler = Handler::new(Arc::new(server), Arc::clone(&dispatch), surface, None, foundation.tasks.clone());
        doors.push(Door::new(handler));
    }
    foundation.tasks.spawn(stop_on_signal(foundation.tasks.stopping().clone()));
    foundation.tasks.spawn(open_early(foundation.db.clone()));
    let served = port.serve(doors).await;
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    served.map(|()| ExitCode::SUCCESS)
}

fn checks(ours: &[Check], servers: &[McpServer]) -> Vec<Check> {
    ours.iter().chain(servers.iter().flat_map(|server| &server.checks)).cloned().collect()
}

async fn doctor(program: &Program, options: &Options) -> Result<ExitCode> {
    let Assembly { foundation, servers, .. } = Assembly::new(program, options)?;
    let mut all = checks(&foundation.checks(), &servers);
    all.extend(servers.iter().flat_map(|server| server.diagnoses.iter().cloned()));
    let report = examine(&all, DOCTOR_PATIENCE).await;
    print(&format!("data folder: {}", foundation.data_dir.display()))?;
    for finding in &report.checks {
        let mark = match finding.status {
            Status::Ok => "ok    ",
            Status::Failed => "FAILED",
        };
        print(&format!("{mark} {}: {}", finding.name, finding.reason))?;
    }
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    Ok(if report.status == Status::Ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verify(program: &Program, options: &Options, tenant: TenantId) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let report = foundation.audit.verify(&tenant).await?;
    let text = serde_json::to_string_pretty(&report)
        .map_err(|source| Error::internal("the report could not be encoded", source))?;
    print(&text)?;
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Fires `stopping` when the process is asked to end (SIGTERM, Ctrl-C).
pub async fn stop_on_signal(stopping: tokio_util::sync::CancellationToken) {
    tokio::select! {
        () = asked_to_end() => stopping.cancel(),
        () = stopping.cancelled() => {}
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    drop(tokio::signal::ctrl_c().await);
}

/// Writes a line for the person at the terminal. Never called while standard output is the protocol's.
///
/// # Errors
/// `internal` if nobody reads it.
pub fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(|source| Error::internal("standard output is closed", source))
}
