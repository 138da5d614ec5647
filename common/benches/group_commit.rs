//! `sqlx::Any` against native pools, for group-committed inserts. The figures behind `docs/decisions/0001`.
//!
//! `cargo bench -p common --bench group_commit [-- postgres://…]`: SQLite always (WAL, `synchronous = full`),
//! PostgreSQL when a URL is given (the table `group_commit` there is dropped and created again).
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

const COLUMNS: usize = 8;
/// Rows in one transaction: what gathers in 25 ms at the target of 10,000 rows/s.
const ROWS_PER_COMMIT: usize = 256;
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = full";
const TABLE: &str =
    "create table group_commit (tenant_id text not null, chain_id text not null, sequence bigint not null,
    at_ms bigint not null, subject text not null, tool text not null, digest text not null, hash text not null,
    primary key (tenant_id, chain_id, sequence))";

/// How a statement names its parameters: `$1` is understood by both databases, `?` by SQLite alone.
#[derive(Clone, Copy)]
enum Placeholders {
    Numbered,
    Anonymous,
}

fn insert(rows: usize, placeholders: Placeholders) -> SqlStr {
    let mut sql = "insert into group_commit values ".to_owned();
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..COLUMNS {
            let comma = if column == 0 { "" } else { ", " };
            let _ = match placeholders {
                Placeholders::Numbered => write!(sql, "{comma}${}", row * COLUMNS + column + 1),
                Placeholders::Anonymous => write!(sql, "{comma}?"),
            };
        }
        sql.push(')');
    }
    AssertSqlSafe(sql).into_sql_str()
}

/// User and system time of this process so far, in ticks of 10 ms (`man 5 proc`, fields 14 and 15).
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").ok_or("no process name in /proc/self/stat")?.1;
    let mut ticks = 0;
    for field in after_name.split(' ').skip(11).take(2) {
        ticks += field.parse::<u64>()?;
    }
    Ok(Duration::from_millis(ticks * 10))
}

/// The same loop for three pool types, which share no trait that would let a function do it.
macro_rules! measure {
    ($name:expr, $pool:expr, $rows_per_statement:expr, $placeholders:expr) => {{
        let pool = $pool;
        sqlx::query("delete from group_commit").execute(pool).await?;
        let sql = insert($rows_per_statement, $placeholders);
        let hash = "0123456789abcdef".repeat(4);
        let mut sequence = 0_i64;
        let cpu_before = cpu_time()?;
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(2) {
            let mut tx = pool.begin().await?;
            for _ in 0..ROWS_PER_COMMIT / $rows_per_statement {
                let mut query = sqlx::query(sql.clone());
                for _ in 0..$rows_per_statement {
                    sequence += 1;
                    query = query
                        .bind("acme")
                        .bind("chn_0199aaaa-0000-7000-8000-000000000000")
                        .bind(sequence)
                        .bind(1_700_000_000_000_i64 + sequence)
                        .bind("local")
                        .bind("search_contacts")
                        .bind(hash.as_str())
                        .bind(hash.as_str());
                }
                query.execute(&mut *tx).await?;
            }
            tx.commit().await?;
        }
        report($name, sequence, started.elapsed(), cpu_time()?.saturating_sub(cpu_before));
    }};
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a printed figure")]
fn report(name: &str, rows: i64, elapsed: Duration, cpu: Duration) {
    let rows_per_second = rows as f64 / elapsed.as_secs_f64();
    let cpu_us_per_row = cpu.as_secs_f64() * 1e6 / rows as f64;
    println!("| {name} | {rows_per_second:.0} | {cpu_us_per_row:.1} |");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    sqlx::any::install_default_drivers();
    println!("| pool, rows per statement ({ROWS_PER_COMMIT} per commit) | rows/s | CPU µs/row (client) |");
    println!("| --- | ---: | ---: |");
    sqlite().await?;
    if let Some(url) = std::env::args().nth(1).filter(|argument| argument.starts_with("postgres")) {
        postgres(&url).await?;
    }
    Ok(())
}

async fn sqlite() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    let native = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect(&url).await?;
    sqlx::raw_sql(PRAGMAS).execute(&native).await?;
    sqlx::raw_sql(TABLE).execute(&native).await?;
    measure!("SQLite native, 1", &native, 1, Placeholders::Numbered);
    measure!("SQLite native, 32 with `$n`", &native, 32, Placeholders::Numbered);
    measure!("SQLite native, 256 with `$n`", &native, 256, Placeholders::Numbered);
    measure!("SQLite native, 256 with `?`", &native, 256, Placeholders::Anonymous);
    native.close().await;
    let any = AnyPoolOptions::new().max_connections(1).test_before_acquire(false).connect(&url).await?;
    sqlx::raw_sql(PRAGMAS).execute(&any).await?;
    measure!("SQLite Any, 1", &any, 1, Placeholders::Numbered);
    measure!("SQLite Any, 32 with `$n`", &any, 32, Placeholders::Numbered);
    measure!("SQLite Any, 256 with `$n`", &any, 256, Placeholders::Numbered);
    measure!("SQLite Any, 256 with `?`", &any, 256, Placeholders::Anonymous);
    any.close().await;
    Ok(())
}

async fn postgres(url: &str) -> Result<(), Box<dyn Error>> {
    let native = PgPoolOptions::new().max_connections(1).test_before_acquire(false).connect(url).await?;
    sqlx::raw_sql("drop table if exists group_commit").execute(&native).await?;
    sqlx::raw_sql(TABLE).execute(&native).await?;
    measure!("PostgreSQL native, 1", &native, 1, Placeholders::Numbered);
    measure!("PostgreSQL native, 32", &native, 32, Placeholders::Numbered);
    measure!("PostgreSQL native, 256", &native, 256, Placeholders::Numbered);
    let any = AnyPoolOptions::new().max_connections(1).test_before_acquire(false).connect(url).await?;
    measure!("PostgreSQL Any, 1", &any, 1, Placeholders::Numbered);
    measure!("PostgreSQL Any, 32", &any, 32, Placeholders::Numbered);
    measure!("PostgreSQL Any, 256", &any, 256, Placeholders::Numbered);
    Ok(())
}
