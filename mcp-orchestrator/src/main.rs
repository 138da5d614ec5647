//! `mcp-orchestrator`: the orchestration server on its own.

use std::process::ExitCode;

use clap::Parser;
use common::bootstrap::{self, Command, Companion, Options, Program};

const PROGRAM: Program = Program {
    servers: &[mcp_orchestrator::SERVER],
    peers: &[],
    left_out: &[],
    companions: &[Companion { name: "ghl", program: "mcp-ghl" }],
    is_part_of_suite: false,
};

/// Durable events and workflows for AI agents, as MCP tools.
#[derive(Debug, Parser)]
#[command(name = "mcp-orchestrator", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    bootstrap::keep_private();
    let Cli { options, command } = Cli::parse();
    bootstrap::run(&PROGRAM, &options, command)
}
