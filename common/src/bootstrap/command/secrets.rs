//! `secrets`: look after the vault. Values come from standard input or the terminal, never from an argument, which
//! every user of the machine could read; they are never printed.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{Options, Program, Whose, print};
use crate::bootstrap::Assembly;
use crate::error::{Error, ErrorCode, Result};
use crate::secrets::{KeySource, SECRET_BYTES_MAX, SecretName, Secrets};
use crate::tenant::TenantId;

/// What can be done with secrets.
#[derive(Debug, Clone, Subcommand)]
pub enum SecretsCommand {
    /// Say where the key of the vault is, and whether it is the right one
    Status,
    /// List names, never values
    List {
        #[command(flatten)]
        whose: Whose,
        /// Only names that begin so
        #[arg(long, default_value = "")]
        prefix: String,
    },
    /// Keep a secret, read from standard input or asked for at the terminal
    Set(Which),
    /// Forget a secret
    Delete(Which),
    /// Exchange the key of the vault
    Rotate {
        /// Where the next key is, as in `secrets.key` [default: where this one is]
        #[arg(long, value_name = "PLACE")]
        to: Option<KeySource>,
    },
}

/// One secret.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Its name, such as ghl/oauth/agency
    name: SecretName,
    #[command(flatten)]
    whose: Whose,
}

/// Runs one of them.
pub(super) async fn run(program: &Program, options: &Options, command: SecretsCommand) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let secrets = foundation.secrets.clone();
    secrets.allow_asking();
    match command {
        SecretsCommand::Status => print(&secrets.status().await?)?,
        SecretsCommand::List { whose, prefix } => list(&secrets, &whose.tenant(&foundation), &prefix).await?,
        SecretsCommand::Set(Which { name, whose }) => {
            let tenant = whose.tenant(&foundation);
            let generation = secrets.put(&tenant, &name, &value_from_person()?).await?;
            print(&format!("kept `{name}` of `{tenant}`, generation {generation}"))?;
        }
        SecretsCommand::Delete(Which { name, whose }) => {
            let tenant = whose.tenant(&foundation);
            if !secrets.delete(&tenant, &name).await? {
                return Err(Error::new(ErrorCode::NotFound, format!("`{tenant}` has no secret `{name}`")));
            }
            print(&format!("forgot `{name}` of `{tenant}`"))?;
        }
        SecretsCommand::Rotate { to } => rotate(&secrets, to).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(secrets: &Secrets, tenant: &TenantId, prefix: &str) -> Result<()> {
    for secret in secrets.list(tenant, prefix).await? {
        let updated = jiff::Timestamp::from_millisecond(secret.updated_at_ms).unwrap_or_default();
        print(&format!("{}\tgeneration {}\t{updated}", secret.name, secret.generation))?;
    }
    Ok(())
}

async fn rotate(secrets: &Secrets, to: Option<KeySource>) -> Result<()> {
    let rotated = secrets.rotate(to.as_ref()).await?;
    print(&format!("the vault has the key {}; it wraps {} secrets", rotated.key_id, rotated.secrets))?;
    if let Some(to) = to {
        print(&format!("set `secrets.key = \"{to}\"`, or what gives the same key there"))?;
    }
    if rotated.strays > 0 {
        print(&format!(
            "{} old keys could not be removed from the key store; the next rotation tries again",
            rotated.strays
        ))?;
    }
    Ok(())
}

fn value_from_person() -> Result<SecretString> {
    let unreadable = |source: std::io::Error| {
        Error::new(ErrorCode::FailedPrecondition, "the value cannot be read").with_source(source)
    };
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return rpassword::prompt_password("Value: ").map(SecretString::from).map_err(unreadable);
    }
    // One byte more than is accepted, so that what is too long is refused and not cut. Reserved at once: a vector that
    // grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX + 3));
    let bytes_max = u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(3);
    stdin.lock().take(bytes_max).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|source| Error::new(ErrorCode::InvalidArgument, "the value is no text (UTF-8)").with_source(source))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(Error::new(ErrorCode::InvalidArgument, "there was no value on standard input")
            .with_hint("printf %s \"$TOKEN\" | luminar secrets set NAME, or type it at the terminal"));
    }
    Ok(SecretString::from(text))
}
