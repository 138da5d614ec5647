//! A process that uses a vault: `vault-user KEY DATABASE VERB [NAME]`, where KEY is as in `secrets.key` and DATABASE a file
//! or a URL. Values to put come from standard input. Prints `ok: …` or `refused: …`, a line.
#![expect(clippy::print_stdout, reason = "the parent reads along")]

use std::io::Read;
use std::path::Path;

use common::clock::Clock;
use common::db::{COMMON_MIGRATIONS, DatabaseSettings, Db};
use common::error::Result;
use common::secrets::{Secrets, SecretsSettings};
use common::tenant::TenantId;
use secrecy::ExposeSecret;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words).await {
        Ok(text) => println!("ok: {text}"),
        Err(error) => println!("refused: {error}"),
    }
}

async fn run(words: &[&str]) -> Result<String> {
    let (Some(key), Some(database)) = (words.first(), words.get(1)) else { return Ok("usage: see above".to_owned()) };
    let url = database.starts_with("postgres").then(|| (*database).into());
    let database_settings = DatabaseSettings { url, ..DatabaseSettings::default() };
    let db = Db::new(&database_settings, Path::new(database)).with_migrations("common_migrations", &COMMON_MIGRATIONS);
    let settings = SecretsSettings { key: key.parse()?, ..SecretsSettings::default() };
    let secrets = Secrets::new(db, Clock::system(), &settings);
    let acme: TenantId = "acme".parse()?;
    match &words[2..] {
        ["put", name] => {
            let mut value = String::new();
            std::io::stdin().read_to_string(&mut value).unwrap_or_default();
            secrets.put(&acme, &name.parse()?, &value.into()).await.map(|_| "kept".to_owned())
        }
        ["get", name] => {
            let stored = secrets.get(&acme, &name.parse()?).await?;
            Ok(stored.map_or_else(|| "nothing".to_owned(), |stored| stored.value.expose_secret().to_owned()))
        }
        ["hold"] => hold(&secrets, &acme).await,
        ["status"] => secrets.status().await,
        ["rotate"] => secrets.rotate(None).await.map(|rotated| format!("{} secrets", rotated.secrets)),
        ["rotate", to] => {
            secrets.rotate(Some(&to.parse()?)).await.map(|rotated| format!("{} secrets", rotated.secrets))
        }
        ["seal"] => Ok(secrets.sealing_key("tests").await?.seal(b"", b"x").len().to_string()),
        #[cfg(target_os = "linux")]
        ["spoil", account] => {
            Ok(past_our_code(account, |entry| entry.set_secret(&[9; 32])).map_or_else(|e| e, |()| "spoilt".to_owned()))
        }
        #[cfg(target_os = "linux")]
        ["lose", account] => {
            Ok(past_our_code(account, keyring_core::Entry::delete_credential)
                .map_or_else(|e| e, |()| "lost".to_owned()))
        }
        other => Ok(format!("unknown verb {other:?}")),
    }
}

/// Keeps every line of its input, reads each back, says so, and stays until its input ends, so that others can look at
/// what is left in its memory.
async fn hold(secrets: &Secrets, acme: &TenantId) -> Result<String> {
    // Past the buffer of the standard library, which keeps what went through it.
    let mut input = std::fs::File::open("/dev/stdin").expect("standard input");
    let mut lines = vec![0; 65_536];
    let length = input.read(&mut lines).expect("lines");
    for (number, line) in lines[..length].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        let name = format!("held/{number}").parse()?;
        let value: secrecy::SecretString = std::str::from_utf8(line).expect("text").into();
        secrets.put(acme, &name, &value).await?;
        let stored = secrets.get(acme, &name).await?.expect("it was kept");
        assert!(stored.value.expose_secret() == value.expose_secret());
    }
    lines.fill(0);
    std::hint::black_box(&lines);
    println!("ok: held");
    drop(input.read(&mut lines));
    Ok("let go".to_owned())
}

/// Does something to an entry of the key store as another program would. On a thread of its own, since the library
/// blocks and runs what it waits for itself.
#[cfg(target_os = "linux")]
fn past_our_code(
    account: &str,
    does: impl FnOnce(&keyring_core::Entry) -> keyring_core::Result<()> + Send,
) -> std::result::Result<(), String> {
    use keyring_core::api::CredentialStoreApi;
    let done = std::thread::scope(|scope| {
        let work = || {
            let entry = zbus_secret_service_keyring_store::Store::new()?.build("luminar", account, None)?;
            does(&entry)
        };
        scope.spawn(work).join()
    });
    done.map_err(|_| "panicked".to_owned())?.map_err(|error| error.to_string())
}
