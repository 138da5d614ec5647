//! Opening the emulator's port: beside a server that has no account, or as a program of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

use axum::serve::ListenerExt;
use clap::Args;
use common::bootstrap::{Options, exit_code, on_many_threads, print, stop_on_signal};
use common::clock::Clock;
use common::config::Config;
use common::db::{DatabaseSettings, Db};
use common::error::{Error, ErrorCode, Result};
use common::tasks::Tasks;
use tokio::net::TcpListener;

use super::{AGENCY_TOKEN, DEMO_APP, DEMO_LOCATIONS, Sandbox, SandboxSettings};

/// Name of the emulator's file in the data folder.
const DATABASE_FILE: &str = "sandbox.db";

/// Flags of `sandbox`.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// TCP port on loopback, 0 for a free one
    #[arg(long, default_value_t = 8932)]
    port: u16,
    /// Serve `/__sandbox/…` too: clock, faults, logs, inbound messages and reset; `GET /__sandbox` lists them
    #[arg(long)]
    test_levers: bool,
    /// Begin without the demo agency
    #[arg(long)]
    empty: bool,
    /// Send signed webhooks of all changes there; may be given several times
    #[arg(long = "webhook-url", value_name = "URL")]
    webhook_urls: Vec<String>,
}

impl Sandbox {
    /// The emulator whose state is in `data_dir`. Opens nothing yet.
    #[must_use]
    pub fn in_folder(data_dir: &Path, clock: Clock, settings: SandboxSettings) -> Self {
        Self::new(Db::new(&DatabaseSettings::default(), &data_dir.join(DATABASE_FILE)), clock, settings)
    }

    /// Opens a port on loopback and serves there until the tasks are told to stop.
    ///
    /// # Errors
    /// `failed_precondition` if the port is taken; those of [`Sandbox::ready`].
    pub async fn open(&self, port: u16, tasks: &Tasks) -> Result<SocketAddr> {
        self.ready().await?;
        let taken = |source| {
            Error::new(ErrorCode::FailedPrecondition, format!("port {port} cannot be taken"))
                .with_hint("choose another `--port`")
                .with_source(source)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        self.send_webhooks(tasks).await?;
        let serving =
            axum::serve(listener, self.router()).with_graceful_shutdown(tasks.stopping().clone().cancelled_owned());
        tasks.spawn(async move { drop(serving.await) });
        Ok(address)
    }
}

/// Runs the emulator as a program of its own, to its end.
#[must_use]
pub fn run(options: &Options, flags: &Flags) -> ExitCode {
    exit_code(on_many_threads(serve(options, flags)))
}

/// The `[sandbox]` section, where flags do not say otherwise. The rest of the file is for other commands.
fn settings(options: &Options, flags: &Flags) -> Result<SandboxSettings> {
    let mut config = Config::load_with(&[crate::settings::DEFAULT_CONFIG], options.config.as_deref(), &options.set)?;
    let mut settings: SandboxSettings = config.section("sandbox")?;
    settings.seed_demo &= !flags.empty;
    settings.test_levers |= flags.test_levers;
    settings.webhook_urls.extend(flags.webhook_urls.iter().cloned());
    Ok(settings)
}

async fn serve(options: &Options, flags: &Flags) -> Result<ExitCode> {
    let settings = settings(options, flags)?;
    let (tasks, has_demo, has_webhooks) = (Tasks::new(), settings.seed_demo, !settings.webhook_urls.is_empty());
    let sandbox = Sandbox::in_folder(&options.data_dir()?, Clock::system(), settings);
    let address = sandbox.open(flags.port, &tasks).await?;
    let mut lines = vec![format!("GoHighLevel emulator on http://{address}")];
    if has_demo {
        lines.push(format!("  {:<24} {AGENCY_TOKEN}", "Agency token"));
        lines.extend(
            DEMO_LOCATIONS
                .iter()
                .map(|location| format!("  {:<24} {}   location {}", location.name, location.token, location.id)),
        );
        lines.push(format!("  {:<24} {}   secret {}", "OAuth app", DEMO_APP.client_id, DEMO_APP.client_secret));
        lines.push(format!("  {:<24} http://{address}/v2/oauth/chooselocation", "OAuth page"));
    }
    if has_webhooks {
        lines.push(format!("  {:<24} {}", "Webhooks signed by", sandbox.signer().await?.public_key()));
    }
    print(&lines.join("\n"))?;
    stop_on_signal(tasks.stopping().clone()).await;
    tasks.shutdown(std::time::Duration::from_secs(5)).await;
    Ok(ExitCode::SUCCESS)
}
