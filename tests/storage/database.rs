//! `common::db`: opening, migrating, changing, failing.

use std::sync::OnceLock;

use common::db::{AnyQuery, DatabaseSettings, Db, Dialect, InsertMany, OnViolation, Violation};
use common::error::{Error, ErrorCode};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Row, SqlSafeStr};
use tests::database::{TestDatabase, on_each_database};

const THINGS: &str = "create table things (id bigint not null primary key, name text not null check (name <> ''));";

pub(crate) fn migrator(scripts: &[&'static str]) -> &'static Migrator {
    let migrations = scripts.iter().zip(1..).map(|(sql, version)| {
        Migration::new(version, "things".into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    Box::leak(Box::new(Migrator::with_migrations(migrations.collect())))
}

fn with_things(database: &TestDatabase) -> Db {
    static MIGRATOR: OnceLock<&'static Migrator> = OnceLock::new();
    Db::new(&database.settings, &database.file)
        .with_migrations("things_migrations", MIGRATOR.get_or_init(|| migrator(&[THINGS])))
}

async fn insert(db: &Db, id: i64, name: &str) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    sqlx::query("insert into things (id, name) values ($1, $2)")
        .bind(id)
        .bind(name)
        .execute(&mut *tx)
        .await
        .on_violation(Violation::Unique, || Error::new(ErrorCode::Conflict, "there is such a thing"))?;
    Ok(tx.commit().await?)
}

async fn count(pool: &AnyPool) -> i64 {
    sqlx::query_scalar("select count(*) from things").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn nothing_is_touched_before_the_first_use() {
    let sqlite = TestDatabase::sqlite();
    let db = Db::new(&sqlite.settings, &sqlite.folder().join("not/yet/there.db"));
    assert_eq!(std::fs::read_dir(sqlite.folder()).unwrap().count(), 0);
    db.ready().await.unwrap();
    assert!(sqlite.folder().join("not/yet/there.db").exists());

    let nowhere =
        DatabaseSettings { url: Some("postgres://nobody@127.0.0.1:1/x".into()), timeout_ms: 100, ..sqlite.settings };
    let db = Db::new(&nowhere, &sqlite.file);
    assert_eq!(db.dialect(), Dialect::Postgres);
    assert_eq!(db.ready().await.unwrap_err().code(), ErrorCode::FailedPrecondition);
}

#[cfg(unix)]
#[tokio::test]
async fn sqlite_files_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let sqlite = TestDatabase::sqlite();
    let folder = sqlite.folder().join("state");
    let db = Db::open(&sqlite.settings, &folder.join("luminar.db")).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["luminar.db", "luminar.db-shm", "luminar.db-wal", "luminar.db.migrate-lock"]);
    db.close().await;
}

#[tokio::test]
async fn any_path_works_for_sqlite() {
    let sqlite = TestDatabase::sqlite();
    let file = sqlite.folder().join("100% größer? #1 & more.db");
    Db::open(&sqlite.settings, &file).await.unwrap();
    assert!(file.exists());
}

#[tokio::test]
async fn sqlite_runs_with_the_settings_that_durability_needs() {
    let sqlite = TestDatabase::sqlite();
    let db = Db::open(&DatabaseSettings { timeout_ms: 1_234, ..sqlite.settings.clone() }, &sqlite.file).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    for (pragma, expected) in [
        ("pragma journal_mode", "wal"),
        ("pragma synchronous", "2"),
        ("pragma foreign_keys", "1"),
        ("pragma busy_timeout", "1234"),
    ] {
        let row = sqlx::query(pragma).fetch_one(&mut *tx).await.unwrap();
        let value = row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|n| n.to_string())).unwrap();
        assert_eq!(value, expected, "{pragma}");
    }
}

#[tokio::test]
async fn a_first_use_that_failed_is_tried_again() {
    let sqlite = TestDatabase::sqlite();
    let in_the_way = sqlite.folder().join("state");
    std::fs::write(&in_the_way, "a file where a folder should be").unwrap();
    let db = Db::new(&sqlite.settings, &in_the_way.join("test.db"));
    assert_eq!(db.ready().await.unwrap_err().code(), ErrorCode::FailedPrecondition);
    std::fs::remove_file(&in_the_way).unwrap();
    db.ready().await.unwrap();
}

#[tokio::test]
async fn many_may_open_and_migrate_at_once() {
    on_each_database(async |database| {
        let mut opening = tokio::task::JoinSet::new();
        for id in 0..8 {
            let db = with_things(&database);
            opening.spawn(async move { insert(&db, id, "thing").await });
        }
        for opened in opening.join_all().await {
            opened.unwrap();
        }
        assert_eq!(count(&database.bypass().await).await, 8);
    })
    .await;
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_refused() {
    on_each_database(async |database| {
        let newer = migrator(&[THINGS, "alter table things add column colour text;"]);
        let open =
            |migrator| Db::new(&database.settings, &database.file).with_migrations("things_migrations", migrator);
        open(newer).ready().await.unwrap();
        let refused = open(migrator(&[THINGS])).ready().await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::FailedPrecondition);
        assert_eq!(refused.message(), "the database is newer than this program");
        // The refusal left no lock behind.
        open(newer).ready().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_changed_migration_is_refused_and_a_broken_one_changes_nothing() {
    on_each_database(async |database| {
        let open = |scripts: &[&'static str]| {
            Db::new(&database.settings, &database.file).with_migrations("things_migrations", migrator(scripts))
        };
        let broken = open(&["create table things (id bigint); create table things (id bigint);"]);
        assert_eq!(broken.ready().await.unwrap_err().code(), ErrorCode::FailedPrecondition);
        open(&[THINGS]).ready().await.unwrap();
        let changed = open(&["create table things (id bigint);"]).ready().await.unwrap_err();
        assert_eq!(changed.message(), "the database was set up by a different build of this program");
    })
    .await;
}

#[tokio::test]
async fn a_violation_is_told_by_its_kind() {
    on_each_database(async |database| {
        let db = with_things(&database);
        insert(&db, 1, "thing").await.unwrap();
        assert_eq!(insert(&db, 1, "again").await.unwrap_err().code(), ErrorCode::Conflict);
        let other = insert(&db, 2, "").await.unwrap_err();
        assert_eq!(other.code(), ErrorCode::Internal);
        assert!(!other.to_string().contains("things"), "no table name leaves the log: {other}");
    })
    .await;
}

#[tokio::test]
async fn a_dropped_change_never_happened() {
    on_each_database(async |database| {
        let db = with_things(&database);
        let mut tx = db.begin().await.unwrap();
        sqlx::query("insert into things (id, name) values (1, 'x')").execute(&mut *tx).await.unwrap();
        drop(tx);
        insert(&db, 2, "kept").await.unwrap();
        assert_eq!(count(db.read().await.unwrap()).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_lock_that_cannot_be_had_in_time_is_busy_not_broken() {
    on_each_database(async |mut database| {
        let holder = with_things(&database);
        holder.ready().await.unwrap();
        // Long enough to connect on a busy machine.
        database.settings.timeout_ms = 500;
        let other = with_things(&database);
        while other.ready().await.is_err() {}
        let mut tx = holder.begin().await.unwrap();
        sqlx::query("insert into things (id, name) values (1, 'x')").execute(&mut *tx).await.unwrap();
        let busy = insert(&other, 1, "x").await.unwrap_err();
        assert_eq!(busy.code(), ErrorCode::UpstreamUnavailable);
        assert!(busy.retry_after().is_some());
        tx.commit().await.unwrap();
        assert_eq!(insert(&other, 1, "x").await.unwrap_err().code(), ErrorCode::Conflict);
    })
    .await;
}

#[tokio::test]
async fn sqlite_refuses_changes_through_readers() {
    let database = TestDatabase::sqlite();
    let db = with_things(&database);
    let refused = sqlx::query("insert into things (id, name) values (1, 'x')").execute(db.read().await.unwrap()).await;
    assert!(refused.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test]
async fn a_snapshot_does_not_see_later_commits() {
    on_each_database(async |database| {
        let db = with_things(&database);
        let mut snapshot = db.snapshot().await.unwrap();
        let count = "select count(*) from things";
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *snapshot).await.unwrap(), 0);
        insert(&db, 1, "later").await.unwrap();
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *snapshot).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn many_rows_arrive_whole_and_in_order() {
    static INSERT: InsertMany = InsertMany::new("insert into things (id, name)", 2);
    on_each_database(async |database| {
        let db = with_things(&database);
        let mut expected = 0_i64;
        for rows in [0, 1, 3, 341, 600] {
            let ids: Vec<i64> = (expected..expected + rows).collect();
            let mut tx = db.begin().await.unwrap();
            let bind = |query: AnyQuery, id: &i64| query.bind(*id).bind(format!("thing {id}"));
            INSERT.execute((db.dialect(), &mut tx), &ids, bind).await.unwrap();
            tx.commit().await.unwrap();
            expected += rows;
        }
        let rows =
            sqlx::query("select id, name from things order by id").fetch_all(db.read().await.unwrap()).await.unwrap();
        for (row, id) in rows.iter().zip(0_i64..) {
            assert_eq!((row.get::<i64, _>(0), row.get::<String, _>(1)), (id, format!("thing {id}")));
        }
        assert_eq!(rows.len(), 945);
    })
    .await;
}
