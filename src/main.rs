//! `luminar`: all servers in one process, on one port, with one settings file. It composes and decides nothing.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::bootstrap::{self, HttpFlags, Options, Program};

const SUITE: Program = Program {
    servers: &[mcp_ghl::SERVER, mcp_orchestrator::SERVER, mcp_analytics::SERVER],
    peers: &[],
    left_out: &[],
    companions: &[],
    is_part_of_suite: true,
};

/// One server that is served alone still reaches the others.
const ORCHESTRATOR: Program = Program {
    servers: &[mcp_orchestrator::SERVER],
    peers: &[mcp_ghl::SERVER],
    left_out: &[mcp_analytics::SERVER],
    ..SUITE
};

const ANALYTICS: Program = Program {
    servers: &[mcp_analytics::SERVER],
    peers: &[mcp_ghl::SERVER],
    left_out: &[mcp_orchestrator::SERVER],
    ..SUITE
};

/// Marketing systems for AI agents. Without a command it serves everything on one loopback port.
#[derive(Debug, Parser)]
#[command(name = "luminar", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    ghl: mcp_ghl::command::Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Suite(bootstrap::Command),
    /// The CRM server alone
    #[command(subcommand)]
    Ghl(mcp_ghl::command::Command),
    /// The orchestration server alone; it calls the other servers all the same
    #[command(subcommand)]
    Orchestrator(bootstrap::Command),
    /// The analytics server alone; it reads from the other servers all the same
    #[command(subcommand)]
    Analytics(bootstrap::Command),
}

fn main() -> ExitCode {
    bootstrap::keep_private();
    let Cli { options, ghl, command } = Cli::parse();
    let options = ghl.among(options);
    match command {
        None => bootstrap::run(&SUITE, &options, bootstrap::Command::Http(HttpFlags::default())),
        Some(Command::Suite(command)) => bootstrap::run(&SUITE, &options, command),
        Some(Command::Orchestrator(command)) => bootstrap::run(&ORCHESTRATOR, &options, command),
        Some(Command::Analytics(command)) => bootstrap::run(&ANALYTICS, &options, command),
        Some(Command::Ghl(command)) => {
            mcp_ghl::command::run(&options, command, &[mcp_orchestrator::SERVER, mcp_analytics::SERVER])
        }
    }
}
