//! `login`: a person allows our app in GoHighLevel, and its tokens are kept.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use common::bootstrap::{Options, exit_code, on_one_thread, print};
use common::error::{Error, Result};
use common::tenant::TenantId;
use common::tool::one_line;
use secrecy::SecretString;

use super::browser;
use super::terminal::Terminal;
use crate::catalogue::Catalogue;
use crate::client::{Session, needs};
use crate::diagnosis::missing_scopes;
use crate::location::Location;
use crate::oauth::{Attempt, Question, Stored};

/// Flags of `login`.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// Whose login it is to be; that of the person at this machine if absent
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Only print the address that has to be opened
    #[arg(long)]
    no_browser: bool,
    /// Port of the redirect, in place of the one in `ghl.oauth.redirect_url`; 0 takes a free one
    #[arg(long)]
    port: Option<u16>,
    /// Read the app's client secret from standard input and keep it among the tenant's secrets
    #[arg(long)]
    client_secret_stdin: bool,
}

/// Most locations that are named at the end.
const LOCATIONS_SHOWN: usize = 20;

/// Longest name shown, in characters.
const NAME_LENGTH_MAX: usize = 80;

/// How long the vendor may take to list them.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest client secret, in bytes; the vendor's are 36.
const CLIENT_SECRET_BYTES_MAX: u64 = 4_096;

/// Words in `ghl.oauth.scopes` for all that tools need, and for all that any operation needs.
const OF_TOOLS: &str = "tools";
const OF_OPERATIONS: &str = "operations";

pub(super) fn run(options: &Options, flags: &Flags) -> ExitCode {
    exit_code(on_one_thread(log_in(options, flags)))
}

async fn log_in(options: &Options, flags: &Flags) -> Result<ExitCode> {
    let terminal = Terminal::new(options, flags.tenant.as_ref())?;
    let outcome = async {
        if flags.client_secret_stdin {
            terminal.logins().keep_client_secret(&terminal.tenant, &client_secret()?).await?;
        }
        let stored = terminal.recorded("login", ask(&terminal, flags)).await?;
        print(&format!("Logged in: tenant `{}` has {}.", terminal.tenant, what(&stored)))?;
        tell(&terminal, &stored).await
    };
    let outcome = outcome.await;
    terminal.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Sends the person to the vendor and waits for the answer.
async fn ask(terminal: &Terminal, flags: &Flags) -> Result<Stored> {
    let oauth = &terminal.settings.oauth;
    // Before anybody is sent anywhere: with what, and where to put the answer.
    let client_id = terminal.logins().check(&terminal.tenant).await?;
    let wanted: Vec<&str> = wanted(&oauth.scopes)?.into_iter().collect();
    let question = Question { settings: oauth, client_id: &client_id, scopes: &wanted, port: flags.port };
    let attempt = Attempt::begin(&question).await?;
    print("Open this address, choose the agency or a location, and allow the app:")?;
    print(&format!("\n  {}\n", attempt.page()))?;
    print(&format!("Waiting for the answer on {} …", attempt.redirect_uri()))?;
    if !flags.no_browser {
        browser::open(attempt.page());
    }
    let patience = Duration::from_millis(oauth.login_ms);
    let code = attempt.answer(&terminal.foundation.clock, patience).await?;
    terminal.logins().complete(&terminal.tenant, &code, attempt.redirect_uri()).await
}

/// The scopes that are asked for.
fn wanted(named: &[String]) -> Result<BTreeSet<&str>> {
    let tools = || needs::all_scopes().into_iter().chain(needs::AGENCY_SCOPES);
    if named.is_empty() {
        return Ok(tools().collect());
    }
    let mut wanted = BTreeSet::new();
    for name in named {
        match name.as_str() {
            OF_TOOLS => wanted.extend(tools()),
            OF_OPERATIONS => {
                wanted.extend(tools());
                wanted.extend(Catalogue::embedded()?.operations().flat_map(|it| it.scopes.iter().map(AsRef::as_ref)));
            }
            scope => {
                wanted.insert(scope);
            }
        }
    }
    Ok(wanted)
}

fn what(stored: &Stored) -> &'static str {
    match stored {
        Stored::Agency { .. } => "an agency's login",
        Stored::Location { .. } => "a location's login",
    }
}

/// Which locations are open, and what is missing.
async fn tell(terminal: &Terminal, stored: &Stored) -> Result<()> {
    let locations = open_locations(terminal, stored).await?;
    print(&format!("{} locations are open:", locations.len()))?;
    for location in locations.iter().take(LOCATIONS_SHOWN) {
        print(&format!(
            "  {}   {}",
            location.id,
            one_line(location.name.as_deref().unwrap_or("(no name)"), NAME_LENGTH_MAX)
        ))?;
    }
    if locations.len() > LOCATIONS_SHOWN {
        print(&format!("  and {} more", locations.len() - LOCATIONS_SHOWN))?;
    }
    let (Stored::Agency { login, .. } | Stored::Location { login, .. }) = stored;
    let missing = missing_scopes(&login.known().await?.tokens, stored);
    print(&match missing.as_slice() {
        [] => "No tool lacks a scope.".to_owned(),
        missing => format!("Missing scopes:\n  {}", missing.join("\n  ")),
    })
}

async fn open_locations(terminal: &Terminal, stored: &Stored) -> Result<Vec<Location>> {
    let connection = Arc::new(terminal.connections.connection(stored));
    let session = Session::at_terminal(&terminal.tenant, connection, PATIENCE);
    match stored {
        Stored::Location { location_id, .. } => Ok(vec![terminal.client.location(&session, location_id).await?]),
        Stored::Agency { company_id, .. } => {
            let mut locations = terminal.client.agency_locations(&session).await?;
            if let (Some(company_id), Some(app_id)) = (company_id, terminal.logins().app_id()) {
                let installed = terminal.client.installed_locations(&session, company_id, app_id).await?;
                locations.retain(|location| installed.contains(&location.id));
            }
            Ok(locations)
        }
    }
}

fn client_secret() -> Result<SecretString> {
    let mut text = String::new();
    let reading = std::io::stdin().lock().take(CLIENT_SECRET_BYTES_MAX).read_to_string(&mut text);
    reading.map_err(|source| Error::internal("standard input could not be read", source))?;
    Ok(text.trim().into())
}
