//! `mcp-analytics`: the analytics server on its own.

use std::process::ExitCode;

use clap::Parser;
use common::bootstrap::{self, Command, Companion, Options, Program};

const PROGRAM: Program = Program {
    servers: &[mcp_analytics::SERVER],
    peers: &[],
    left_out: &[],
    companions: &[Companion { name: "ghl", program: "mcp-ghl" }],
    is_part_of_suite: false,
};

/// Segments, predictions and decisions from a team's own data for AI agents, as MCP tools.
#[derive(Debug, Parser)]
#[command(name = "mcp-analytics", version)]
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
