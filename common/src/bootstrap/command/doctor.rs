//! `doctor`: look at everything that has to work.

use std::process::ExitCode;
use std::time::Duration;

use super::{Options, Program, SHUTDOWN_PATIENCE, print};
use crate::bootstrap::{Assembly, checks};
use crate::error::Result;
use crate::health::{Status, examine};

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Prints what works and what does not.
pub(super) async fn run(program: &Program, options: &Options) -> Result<ExitCode> {
    let Assembly { foundation, servers, .. } = Assembly::new(program, options)?;
    let mut all = checks(&foundation.checks(), &servers);
    all.push(foundation.secrets.check());
    all.extend(servers.iter().flat_map(|server| server.diagnoses.iter().cloned()));
    let report = examine(&all, PATIENCE).await;
    print(&format!("data folder: {}", foundation.data_dir.display()))?;
    for finding in &report.checks {
        let mark = match finding.status {
            Status::Ok => "ok    ",
            Status::Failed => "FAILED",
        };
        print(&format!("{mark} {}: {}", finding.name, finding.reason))?;
    }
    let mut is_well = report.status == Status::Ok;
    for (name, tools) in foundation.peers.health(foundation.authenticator.local()).await {
        let (mark, reason) = match tools {
            Ok(tools) => ("ok    ", format!("shows {tools} tools that may be called")),
            Err(error) => ("FAILED", error.to_string()),
        };
        is_well &= mark == "ok    ";
        print(&format!("{mark} server {name}: {reason}"))?;
    }
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
