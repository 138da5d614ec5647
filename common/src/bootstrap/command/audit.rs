//! `audit`: look after the trail.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Options, Program, print};
use crate::bootstrap::Assembly;
use crate::error::{Error, Result};
use crate::tenant::TenantId;

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

/// Runs one of them.
pub(super) async fn run(program: &Program, options: &Options, command: AuditCommand) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify { tenant } => verify(program, options, tenant).await,
    }
}

async fn verify(program: &Program, options: &Options, tenant: TenantId) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let report = foundation.audit.verify(&tenant).await?;
    let text = serde_json::to_string_pretty(&report)
        .map_err(|source| Error::internal("the report could not be encoded", source))?;
    print(&text)?;
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
