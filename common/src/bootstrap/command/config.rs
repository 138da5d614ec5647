//! `config`: what can be set.

use std::process::ExitCode;

use clap::Args;

use super::{Program, print};
use crate::bootstrap::settings;
use crate::error::{Error, Result};

/// Flags of `config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigFlags {
    /// The JSON Schema of the settings file
    #[arg(long)]
    schema: bool,
    /// The default settings file, with comments (what `config` alone prints too)
    #[arg(long, conflicts_with = "schema")]
    defaults: bool,
}

/// Prints the settings' defaults or their schema.
pub(super) fn run(program: &Program, flags: &ConfigFlags) -> Result<ExitCode> {
    let text = if flags.schema {
        let schema = settings::FileSchema::of(&program.all());
        serde_json::to_string_pretty(&schema)
            .map_err(|source| Error::internal("the schema could not be encoded", source))?
    } else {
        let texts = std::iter::once(settings::DEFAULT_CONFIG)
            .chain(program.all().into_iter().map(|server| server.default_config));
        texts.collect::<Vec<_>>().join("\n")
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
