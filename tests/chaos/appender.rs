//! The process that `kill_in_mid_write` kills: it writes to a SQLite file as fast as it can, until it is killed,
//! and prints what was acknowledged: `intent <event id>` and `batch <number>`, a line each.
#![expect(clippy::print_stdout, reason = "the parent reads along")]

use std::path::Path;

use common::audit::{Access, ArgumentsDigest, AuditLog, AuditSettings, Call, Ending, Outcome};
use common::auth::{Caller, Role};
use common::clock::Clock;
use common::db::{COMMON_MIGRATIONS, DatabaseSettings, Db};
use common::error::{ErrorCode, Result};
use common::tasks::Tasks;

/// Writers of intents, so that commits are groups.
const CALLERS: usize = 8;
/// Rows of one transaction.
const PARTS: i64 = 7;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(round)) = (arguments.next(), arguments.next().and_then(|round| round.parse().ok())) else {
        println!("usage: chaos-appender FILE ROUND");
        return Ok(());
    };
    let tasks = Tasks::new();
    let db = Db::new(&DatabaseSettings::default(), Path::new(&file))
        .with_migrations("common_migrations", &COMMON_MIGRATIONS);
    let audit = AuditLog::new(db.clone(), Clock::system(), &tasks, AuditSettings::default());
    let caller = Caller::local("chaos", "acme".parse()?, Role::Member);
    for _ in 0..CALLERS {
        let (audit, caller) = (audit.clone(), caller.clone());
        tasks.spawn(async move { while append_intent(&audit, &caller).await.is_ok() {} });
    }
    append_batches(&db, round).await
}

async fn append_intent(audit: &AuditLog, caller: &Caller) -> Result<()> {
    let call = Call::new("upsert_contact", Access::Write, ArgumentsDigest::of(&serde_json::json!({})));
    let intent = audit.intent(caller, call.clone()).await?;
    println!("intent {intent}");
    audit.outcome(caller, Outcome { intent, ending: Ending::default() }).await;
    audit.read(caller, Call { access: Access::Read, ..call }, Ending::default()).await;
    Ok(())
}

/// A batch that finds the file busy for too long was not written, and nobody was told that it was.
async fn append_batches(db: &Db, round: i64) -> Result<()> {
    for batch in round * 1_000_000.. {
        match append_batch(db, batch).await {
            Ok(()) => println!("batch {batch}"),
            Err(error) if error.code() == ErrorCode::UpstreamUnavailable => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn append_batch(db: &Db, batch: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    for part in 0..PARTS {
        sqlx::query("insert into chaos_batches (batch, part) values ($1, $2)")
            .bind(batch)
            .bind(part)
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx.commit().await?)
}
