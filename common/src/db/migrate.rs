//! Brings the tables to the state that this program expects.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::migrate::{MigrateError, Migrator};

use super::private_file;
use crate::error::{Error, ErrorCode, Result};

/// Applies what is missing, and compares what was applied before with what this program carries.
pub(super) async fn run(writer: &AnyPool, migrator: &Migrator, table: &'static str) -> Result<()> {
    recording(migrator, table).run(writer).await.map_err(refused)
}

/// The same, up to one version.
pub(super) async fn run_to(writer: &AnyPool, migrator: &Migrator, table: &'static str, version: i64) -> Result<()> {
    recording(migrator, table).run_to(version, writer).await.map_err(refused)
}

/// The migrator with a table of its own for what was applied.
fn recording(migrator: &Migrator, table: &'static str) -> Migrator {
    let mut migrator = Migrator { migrations: migrator.migrations.clone(), ..Migrator::DEFAULT };
    migrator.dangerous_set_table_name(table);
    migrator
}

fn refused(source: MigrateError) -> Error {
    let (message, hint) = match &source {
        MigrateError::VersionMissing(_) => {
            ("the database is newer than this program", "use the newer program, or another `--data-dir`")
        }
        MigrateError::VersionMismatch(_) => (
            "the database was set up by a different build of this program",
            "use the program that created it, or another `--data-dir`",
        ),
        _ => ("the database could not be migrated", "the log has the cause; the data is as it was before"),
    };
    Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint).with_source(source)
}

/// Waits for the lock that processes sharing one SQLite file hold while they open and migrate it.
///
/// SQLite's own lock is no substitute: sqlx reads the list of applied migrations before it takes that one.
/// The lock lies in a file beside the database, is given back when the file is dropped, and does not outlive a killed process.
pub(super) async fn lock(database: &Path, patience: Duration) -> Result<File> {
    let path = lock_path(database);
    let locking = tokio::task::spawn_blocking(move || {
        let file = private_file::open(&path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    let cannot_lock = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorCode::FailedPrecondition, "the data folder cannot be locked")
            .with_hint("check that it is writable and on a file system with locks")
            .with_source(source)
    };
    match tokio::time::timeout(patience, locking).await {
        Ok(Ok(Ok(file))) => Ok(file),
        Ok(Ok(Err(source))) => Err(cannot_lock(source.into())),
        Ok(Err(source)) => Err(cannot_lock(source.into())),
        Err(source) => {
            Err(Error::new(ErrorCode::UpstreamUnavailable, "another process is still migrating the database")
                .with_hint("try again")
                .with_source(source))
        }
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".migrate-lock");
    name.into()
}
