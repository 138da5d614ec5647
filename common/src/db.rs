//! The database: SQLite in the data folder by default, PostgreSQL when the settings name one.
//!
//! A [`Db`] costs nothing until it is used: the first [`Db::read`], [`Db::begin`] or [`Db::ready`] connects and
//! applies the migrations, once. Why `sqlx::Any`: `docs/decisions/0001-one-sql-text-through-sqlx-any.md`.
//!
//! SQL text is shared by both dialects. What `Any` does not carry on both: `boolean` columns (use integers), and
//! `sum` or `avg` of a `bigint` (cast the result to `bigint` or `double precision`).

mod backup;
mod columns;
mod connect;
mod failure;
mod group;
mod insert_many;
mod migrate;
mod private_file;
mod restore;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::OnceCell;

use crate::error::Result;

pub use backup::BackupReport;
pub use failure::{OnViolation, Violation};
pub use group::{Applied, GroupLimits, GroupWriter};
pub use insert_many::{AnyQuery, InsertMany};

/// The migrations of `common` itself; their table is `common_migrations`.
pub static COMMON_MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// `[database]`: where rows live.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host/name`; absent means SQLite in the data folder.
    #[schemars(with = "Option<String>")]
    pub url: Option<SecretString>,
    /// Most connections for reading. At least 1.
    pub connections_max: u32,
    /// How long to wait for a connection or a lock, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, connections_max: 8, timeout_ms: 5_000 }
    }
}

impl DatabaseSettings {
    fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

/// Which SQL dialect the few two-armed functions have to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A change of several rows that happens whole or not at all; dropped without `commit` it never happened.
pub type Tx = Transaction<'static, Any>;

/// One database, cheap to clone. SQLite writes go through one connection, reads through several.
///
/// Several processes may share one SQLite file.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    settings: DatabaseSettings,
    migrations: Vec<Migrations>,
    pools: OnceCell<Pools>,
}

#[derive(Debug, Clone)]
enum Place {
    Sqlite(PathBuf),
    Postgres(SecretString),
}

/// A crate's tables, and the table that records which of its migrations were applied.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// Each crate names its own.
    pub table: &'static str,
    pub migrator: &'static Migrator,
}

#[derive(Debug)]
struct Pools {
    readers: AnyPool,
    writer: AnyPool,
}

impl Db {
    /// PostgreSQL at the configured URL, else SQLite at `file`. Touches neither disk nor network.
    ///
    /// On first use the SQLite file and its folder are created, readable by their owner alone.
    #[must_use]
    pub fn new(settings: &DatabaseSettings, file: &Path) -> Self {
        let place = match &settings.url {
            Some(url) => Place::Postgres(url.clone()),
            None => Place::Sqlite(file.to_owned()),
        };
        Self::unconnected(place, settings.clone(), Vec::new())
    }

    /// Adds a crate's migrations, applied before the first use, in the order added. Each crate names its own `table`.
    ///
    /// Call it while composing: the result shares no connection with clones made before.
    #[must_use]
    pub fn with_migrations(self, table: &'static str, migrator: &'static Migrator) -> Self {
        let mut migrations = self.inner.migrations.clone();
        migrations.push(Migrations { table, migrator });
        Self::unconnected(self.inner.place.clone(), self.inner.settings.clone(), migrations)
    }

    /// [`Db::new`] with the migrations of `common`, connected.
    ///
    /// # Errors
    /// As [`Db::ready`].
    pub async fn open(settings: &DatabaseSettings, file: &Path) -> Result<Self> {
        let db = Self::new(settings, file).with_migrations("common_migrations", &COMMON_MIGRATIONS);
        db.ready().await?;
        Ok(db)
    }

    fn unconnected(place: Place, settings: DatabaseSettings, migrations: Vec<Migrations>) -> Self {
        Self { inner: Arc::new(Inner { place, settings, migrations, pools: OnceCell::new() }) }
    }

    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner.place {
            Place::Sqlite(_) => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        }
    }

    /// For queries that change nothing; SQLite refuses a change made through it.
    ///
    /// # Errors
    /// `failed_precondition` or `upstream_unavailable` if the database could not be opened or migrated; the next
    /// call tries again.
    pub async fn read(&self) -> Result<&AnyPool> {
        Ok(&self.pools().await?.readers)
    }

    /// Begins a change. On SQLite it takes the write lock at once (`begin immediate`), so that it cannot fail half-way for want of it.
    ///
    /// # Errors
    /// As [`Db::read`]; `upstream_unavailable` if no connection or lock could be had in time.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with(&self.pools().await?.writer).await
    }

    async fn begin_with(&self, writer: &AnyPool) -> Result<Tx> {
        let begun = match self.dialect() {
            Dialect::Sqlite => writer.begin_with("begin immediate").await,
            Dialect::Postgres => writer.begin().await,
        };
        Ok(begun?)
    }

    /// Begins reading one unchanging state of the database, whatever others commit meanwhile.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot(&self) -> Result<Tx> {
        let begun = match self.dialect() {
            Dialect::Sqlite => self.read().await?.begin().await,
            Dialect::Postgres => self.read().await?.begin_with("begin isolation level repeatable read read only").await,
        };
        Ok(begun?)
    }

    /// Connects and migrates if that has not happened yet, and asks the database for a sign of life.
    ///
    /// # Errors
    /// As [`Db::read`]; `upstream_unavailable` if the database does not answer.
    pub async fn ready(&self) -> Result<()> {
        sqlx::query("select 1").execute(self.read().await?).await?;
        Ok(())
    }

    /// Applies further migrations to an open database.
    ///
    /// # Errors
    /// `failed_precondition` if a migration fails or the database is newer than this program.
    pub async fn migrate(&self, migrator: &Migrator, table: &'static str) -> Result<()> {
        let writer = &self.pools().await?.writer;
        let _guard = self.inner.migration_guard().await?;
        migrate::run(writer, migrator, table).await
    }

    /// Closes all connections, which on SQLite folds the write-ahead log into the file. Later uses fail.
    pub async fn close(&self) {
        if let Some(pools) = self.inner.pools.get() {
            pools.readers.close().await;
            pools.writer.close().await;
        }
    }

    async fn pools(&self) -> Result<&Pools> {
        self.inner.pools.get_or_try_init(|| self.inner.connect_and_migrate()).await
    }
}

impl Inner {
    async fn connect_and_migrate(&self) -> Result<Pools> {
        let _guard = self.migration_guard().await?;
        let pools = self.connect().await?;
        for Migrations { table, migrator } in &self.migrations {
            if let Err(error) = migrate::run(&pools.writer, migrator, table).await {
                // Closing also gives back the advisory lock that sqlx keeps when a migration fails on PostgreSQL.
                pools.writer.close().await;
                return Err(error);
            }
        }
        Ok(pools)
    }

    async fn connect(&self) -> Result<Pools> {
        match &self.place {
            Place::Sqlite(file) => connect::sqlite(&self.settings, file).await,
            Place::Postgres(url) => connect::postgres(&self.settings, url).await,
        }
    }

    /// Held while opening and migrating a SQLite file; PostgreSQL is guarded by the advisory lock that sqlx takes.
    async fn migration_guard(&self) -> Result<Option<std::fs::File>> {
        match &self.place {
            Place::Sqlite(file) => migrate::lock(file, self.settings.timeout()).await.map(Some),
            Place::Postgres(_) => Ok(None),
        }
    }
}
