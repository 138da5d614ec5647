//! From settings to a running process. Starting touches neither database nor network: both open with their first use.

mod command;
mod companions;
mod connect;
mod environment;
mod memory;
mod service;
mod settings;
mod sweep;

use std::path::{Path, PathBuf};

use schemars::Schema;

use crate::audit::AuditLog;
use crate::auth::Authenticator;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{COMMON_MIGRATIONS, Db, Migrations};
use crate::error::{Error, ErrorCode, Result};
use crate::health::Check;
use crate::http::HttpClient;
use crate::peer::{Peers, Surroundings as PeerSurroundings};
use crate::secrets::Secrets;
use crate::server::McpServer;
use crate::tasks::Tasks;
use crate::telemetry::{self, Metrics};
use crate::tool::{Approvals, Dispatch, DispatchSettings, TaskDesk};
use crate::transport::SideDoors;
use crate::transport::streamable_http::Surroundings;

pub use command::{
    Command, HttpFlags, Options, Program, exit_code, on_many_threads, on_one_thread, print, run, stop_on_signal,
};
pub use companions::Companion;
pub use memory::keep_private;
pub use service::Services;
pub use settings::{Settings, schema_of};
pub use sweep::Sweeps;

/// Name of the database file in the data folder.
const DATABASE_FILE: &str = "luminar.db";

/// One server as a program composes it.
#[derive(Debug, Clone, Copy)]
pub struct ServerEntry {
    /// Short name: its path and its subcommand.
    pub name: &'static str,
    /// Every setting with its default, as commented TOML.
    pub default_config: &'static str,
    /// Its sections, each with its JSON Schema.
    pub sections: fn() -> Vec<(&'static str, Schema)>,
    /// Its own tables, beside those of `common`; absent if it keeps nothing.
    pub migrations: Option<Migrations>,
    /// Makes it from its sections. Must not do any work.
    pub build: fn(&Foundation, &mut Config) -> Result<McpServer>,
}

/// What every server stands on.
#[derive(Debug, Clone)]
pub struct Foundation {
    pub clock: Clock,
    pub tasks: Tasks,
    pub metrics: Metrics,
    pub db: Db,
    pub audit: AuditLog,
    pub approvals: Approvals,
    pub http: HttpClient,
    pub authenticator: Authenticator,
    pub secrets: Secrets,
    pub desk: TaskDesk,
    /// What serving processes sweep besides what is theirs.
    pub sweeps: Sweeps,
    /// What serving processes run beside their requests.
    pub services: Services,
    /// Other servers, for those whose tools call tools.
    pub peers: Peers,
    /// What the port answers beside MCP.
    pub side_doors: SideDoors,
    /// Where state lives.
    pub data_dir: PathBuf,
}

impl Foundation {
    /// Lays it from the settings, without touching disk or network, for servers that keep no tables of their own.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub fn lay(settings: &Settings, data_dir: PathBuf, clock: Clock) -> Result<Self> {
        Self::lay_for(&[], settings, data_dir, clock)
    }

    /// [`Foundation::lay`] for these servers, with the tables that they keep.
    ///
    /// # Errors
    /// As [`Foundation::lay`].
    pub fn lay_for(servers: &[ServerEntry], settings: &Settings, data_dir: PathBuf, clock: Clock) -> Result<Self> {
        let tasks = Tasks::new();
        let db = Db::new(&settings.database, &data_dir.join(DATABASE_FILE))
            .with_migrations("common_migrations", &COMMON_MIGRATIONS);
        let of_servers = servers.iter().filter_map(|server| server.migrations);
        let db = of_servers.fold(db, |db, Migrations { table, migrator }| db.with_migrations(table, migrator));
        let audit = AuditLog::new(db.clone(), clock.clone(), &tasks, settings.audit.clone());
        let secrets = Secrets::new(db.clone(), clock.clone(), &settings.secrets);
        let approvals = settings.approvals.clone();
        let http = HttpClient::new(settings.http.clone(), clock.clone());
        let around = PeerSurroundings {
            clock: clock.clone(),
            tasks: tasks.clone(),
            http: http.clone(),
            secrets: secrets.clone(),
            environment: environment::for_children().into(),
        };
        let here: Vec<&str> = servers.iter().map(|server| server.name).collect();
        Ok(Self {
            peers: Peers::new(&settings.peers, &here, around)?,
            approvals: Approvals::new(db.clone(), clock.clone(), audit.clone(), secrets.clone(), approvals),
            audit,
            http,
            authenticator: Authenticator::new(settings.auth.clone())?,
            desk: TaskDesk::new(db.clone(), clock.clone(), tasks.clone(), settings.tasks.clone())?,
            metrics: Metrics::new(),
            sweeps: Sweeps::default(),
            services: Services::default(),
            side_doors: SideDoors::default(),
            secrets,
            clock,
            tasks,
            db,
            data_dir,
        })
    }

