//! `stdio` and `http`: serve until the client goes or the process is told to stop.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::{Options, Program, SHUTDOWN_PATIENCE, print, stop_on_signal};
use crate::bootstrap::connect::{self, OpenPort};
use crate::bootstrap::sweep::Sweep;
use crate::bootstrap::{Assembly, Foundation, checks, own_path};
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::secrets::KeySource;
use crate::server::McpServer;
use crate::tool::{Dispatch, Registry, Surface};
use crate::transport::streamable_http::{Door, Port};
use crate::transport::{Handler, in_process, stdio};

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

/// Serves one client over a pipe.
pub(super) async fn over_stdio(program: &Program, options: &Options) -> Result<ExitCode> {
    let Assembly { settings, foundation, mut servers, behind } = Assembly::new(program, options)?;
    let Some(server) = servers.pop().filter(|_| servers.is_empty()) else {
        return Err(Error::new(ErrorCode::FailedPrecondition, "a pipe has room for one server")
            .with_hint("name it: `luminar ghl stdio`"));
    };
    let surface = Surface::of(&settings.tools.toolsets, settings.tools.read_only, &[&server.tools])?;
    let keep_audit = settings.audit.keep();
    let is_read_only = settings.tools.read_only;
    let dispatch = Arc::new(foundation.dispatch(settings.tools));
    let local = foundation.authenticator.local().clone();
    let handler = Handler::new(Arc::new(server), Arc::clone(&dispatch), surface, Some(local), foundation.tasks.clone());
    join(&foundation, &handler);
    join_behind(&foundation, &dispatch, behind, is_read_only)?;
    let stopping = foundation.tasks.stopping().child_token();
    foundation.tasks.spawn(stop_on_signal(foundation.tasks.stopping().clone()));
    foundation.tasks.spawn(sweep(&foundation, keep_audit));
    foundation.services.start(&foundation.tasks);
    let ended = stdio::serve(handler, &settings.stdio, stopping).await;
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    ended.map(|()| ExitCode::SUCCESS)
}

/// Serves many clients over a port.
pub(super) async fn over_http(program: &Program, options: &Options, flags: HttpFlags) -> Result<ExitCode> {
    let Assembly { mut settings, foundation, servers, behind } = Assembly::new(program, options)?;
    settings.server.host = flags.host.unwrap_or(settings.server.host);
    settings.server.port = flags.port.unwrap_or(settings.server.port);
    settings.server.stateless |= flags.stateless;
    if settings.secrets.key == KeySource::Passphrase {
        foundation.secrets.unlock_at_terminal().await?;
    }
    let registries: Vec<&Registry> = servers.iter().map(|server| &server.tools).collect();
    let surface = Surface::of(&settings.tools.toolsets, settings.tools.read_only, &registries)?;
    let keep_audit = settings.audit.keep();
    let is_read_only = settings.tools.read_only;
    let dispatch = Arc::new(foundation.dispatch(settings.tools));
    let surroundings = foundation.surroundings(checks(&foundation.checks(), &servers));
    let server_settings = settings.server.clone();
    let port = Port::open(settings.server, surroundings).await?;
    let open = OpenPort {
        address: port.address(),
        needs_token: foundation.authenticator.has_tokens(),
        has_rest: server_settings.rest,
        has_legacy_sse: server_settings.serves_legacy_sse(port.address().ip()),
    };
    // Nobody has to read how it is reached for it to be reached: whoever started it may be gone already.
    if let Err(error) = print(&connect::lines(program, options, &open, &servers, &own_path())) {
        tracing::info!("nobody reads where this listens ({}): {}", error.message(), open.address);
    }
    let mut doors = Vec::with_capacity(servers.len());
    for server in servers {
        let surface = surface.clone();
        let handler = Handler::new(Arc::new(server), Arc::clone(&dispatch), surface, None, foundation.tasks.clone());
        join(&foundation, &handler);
        doors.push(Door::new(handler));
    }
    join_behind(&foundation, &dispatch, behind, is_read_only)?;
    foundation.tasks.spawn(stop_on_signal(foundation.tasks.stopping().clone()));
    foundation.tasks.spawn(open_early(foundation.db.clone()));
    foundation.tasks.spawn(sweep(&foundation, keep_audit));
    foundation.services.start(&foundation.tasks);
    let served = port.serve(doors).await;
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    served.map(|()| ExitCode::SUCCESS)
}

/// Lets the other servers of this process call this one.
fn join(foundation: &Foundation, handler: &Handler) {
    let (handler, stopping) = (handler.clone(), foundation.tasks.stopping().clone());
    foundation.peers.join(handler.name(), move |end| in_process::serve(handler.clone(), end, stopping.child_token()));
}

/// The same for those that nobody else is served. Nobody has chosen among their toolsets.
fn join_behind(
    foundation: &Foundation,
    dispatch: &Arc<Dispatch>,
    behind: Vec<McpServer>,
    is_read_only: bool,
) -> Result<()> {
    for server in behind {
        let surface = Surface::of(&[], is_read_only, &[&server.tools])?;
        let tasks = foundation.tasks.clone();
        join(foundation, &Handler::new(Arc::new(server), Arc::clone(dispatch), surface, None, tasks));
    }
    Ok(())
}

/// Forgets in the background what has outlived its use.
fn sweep(foundation: &Foundation, keep_audit: Option<Duration>) -> impl Future<Output = ()> + use<> {
    let Foundation { db, audit, clock, tasks, sweeps: of_servers, .. } = foundation.clone();
    Sweep { db, audit, clock, keep_audit, of_servers }.run(tasks.stopping().clone())
}

/// Opens the database before the first request needs it: a health check would give up on a slow one half-way.
async fn open_early(db: Db) {
    if let Err(error) = db.ready().await {
        let cause = error.cause();
        tracing::warn!(error.cause = cause, "the database does not open yet: {}", error.message());
    }
}
