//! The commands of this server: the common ones, logging in and out, and its emulator.

mod browser;
mod login;
mod logout;
mod terminal;

use std::process::ExitCode;

use clap::Subcommand;
use common::bootstrap::{self, Options, Program};

use crate::{SERVER, sandbox};

/// What `mcp-ghl` and `luminar ghl` can be told.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Common(bootstrap::Command),
    /// Connect a GoHighLevel agency or location by logging in to it
    Login(login::Flags),
    /// Forget the logins to GoHighLevel
    Logout(logout::Flags),
    /// Serve the GoHighLevel emulator alone, for anything that needs a GoHighLevel to test against
    Sandbox(sandbox::Flags),
}

/// Runs a command to its end.
#[must_use]
pub fn run(options: &Options, command: Command, is_part_of_suite: bool) -> ExitCode {
    match command {
        Command::Common(command) => bootstrap::run(&Program { servers: &[SERVER], is_part_of_suite }, options, command),
        Command::Login(flags) => login::run(options, &flags),
        Command::Logout(flags) => logout::run(options, &flags),
        Command::Sandbox(flags) => sandbox::run(options, &flags),
    }
}
