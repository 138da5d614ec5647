//! The database: SQLite in the data folder by default, PostgreSQL when the settings name one.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Transaction};

use crate::error::{Error, ErrorCode, Result};

/// `[database]`: where rows live.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host/name`; absent means SQLite in the data folder.
    #[schemars(with = "Option<String>")]
    pub url: Option<SecretString>,
    /// Most connections for reading.
    pub connections_max: u32,
    /// How long to wait for a connection or a lock, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, connections_max: 8, timeout_ms: 5_000 }
    }
}

/// Which SQL dialect the few two-armed functions have to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// One database, cheap to clone. SQLite writes go through one connection, reads through several.
#[derive(Debug, Clone)]
pub struct Db {
    dialect: Dialect,
    readers: AnyPool,
    writer: AnyPool,
}

/// A change of several rows that happens whole or not at all; dropped without `commit` it never happened.
pub type Tx = Transaction<'static, Any>;

impl Db {
    /// Opens PostgreSQL at the configured URL, else SQLite at `file`, creating it with owner-only permissions.
    ///
    /// # Errors
    /// `failed_precondition` if the database cannot be opened.
    pub async fn open(settings: &DatabaseSettings, file: &Path) -> Result<Self> {
        match &settings.url {
            Some(url) => Self::open_postgres(settings, url.expose_secret()).await,
            None => Self::open_sqlite(settings, file).await,
        }
    }

    async fn open_postgres(settings: &DatabaseSettings, url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(settings.connections_max)
            .acquire_timeout(Duration::from_millis(settings.timeout_ms))
            .connect(url)
            .await
            .map_err(cannot_open)?;
        Ok(Self { dialect: Dialect::Postgres, readers: pool.clone(), writer: pool })
    }

    async fn open_sqlite(settings: &DatabaseSettings, file: &Path) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let options =
            AnyConnectOptions::from_str(&format!("sqlite://{}?mode=rwc", file.display())).map_err(cannot_open)?;
        let timeout_ms = settings.timeout_ms;
        let pool = |connections_max: u32| {
            AnyPoolOptions::new()
                .max_connections(connections_max)
                .acquire_timeout(Duration::from_millis(timeout_ms))
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        sqlx::raw_sql(SQLITE_PRAGMAS).execute(&mut *connection).await?;
                        Ok(())
                    })
                })
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(cannot_open)?;
        let readers = pool(settings.connections_max).connect_lazy_with(options);
        Ok(Self { dialect: Dialect::Sqlite, readers, writer })
    }

    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// For queries that change nothing.
    #[must_use]
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins a change. On SQLite it takes the write lock at once (`begin immediate`), so that it cannot fail half-way for want of it.
    ///
    /// # Errors
    /// `upstream_unavailable` if no connection or lock could be had in time.
    pub async fn begin(&self) -> Result<Tx> {
        let begun = match self.dialect {
            Dialect::Sqlite => self.writer.begin_with("begin immediate").await,
            Dialect::Postgres => self.writer.begin().await,
        };
        begun.map_err(|source| {
            Error::new(ErrorCode::UpstreamUnavailable, "the database is busy")
                .with_hint("try again")
                .with_source(source)
        })
    }

    /// Applies a crate's migrations, each crate in a migrations table of its own name.
    ///
    /// # Errors
    /// `failed_precondition` if a migration fails or the database is newer than this program.
    pub async fn migrate(&self, migrations: &Migrator, table: &'static str) -> Result<()> {
        let mut migrations = Migrator { migrations: migrations.migrations.clone(), ..Migrator::DEFAULT };
        migrations.dangerous_set_table_name(table);
        migrations.run(&self.writer).await.map_err(|source| {
            Error::new(ErrorCode::FailedPrecondition, "the database could not be migrated")
                .with_hint("is it newer than this program? use the newer program, or another `--data-dir`")
                .with_source(source)
        })
    }
}

const SQLITE_PRAGMAS: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000;";

fn cannot_open(source: sqlx::Error) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the database cannot be opened")
        .with_hint("check `database.url`, or that the data folder is writable")
        .with_source(source)
}
