//! The commands of this server: the common ones, logging in and out, and its emulator.

mod browser;
mod login;
mod logout;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use common::bootstrap::{self, Options, Program, ServerEntry};

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

/// What can be said to every command about this server.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Folder with newer `OpenAPI` files of GoHighLevel (*.json): their operations win over those of this build
    #[arg(long, global = true, value_name = "DIR")]
    pub spec_dir: Option<PathBuf>,
}

impl Flags {
    /// These flags among the others, as the settings that they are.
    #[must_use]
    pub fn among(self, mut options: Options) -> Options {
        if let Some(folder) = self.spec_dir {
            let folder = std::path::absolute(&folder).unwrap_or(folder);
            options.set.push(("ghl.spec_dir".to_owned(), folder.display().to_string()));
        }
        options
    }
}

/// Runs a command to its end, in a program that holds the servers `beside` this one.
#[must_use]
pub fn run(options: &Options, command: Command, beside: &'static [ServerEntry]) -> ExitCode {
    match command {
        Command::Common(command) => {
            let program = Program {
                servers: &[SERVER],
                peers: &[],
                left_out: beside,
                companions: &[],
                is_part_of_suite: !beside.is_empty(),
            };
            bootstrap::run(&program, options, command)
        }
        Command::Login(flags) => login::run(options, &flags),
        Command::Logout(flags) => logout::run(options, &flags),
        Command::Sandbox(flags) => sandbox::run(options, &flags),
    }
}
