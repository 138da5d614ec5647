//! Opens the pools of either database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use url::Url;

use super::{DatabaseSettings, Pools, private_file};
use crate::error::{Error, ErrorCode, Result};

/// A PostgreSQL connection idle for longer is asked for a sign of life before use; a ping before every use would
/// double the round trips.
const IDLE_TRUSTED: Duration = Duration::from_secs(10);

pub(super) async fn postgres(settings: &DatabaseSettings, url: &SecretString) -> Result<Pools> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = url.expose_secret().parse().map_err(cannot_open)?;
    if !matches!(options.database_url.scheme(), "postgres" | "postgresql") {
        return Err(Error::new(ErrorCode::FailedPrecondition, "`database.url` is not a PostgreSQL URL")
            .with_hint("write `postgres://user:password@host/name`, or leave it out for SQLite"));
    }
    let on_connect = format!("set lock_timeout = {}", settings.timeout_ms);
    let pool = pool_options(settings, settings.connections_max, on_connect)
        .before_acquire(|connection, idle| {
            Box::pin(async move { Ok(idle.idle_for < IDLE_TRUSTED || connection.ping().await.is_ok()) })
        })
        .connect_with(options)
        .await
        .map_err(cannot_open)?;
    Ok(Pools { readers: pool.clone(), writer: pool })
}

/// Pages that a SQLite connection keeps, in KiB. The default is 2,000; what is evicted is still in the system's cache.
const PAGE_CACHE_KIB: u32 = 512;

/// The caller holds the migration lock: two processes that switch a fresh file to WAL at once would not wait for
/// each other, whatever the busy timeout (<https://www.sqlite.org/wal.html>, section 8).
pub(super) async fn sqlite(settings: &DatabaseSettings, file: &Path) -> Result<Pools> {
    sqlx::any::install_default_drivers();
    private_file::open(file).map_err(cannot_open)?;
    let options = AnyConnectOptions::from_url(&sqlite_url(file)?).map_err(cannot_open)?;
    // A negative size is in KiB (https://www.sqlite.org/pragma.html#pragma_cache_size).
    let for_all = format!(
        "pragma busy_timeout = {}; pragma foreign_keys = on; pragma synchronous = full; pragma cache_size = -{PAGE_CACHE_KIB}",
        settings.timeout_ms
    );
    let for_writer = format!("{for_all}; pragma journal_mode = wal");
    let for_readers = format!("{for_all}; pragma query_only = on");
    // The one writer lives as long as the process: reopening it gains nothing.
    let writer = pool_options(settings, 1, for_writer)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(cannot_open)?;
    let readers = pool_options(settings, settings.connections_max, for_readers).connect_lazy_with(options);
    Ok(Pools { readers, writer })
}

fn pool_options(settings: &DatabaseSettings, connections_max: u32, on_connect: String) -> AnyPoolOptions {
    let on_connect: Arc<str> = on_connect.into();
    AnyPoolOptions::new()
        .max_connections(connections_max.max(1))
        .acquire_timeout(settings.timeout())
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let statements = Arc::clone(&on_connect);
            Box::pin(async move {
                // Safe to assert: the only variable part is a number of milliseconds from the settings.
                sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *connection).await?;
                Ok(())
            })
        })
}

/// The file as a URL; characters that mean something in a URL are escaped, so that any UTF-8 path works.
fn sqlite_url(file: &Path) -> Result<Url> {
    let not_a_url = || Error::new(ErrorCode::FailedPrecondition, "the path of the database file is not valid UTF-8");
    let file = std::path::absolute(file).map_err(cannot_open)?;
    let file = file.to_str().ok_or_else(not_a_url)?;
    let as_file_url = Url::from_file_path(file).map_err(|()| not_a_url())?;
    Url::parse(&format!("sqlite://{}?mode=rwc", as_file_url.path())).map_err(cannot_open)
}

fn cannot_open(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the database cannot be opened")
        .with_hint("check `database.url`, or that the data folder is writable")
        .with_source(source)
}
