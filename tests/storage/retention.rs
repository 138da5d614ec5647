//! `AuditLog::prune`: what is old goes, what is young stays provable, and nobody removes more unseen.

use std::time::Duration;

use common::audit::Fault;
use sqlx::AnyPool;
use tests::database::{TestDatabase, on_each_database};

use crate::audit::{Recorder, caller};

const DAY: Duration = Duration::from_hours(24);

async fn verified(database: &TestDatabase) -> Vec<Fault> {
    let report = Recorder::start(database).audit.verify(caller("acme").tenant()).await.unwrap();
    report.faults
}

async fn events(pool: &AnyPool) -> i64 {
    sqlx::query_scalar("select count(*) from audit_events where tenant_id = 'acme'").fetch_one(pool).await.unwrap()
}

/// Ten old changes by a process that has ended, then changes of one that goes on, half of them old.
async fn old_and_young(database: &TestDatabase) -> Recorder {
    let ended = Recorder::start(database);
    for _ in 0..10 {
        ended.change("acme").await;
    }
    ended.stop().await;
    let alive = Recorder::start(database);
    for turn in 0..10 {
        alive.change("acme").await;
        alive.change("rival").await;
        if turn == 4 {
            alive.audit.flush().await.unwrap();
            alive.clock.advance(DAY * 20);
        }
    }
    alive.audit.flush().await.unwrap();
    alive
}

#[tokio::test]
async fn what_is_old_goes_and_the_rest_still_verifies() {
    on_each_database(async |database| {
        let alive = old_and_young(&database).await;
        let pool = database.bypass().await;
        let before = events(&pool).await;
        assert_eq!(alive.audit.prune(DAY * 30).await.unwrap().events, 0, "nothing is that old");
        let report = alive.audit.prune(DAY * 10).await.unwrap();
        assert!(report.events > 30, "{report:?}");
        alive.audit.flush().await.unwrap();
        assert!(events(&pool).await < before);
        assert_eq!(verified(&database).await, []);

        // The process goes on where its chain was, and so does the next one.
        alive.change("acme").await;
        alive.stop().await;
        let next = Recorder::start(&database);
        next.change("acme").await;
        next.stop().await;
        assert_eq!(verified(&database).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_attests_a_removal_is_written_again_before_it_goes_itself() {
    on_each_database(async |database| {
        let alive = old_and_young(&database).await;
        alive.audit.prune(DAY * 10).await.unwrap();
        for _ in 0..3 {
            alive.audit.flush().await.unwrap();
            alive.clock.advance(DAY * 20);
            alive.audit.prune(DAY * 10).await.unwrap();
            alive.audit.flush().await.unwrap();
            assert_eq!(verified(&database).await, []);
        }
        alive.stop().await;
    })
    .await;
}

#[tokio::test]
async fn two_processes_may_remove_at_once() {
    on_each_database(async |database| {
        let alive = old_and_young(&database).await;
        let other = Recorder::start(&database);
        other.clock.advance(DAY * 20);
        let (one, two) = tokio::join!(alive.audit.prune(DAY * 10), other.audit.prune(DAY * 10));
        assert!(one.unwrap().events + two.unwrap().events > 30);
        alive.audit.flush().await.unwrap();
        other.audit.flush().await.unwrap();
        assert_eq!(verified(&database).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_removal_that_nobody_announced_is_found() {
    on_each_database(async |database| {
        let alive = old_and_young(&database).await;
        alive.audit.prune(DAY * 10).await.unwrap();
        alive.stop().await;
        let pool = database.bypass().await;
        // A forger removes one event more and moves the mark, but cannot show an intent for it.
        let (chain_id, sequence): (String, i64) = sqlx::query_as(
            "select e.chain_id, min(e.sequence) from audit_events e
            join audit_prunings p on p.tenant_id = e.tenant_id and p.chain_id = e.chain_id
            where e.tenant_id = 'acme' group by e.chain_id",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        let hash: String = sqlx::query_scalar("select hash from audit_events where chain_id = $1 and sequence = $2")
            .bind(chain_id.as_str())
            .bind(sequence)
            .fetch_one(&pool)
            .await
            .unwrap();
        sqlx::query("delete from audit_events where chain_id = $1 and sequence = $2")
            .bind(chain_id.as_str())
            .bind(sequence)
            .execute(&pool)
            .await
            .unwrap();
        let faults = verified(&database).await;
        assert!(faults.contains(&Fault::Missing { chain_id: chain_id.clone(), sequence }), "{faults:?}");
        sqlx::query("update audit_prunings set sequence = $2, hash = $3 where chain_id = $1")
            .bind(chain_id.as_str())
            .bind(sequence)
            .bind(hash)
            .execute(&pool)
            .await
            .unwrap();
        let faults = verified(&database).await;
        assert!(faults.contains(&Fault::PruningUnattested { chain_id, sequence }), "{faults:?}");
    })
    .await;
}
