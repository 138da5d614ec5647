//! Whoever changes the audit log past the program is found out: each change here is made by SQL, then looked for.

use common::audit::{Access, Ending, Fault, VerifyReport};
use sqlx::AnyPool;
use tests::database::{TestDatabase, on_each_database};

use crate::audit::{Recorder, call, caller};

/// The chains of the tenant `acme`, oldest first.
struct Scene {
    pool: AnyPool,
    chains: Vec<String>,
}

impl Scene {
    async fn sql(&self, statements: &[&'static str], chain: usize) {
        for statement in statements {
            let changed = sqlx::query(*statement).bind(self.chains[chain].as_str()).execute(&self.pool).await.unwrap();
            assert!(changed.rows_affected() > 0, "{statement}");
        }
    }
}

/// Two processes recorded and stopped, a third records; then the chain at `chain` is changed and all verified.
///
/// Every chain is: 1 checkpoint, then intent, outcome, intent, outcome, then (if stopped) 6 checkpoint.
async fn check(chain: usize, statements: &[&'static str], expected: impl Fn(&str, &VerifyReport) -> bool) {
    on_each_database(async |database| check_on(database, chain, statements, &expected).await).await;
}

async fn check_on(
    database: TestDatabase,
    chain: usize,
    statements: &[&'static str],
    expected: impl Fn(&str, &VerifyReport) -> bool,
) {
    for _process in 0..2 {
        let recorder = Recorder::start(&database);
        recorder.change("acme").await;
        recorder.change("acme").await;
        recorder.change("other").await;
        recorder.stop().await;
    }
    let recorder = Recorder::start(&database);
    recorder.change("acme").await;
    recorder.change("acme").await;
    recorder.audit.flush().await.unwrap();
    let before = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
    assert!(before.is_sound() && before.chains == 3, "{before:?}");

    let pool = database.bypass().await;
    let chains = sqlx::query_scalar("select min(chain_id) from audit_events where tenant_id = 'acme' group by chain_id order by min(sequence), min(event_id)")
        .fetch_all(&pool)
        .await
        .unwrap();
    let mut scene = Scene { pool, chains };
    scene.chains = in_order_of_start(&scene).await;
    scene.sql(statements, chain).await;
    let report = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
    assert!(!report.is_sound() && expected(&scene.chains[chain], &report), "{report:#?}");
}

/// The clock stands still, so ids do not tell which process came first; the number of heads each named does.
async fn in_order_of_start(scene: &Scene) -> Vec<String> {
    let mut chains = Vec::new();
    for chain in &scene.chains {
        let named: i64 = sqlx::query_scalar(
            "select count(*) from audit_checkpoint_heads where tenant_id = 'acme' and chain_id = $1",
        )
        .bind(chain.as_str())
        .fetch_one(&scene.pool)
        .await
        .unwrap();
        let is_running: i64 = sqlx::query_scalar("select case when max(sequence) = 5 then 1 else 0 end from audit_events where tenant_id = 'acme' and chain_id = $1")
            .bind(chain.as_str())
            .fetch_one(&scene.pool)
            .await
            .unwrap();
        chains.push((is_running, named, chain.clone()));
    }
    chains.sort();
    chains.into_iter().map(|(_, _, chain)| chain).collect()
}

fn has(report: &VerifyReport, fault: &Fault) -> bool {
    report.faults.contains(fault)
}

#[tokio::test]
async fn a_changed_field_is_found_where_it_is() {
    let change =
        "update audit_events set tool = 'delete_contact' where tenant_id = 'acme' and chain_id = $1 and sequence = 3";
    check(0, &[change], |chain, report| report.faults == [Fault::Altered { chain_id: chain.to_owned(), sequence: 3 }])
        .await;
}

#[tokio::test]
async fn a_field_of_another_type_is_found() {
    let change = "update audit_events set at_ms = 'then' where tenant_id = 'acme' and chain_id = $1 and sequence = 3";
    // PostgreSQL does not take it.
    check_on(TestDatabase::sqlite(), 0, &[change], |chain, report| {
        has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 3 })
    })
    .await;
}

#[tokio::test]
async fn a_changed_hash_is_found() {
    let change = "update audit_events set hash = substr(hash, 2) || '0' where tenant_id = 'acme' and chain_id = $1 and sequence = 3";
    check(0, &[change], |chain, report| has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 3 })).await;
}

#[tokio::test]
async fn a_removed_row_is_found() {
    let change = "delete from audit_events where tenant_id = 'acme' and chain_id = $1 and sequence = 3";
    check(1, &[change], |chain, report| has(report, &Fault::Missing { chain_id: chain.to_owned(), sequence: 3 })).await;
}

#[tokio::test]
async fn a_removed_row_is_found_though_the_rest_moved_up() {
    let changes = [
        "delete from audit_events where tenant_id = 'acme' and chain_id = $1 and sequence = 3",
        "update audit_events set sequence = 3 where tenant_id = 'acme' and chain_id = $1 and sequence = 4",
        "update audit_events set sequence = 4 where tenant_id = 'acme' and chain_id = $1 and sequence = 5",
    ];
    check(2, &changes, |chain, report| has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 3 })).await;
}

