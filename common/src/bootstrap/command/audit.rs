//! `audit`: look after the trail.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Options, Program, Whose, print};
use crate::bootstrap::Assembly;
use crate::error::{Error, Result};

/// What can be done with the audit trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Recompute every hash of a tenant's trail and say what was tampered with
    Verify {
        #[command(flatten)]
        whose: Whose,
    },
}

/// Runs one of them.
pub(super) async fn run(program: &Program, options: &Options, command: AuditCommand) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify { whose } => verify(program, options, whose).await,
    }
}

async fn verify(program: &Program, options: &Options, whose: Whose) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let report = foundation.audit.verify(&whose.tenant(&foundation)).await?;
    let text = serde_json::to_string_pretty(&report)
        .map_err(|source| Error::internal("the report could not be encoded", source))?;
    print(&text)?;
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
