//! `Db::back_up` and `Db::restore`: every row, in one instant, into either database.

use std::io::Cursor;
use std::sync::OnceLock;

use common::db::{COMMON_MIGRATIONS, Db};
use common::error::ErrorCode;
use sqlx::Row;
use sqlx::migrate::Migrator;
use tests::database::{TestDatabase, on_each_database};

use crate::audit::{Recorder, caller};
use crate::database::migrator;

/// Everything that a column can hold.
const SAMPLES: &str = "create table samples (
    tenant_id text not null primary key, small bigint, exact double precision, note text, sealed BYTES);";

fn samples(database: &TestDatabase) -> Db {
    static SQLITE: OnceLock<&'static Migrator> = OnceLock::new();
    static POSTGRES: OnceLock<&'static Migrator> = OnceLock::new();
    let bytes = |name: &str| migrator(&[Box::leak(SAMPLES.replace("BYTES", name).into_boxed_str())]);
    let migrations = match database.settings.url {
        None => SQLITE.get_or_init(|| bytes("blob")),
        Some(_) => POSTGRES.get_or_init(|| bytes("bytea")),
    };
    database.open().with_migrations("samples_migrations", migrations)
}

async fn insert_samples(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for (tenant, small, exact, note, sealed) in [
        ("a", Some(i64::MIN), Some(-0.1), Some("“quoted”\n\\ [not json"), Some(vec![0_u8, 255, 10])),
        ("b", Some(i64::MAX), Some(1e300), Some(""), Some(Vec::new())),
        ("c", None, None, None, None),
    ] {
        sqlx::query("insert into samples (tenant_id, small, exact, note, sealed) values ($1, $2, $3, $4, $5)")
            .bind(tenant)
            .bind(small)
            .bind(exact)
            .bind(note)
            .bind(sealed)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn all_samples(db: &Db) -> Vec<String> {
    let rows = sqlx::query("select tenant_id, small, exact, note, sealed from samples order by tenant_id")
        .fetch_all(db.read().await.unwrap())
        .await
        .unwrap();
    let text = |row: &sqlx::any::AnyRow| {
        let (small, exact): (Option<i64>, Option<f64>) = (row.get(1), row.get(2));
        let (note, sealed): (Option<String>, Option<Vec<u8>>) = (row.get(3), row.get(4));
        format!("{} {small:?} {exact:?} {note:?} {sealed:?}", row.get::<String, _>(0))
    };
    rows.iter().map(text).collect()
}

async fn backed_up(db: &Db) -> Vec<u8> {
    let mut copy = Vec::new();
    db.back_up(&mut copy, 1_800_000_000_000).await.unwrap();
    copy
}

/// The lines between the first and the last, whose order a database does not promise.
fn rows(copy: &[u8]) -> Vec<&str> {
    let lines = std::str::from_utf8(copy).unwrap().lines();
    let mut rows: Vec<&str> = lines.filter(|line| line.starts_with('[')).collect();
    rows.sort_unstable();
    rows
}

#[tokio::test]
async fn what_one_database_held_the_other_holds_after_a_restore() {
    on_each_database(async |source| {
        let recorder = Recorder::start(&source);
        recorder.change("acme").await;
        recorder.change("rival").await;
        recorder.stop().await;
        let db = samples(&source);
        insert_samples(&db).await;
        let (copy, held) = (backed_up(&db).await, all_samples(&db).await);
        let copy = &copy;
        on_each_database(async |target| {
            let report = samples(&target).restore(Cursor::new(copy)).await.unwrap();
            assert_eq!((report.tables["samples"], report.rows > 9), (3, true), "{report:?}");
            assert_eq!(all_samples(&samples(&target)).await, held);
            let verified = Recorder::start(&target).audit.verify(caller("acme").tenant()).await.unwrap();
            assert!(verified.is_sound() && verified.events > 2, "{verified:?}");
            assert_eq!(rows(&backed_up(&samples(&target)).await), rows(copy), "and a backup of it has the same rows");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_is_of_one_instant_while_others_write() {
    on_each_database(async |database| {
        let (db, other) = (samples(&database), samples(&database));
        db.ready().await.unwrap();
        let writing = async {
            for turn in 0..60_i64 {
                // Two rows that belong together.
                let mut tx = other.begin().await.unwrap();
                for half in ["left", "right"] {
                    sqlx::query("insert into samples (tenant_id, small) values ($1, $2)")
                        .bind(format!("{half} {turn}"))
                        .bind(turn)
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                }
                tx.commit().await.unwrap();
            }
        };
        let copying = async {
            let mut copies = Vec::new();
            for _ in 0..6 {
                copies.push(backed_up(&db).await);
                tokio::task::yield_now().await;
            }
            copies
        };
        let ((), copies) = tokio::join!(writing, copying);
        for copy in copies {
            let text = String::from_utf8(copy).unwrap();
            assert_eq!(text.matches("\"left ").count(), text.matches("\"right ").count());
        }
    })
    .await;
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let source = TestDatabase::sqlite();
    insert_samples(&samples(&source)).await;
    let copy = backed_up(&samples(&source)).await;
    let cut_off = (0..copy.len()).step_by(7).map(|end| copy[..end].to_vec());
    let altered = (0..copy.len()).step_by(11).map(|place| {
        let mut altered = copy.clone();
        altered[place] ^= 1;
        altered
    });
    let target = TestDatabase::sqlite();
    for damaged in cut_off.chain(altered) {
        let refused = samples(&target).restore(Cursor::new(&damaged)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::FailedPrecondition, "{refused:?}");
    }
    assert_eq!(all_samples(&samples(&target)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_database_with_rows_is_left_alone() {
    on_each_database(async |database| {
        let db = samples(&database);
        insert_samples(&db).await;
        let copy = backed_up(&db).await;
        let refused = samples(&database).restore(Cursor::new(&copy)).await.unwrap_err();
        assert_eq!(refused.message(), "the database is not empty");
        assert_eq!(all_samples(&db).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_older_backup_is_brought_up_to_date_and_a_newer_one_is_refused() {
    const FIRST: &str = "create table things (id bigint not null primary key, name text not null);";
    const SECOND: &str = "alter table things add column colour text not null default 'red';";
    on_each_database(async |source| {
        let open = |database: &TestDatabase, scripts: &[&'static str]| {
            Db::new(&database.settings, &database.file).with_migrations("things_migrations", migrator(scripts))
        };
        let old = open(&source, &[FIRST]);
        let mut tx = old.begin().await.unwrap();
        sqlx::query("insert into things (id, name) values (1, 'chair')").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let copy = &backed_up(&old).await;
        on_each_database(async |target| {
            open(&target, &[FIRST, SECOND]).restore(Cursor::new(copy)).await.unwrap();
            let db = open(&target, &[FIRST, SECOND]);
            let colour = sqlx::query_scalar::<_, String>("select colour from things where id = 1");
            assert_eq!(colour.fetch_one(db.read().await.unwrap()).await.unwrap(), "red");

            let newer = backed_up(&db).await;
            let empty = TestDatabase::sqlite();
            let refused = open(&empty, &[FIRST]).restore(Cursor::new(&newer)).await.unwrap_err();
            assert_eq!(refused.message(), "the backup is newer than this program");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_table_of_the_ground_floor_can_be_backed_up() {
    on_each_database(async |database| {
        assert!(COMMON_MIGRATIONS.iter().count() > 1);
        backed_up(&database.open()).await;
    })
    .await;
}
