//! `mcp-ghl`: the CRM server on its own.

use std::process::ExitCode;

use clap::Parser;
use common::bootstrap::{self, Options};
use mcp_ghl::command::{self, Command, Flags};

/// GoHighLevel for AI agents: contacts, pipelines and more as MCP tools.
#[derive(Debug, Parser)]
#[command(name = "mcp-ghl", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    ghl: Flags,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    bootstrap::keep_private();
    let Cli { options, ghl, command } = Cli::parse();
    let options = ghl.among(options);
    command::run(&options, command, &[])
}
