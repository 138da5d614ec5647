//! `logout`: forget logins.

use std::process::ExitCode;

use clap::Args;
use common::bootstrap::{Options, exit_code, on_one_thread, print};
use common::error::Result;
use common::tenant::TenantId;

use super::terminal::Terminal;
use crate::record_id::RecordId;

/// Flags of `logout`.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// Whose logins; those of the person at this machine if absent
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Only the login of this location
    #[arg(long, value_name = "ID")]
    location: Option<RecordId>,
}

pub(super) fn run(options: &Options, flags: &Flags) -> ExitCode {
    exit_code(on_one_thread(log_out(options, flags)))
}

async fn log_out(options: &Options, flags: &Flags) -> Result<ExitCode> {
    let terminal = Terminal::new(options, flags.tenant.as_ref())?;
    let forgetting = terminal.logins().forget(&terminal.tenant, flags.location.as_ref());
    let forgotten = terminal.recorded("logout", forgetting).await;
    let outcome = forgotten.and_then(|count| tell(&terminal, count));
    terminal.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

fn tell(terminal: &Terminal, forgotten: usize) -> Result<()> {
    let tenant = &terminal.tenant;
    print(&match forgotten {
        0 => format!("tenant `{tenant}` had no such login"),
        1 => format!(
            "forgot the login of tenant `{tenant}`; to take the permission back too, uninstall the app in GoHighLevel"
        ),
        count => format!(
            "forgot {count} logins of tenant `{tenant}`; to take the permission back too, uninstall the app in GoHighLevel"
        ),
    })
}
