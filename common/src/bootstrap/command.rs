//! The commands that every server's program has, each in a file named after it.

mod approvals;
mod audit;
mod backup;
mod config;
mod doctor;
mod secrets;
mod serve;
mod signal;

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::bootstrap::{Companion, Foundation, ServerEntry, default_data_dir, settings};
use crate::error::{Error, Result};
use crate::tenant::TenantId;

use approvals::ApprovalsCommand;
use audit::AuditCommand;
use backup::BackupFile;
use config::ConfigFlags;
use secrets::SecretsCommand;
pub use serve::HttpFlags;
pub use signal::stop_on_signal;

/// How long background work may take to end once everything is served.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// A program: which servers it holds, and by which words it was reached.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// What it serves.
    pub servers: &'static [ServerEntry],
    /// What it holds besides, for those to call.
    pub peers: &'static [ServerEntry],
    /// Servers of the same program that this command leaves out: the settings may speak of them.
    pub left_out: &'static [ServerEntry],
    /// Programs that it calls where they are installed.
    pub companions: &'static [Companion],
    /// Whether its program holds other servers too, so that commands name this one: `luminar ghl stdio`.
    pub is_part_of_suite: bool,
}

impl Program {
    /// Those that it serves, then those behind them.
    pub(super) fn all(&self) -> Vec<ServerEntry> {
        self.servers.iter().chain(self.peers).copied().collect()
    }
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
    /// Show these toolsets, separated by commas, or `all` [default: what each server shows at first]
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    pub toolsets: Vec<String>,
    /// Refuse everything that changes anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Give one setting, above file and environment; as often as needed
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

/// `ghl.directory_ms=1000`
fn setting(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("expected a section, a dot, a key, `=` and a value, such as `tools.deadline_ms=60000`"),
    }
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
    /// Say yes or no to plans that wait, or stop everything that changes anything
    #[command(subcommand)]
    Approvals(ApprovalsCommand),
    /// Copy everything into a file, while servers go on
    Backup(BackupFile),
    /// Take a backup into an empty data folder or database
    Restore(BackupFile),
    /// Look after the vault of secrets and its key
    #[command(subcommand)]
    Secrets(SecretsCommand),
}

/// Whose records a command is about.
#[derive(Debug, Clone, Args)]
pub struct Whose {
    /// The tenant [default: that of the person at this machine, `auth.tenant`]
    #[arg(long)]
    tenant: Option<TenantId>,
}

impl Whose {
    fn tenant(self, foundation: &Foundation) -> TenantId {
        self.tenant.unwrap_or_else(|| foundation.authenticator.local().tenant().clone())
    }
}

/// Runs a command to its end.
#[must_use]
pub fn run(program: &Program, options: &Options, command: Command) -> ExitCode {
    let outcome = match command {
        Command::Config(flags) => config::run(program, &flags),
        Command::Stdio => on_one_thread(serve::over_stdio(program, options)),
        Command::Http(flags) => on_many_threads(serve::over_http(program, options, flags)),
        Command::Doctor => on_one_thread(doctor::run(program, options)),
        Command::Approvals(command) => on_one_thread(approvals::run(program, options, command)),
        Command::Backup(flags) => on_one_thread(backup::back_up(program, options, flags)),
        Command::Restore(flags) => on_one_thread(backup::restore(program, options, flags)),
        Command::Audit(command) => on_one_thread(audit::run(program, options, command)),
        Command::Secrets(command) => on_one_thread(secrets::run(program, options, command)),
    };
    exit_code(outcome)
}

/// How a command ended, with its failure told to the person who typed it: the log may not have started.
#[must_use]
pub fn exit_code(outcome: Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        drop(writeln!(std::io::stderr(), "{error}"));
        ExitCode::FAILURE
    })
}

/// Runs work on this thread alone. A client over a pipe sends one message after another: one thread answers sooner than
/// several.
///
/// # Errors
/// `internal` if the runtime cannot be started; those of the work.
pub fn on_one_thread(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
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

/// Writes a line for the person at the terminal. Never called while standard output is the protocol's.
///
/// # Errors
/// `internal` if nobody reads it.
pub fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(|source| Error::internal("standard output is closed", source))
}