#[tokio::test]
async fn reordered_rows_are_found() {
    let changes = [
        "update audit_events set sequence = -1 where tenant_id = 'acme' and chain_id = $1 and sequence = 2",
        "update audit_events set sequence = 2 where tenant_id = 'acme' and chain_id = $1 and sequence = 4",
        "update audit_events set sequence = 4 where tenant_id = 'acme' and chain_id = $1 and sequence = -1",
    ];
    check(0, &changes, |chain, report| {
        has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 2 })
            && has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 4 })
    })
    .await;
}

#[tokio::test]
async fn a_removed_tail_is_found() {
    let change = "delete from audit_events where tenant_id = 'acme' and chain_id = $1 and sequence >= 4";
    check(2, &[change], |chain, report| {
        report.faults.first()
            == Some(&Fault::EndMoved { chain_id: chain.to_owned(), ends_at: 3, should_end_at: Some(5) })
    })
    .await;
}

#[tokio::test]
async fn a_removed_tail_is_found_though_the_head_was_moved_with_it() {
    let changes = [
        "delete from audit_events where tenant_id = 'acme' and chain_id = $1 and sequence = 6",
        "update audit_chains set sequence = 5, hash = (select e.hash from audit_events e
            where e.tenant_id = 'acme' and e.chain_id = audit_chains.chain_id and e.sequence = 5)
            where tenant_id = 'acme' and chain_id = $1",
    ];
    check(0, &changes, |chain, report| {
        has(report, &Fault::CheckpointContradicted { chain_id: chain.to_owned(), sequence: 6 })
    })
    .await;
}

#[tokio::test]
async fn a_removed_chain_is_found() {
    let change = "delete from audit_events where tenant_id = 'acme' and chain_id = $1";
    check(2, &[change], |chain, report| has(report, &Fault::ChainRemoved { chain_id: chain.to_owned() })).await;
}

#[tokio::test]
async fn a_removed_chain_is_found_though_its_head_is_gone_too() {
    let changes = [
        "delete from audit_events where tenant_id = 'acme' and chain_id = $1",
        "delete from audit_chains where tenant_id = 'acme' and chain_id = $1",
        "delete from audit_checkpoint_heads where tenant_id = 'acme' and chain_id = $1",
    ];
    check(1, &changes, |chain, report| {
        has(report, &Fault::CheckpointContradicted { chain_id: chain.to_owned(), sequence: 6 })
    })
    .await;
}

#[tokio::test]
async fn a_removed_chain_is_found_though_its_name_was_struck_from_the_checkpoint() {
    let changes = [
        "delete from audit_events where tenant_id = 'acme' and chain_id = $1",
        "delete from audit_chains where tenant_id = 'acme' and chain_id = $1",
        "delete from audit_checkpoint_heads where tenant_id = 'acme' and head_chain_id = $1",
    ];
    check(0, &changes, |_, report| {
        report.faults.iter().any(|fault| matches!(fault, Fault::CheckpointAltered { sequence: 1, .. }))
    })
    .await;
}

const FORGE: &str =
    "insert into audit_events (tenant_id, chain_id, sequence, event_id, at_ms, kind, subject, tool, access, hash)
    select tenant_id, chain_id, sequence + 1, event_id, at_ms, kind, subject, 'forged', access, hash
    from audit_events where tenant_id = 'acme' and chain_id = $1 and sequence = 5";

#[tokio::test]
async fn a_forged_event_at_the_end_is_found() {
    check(2, &[FORGE], |chain, report| {
        has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 6 })
            && has(report, &Fault::EndMoved { chain_id: chain.to_owned(), ends_at: 6, should_end_at: Some(5) })
    })
    .await;
}

#[tokio::test]
async fn a_forged_event_in_the_middle_is_found() {
    let changes =
        ["update audit_events set sequence = 7 where tenant_id = 'acme' and chain_id = $1 and sequence = 6", FORGE];
    check(0, &changes, |chain, report| has(report, &Fault::Altered { chain_id: chain.to_owned(), sequence: 6 })).await;
}

#[tokio::test]
async fn an_event_moved_to_another_tenant_is_found() {
    let changes =
        ["update audit_events set tenant_id = 'acme' where tenant_id = 'other' and chain_id <> $1 and sequence = 1"];
    check(0, &changes, |_, report| {
        report.faults.iter().any(|fault| matches!(fault, Fault::Altered { sequence: 1, .. }))
    })
    .await;
}

/// One read among those that share a row is changed or left out.
async fn check_reads(change: &'static str) {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        for _ in 0..3 {
            recorder
                .audit
                .read(&caller("acme"), call(Access::Read), Ending { duration_ms: 7, ..Ending::default() })
                .await;
        }
        recorder.audit.flush().await.unwrap();
        let acme = caller("acme");
        assert!(recorder.audit.verify(acme.tenant()).await.unwrap().is_sound());
        let changed = sqlx::query(change).execute(&database.bypass().await).await.unwrap();
        assert!(changed.rows_affected() > 0, "{change}");
        let report = recorder.audit.verify(acme.tenant()).await.unwrap();
        assert!(matches!(report.faults.first(), Some(Fault::Altered { sequence: 2, .. })), "{report:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_changed_read_is_found() {
    check_reads("update audit_events set details = replace(details, '\"duration_ms\":7', '\"duration_ms\":8') where kind = 'read'")
        .await;
}

#[tokio::test]
async fn reads_left_out_of_their_row_are_found() {
    check_reads("update audit_events set details = substr(details, 1, 20) where kind = 'read'").await;
}

#[tokio::test]
async fn another_number_of_reads_is_found() {
    check_reads("update audit_events set calls = calls + 1 where kind = 'read'").await;
}
