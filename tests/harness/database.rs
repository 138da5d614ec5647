//! A database of its own for each test: a SQLite file, and on PostgreSQL one created for it.

use std::path::PathBuf;

use common::db::{COMMON_MIGRATIONS, DatabaseSettings, Db};
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;

use crate::oracles;

/// An empty database that belongs to one test.
#[derive(Debug)]
pub struct TestDatabase {
    pub settings: DatabaseSettings,
    /// Where SQLite lives; not used by PostgreSQL.
    pub file: PathBuf,
    folder: TempDir,
}

impl TestDatabase {
    /// A SQLite file in a folder that is removed afterwards.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test stops here")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { settings: DatabaseSettings::default(), file: folder.path().join("test.db"), folder }
    }

    fn postgres(url: &str, name: &str) -> Self {
        let base = url.rsplit_once('/').map_or(url, |(base, _database)| base);
        let settings = DatabaseSettings { url: Some(format!("{base}/{name}").into()), ..DatabaseSettings::default() };
        Self { settings, ..Self::sqlite() }
    }

    /// The folder of the SQLite file.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A handle with the migrations of `common` and connections of its own, as another process would have.
    #[must_use]
    pub fn open(&self) -> Db {
        Db::new(&self.settings, &self.file).with_migrations("common_migrations", &COMMON_MIGRATIONS)
    }

    /// Connections past [`Db`], as an intruder or administrator would have.
    ///
    /// # Panics
    /// If the database cannot be reached.
    #[expect(clippy::expect_used, reason = "a test stops here")]
    pub async fn bypass(&self) -> AnyPool {
        use secrecy::ExposeSecret;
        sqlx::any::install_default_drivers();
        let url = match &self.settings.url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite://{}", self.file.display()),
        };
        AnyPool::connect(&url).await.expect("a connection past the handle")
    }
}

/// Runs a test on SQLite, then on PostgreSQL if `LUMINAR_POSTGRES_URL` names a server where databases may be created.
///
/// # Panics
/// With the test; the PostgreSQL database then stays for a look.
#[expect(clippy::disallowed_methods, reason = "tests/run says where PostgreSQL listens")]
#[expect(clippy::expect_used, clippy::print_stderr, reason = "a test stops here, and says what it left out")]
pub async fn on_each_database<Test: Future<Output = ()>>(test: impl Fn(TestDatabase) -> Test) {
    test(TestDatabase::sqlite()).await;
    let Ok(url) = std::env::var("LUMINAR_POSTGRES_URL") else {
        assert!(!oracles::is_ci(), "LUMINAR_POSTGRES_URL is not set: `tests/run` starts PostgreSQL and sets it");
        eprintln!("skipped on PostgreSQL: LUMINAR_POSTGRES_URL is not set");
        return;
    };
    sqlx::any::install_default_drivers();
    let server = AnyPool::connect(&url).await.expect("the PostgreSQL server of LUMINAR_POSTGRES_URL");
    let name = format!("test_{:016x}", fastrand::u64(..));
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create).execute(&server).await.expect("a database for the test");
    test(TestDatabase::postgres(&url, &name)).await;
    let remove = AssertSqlSafe(format!("drop database {name} with (force)"));
    sqlx::raw_sql(remove).execute(&server).await.expect("the test's database removed");
}