    /// The path that every call takes, within the given bounds.
    #[must_use]
    pub fn dispatch(&self, settings: DispatchSettings) -> Dispatch {
        let (audit, db, clock) = (self.audit.clone(), self.db.clone(), self.clock.clone());
        Dispatch::new(audit, db, clock, self.metrics.clone(), self.approvals.clone(), settings)
            .with_desk(self.desk.clone())
    }

    /// What a port needs to know; `checks` decide whether it is ready.
    #[must_use]
    pub fn surroundings(&self, checks: Vec<Check>) -> Surroundings {
        Surroundings {
            authenticator: self.authenticator.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            approvals: self.approvals.clone(),
            checks,
            tasks: self.tasks.clone(),
            side_doors: self.side_doors.clone(),
        }
    }

    /// What has to work for every server.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let db = self.db.clone();
        let database = Check::new("database", move || {
            let db = db.clone();
            async move { db.ready().await.map(|()| "answers".to_owned()) }
        });
        vec![database]
    }
}

/// Everything that a command works with.
#[derive(Debug)]
struct Assembly {
    settings: Settings,
    foundation: Foundation,
    servers: Vec<McpServer>,
    /// Those that only the servers above reach.
    behind: Vec<McpServer>,
}

impl Assembly {
    fn new(program: &Program, options: &Options) -> Result<Self> {
        let (settings, foundation, mut config) = lay(&program.all(), program.companions, options)?;
        let mut build = |servers: &[ServerEntry]| {
            servers.iter().map(|server| (server.build)(&foundation, &mut config)).collect::<Result<Vec<_>>>()
        };
        let (servers, behind) = (build(program.servers)?, build(program.peers)?);
        for (section, _) in program.left_out.iter().flat_map(|server| (server.sections)()) {
            config.leave(section);
        }
        config.finish()?;
        Ok(Self { settings, foundation, servers, behind })
    }
}

/// The ground floor and the settings above it, for a command of one server that serves nobody.
///
/// # Errors
/// `failed_precondition` if a setting of the ground floor is not accepted.
pub fn foundation(server: &ServerEntry, options: &Options) -> Result<(Foundation, Config)> {
    lay(std::slice::from_ref(server), &[], options).map(|(_, foundation, config)| (foundation, config))
}

fn lay(servers: &[ServerEntry], companions: &[Companion], options: &Options) -> Result<(Settings, Foundation, Config)> {
    let defaults: Vec<&'static str> =
        std::iter::once(settings::DEFAULT_CONFIG).chain(servers.iter().map(|server| server.default_config)).collect();
    let mut config = Config::load_with(&defaults, options.config.as_deref(), &options.set)?;
    let mut settings = Settings::take(&mut config)?;
    options.apply(&mut settings);
    companions::add(&mut settings.peers, companions, options);
    telemetry::start(&settings.log);
    let foundation = Foundation::lay_for(servers, &settings, options.data_dir()?, Clock::system())?;
    Ok((settings, foundation, config))
}

fn checks(ours: &[Check], servers: &[McpServer]) -> Vec<Check> {
    ours.iter().chain(servers.iter().flat_map(|server| &server.checks)).cloned().collect()
}

/// `$XDG_DATA_HOME/luminar`, or what the platform has in its place.
fn default_data_dir() -> Result<PathBuf> {
    let strategy = etcetera::choose_base_strategy().map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, "there is no home folder to keep state in")
            .with_hint("give one with `--data-dir`")
            .with_source(source)
    })?;
    Ok(etcetera::BaseStrategy::data_dir(&strategy).join("luminar"))
}

/// The path of this very program, for the lines that other programs start it by.
fn own_path() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| Path::new("luminar").to_owned())
}
