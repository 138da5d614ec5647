//! `common::audit`: what is recorded, when it is committed, and that nothing is lost.

use std::time::Duration;

use common::audit::{Access, ArgumentsDigest, AuditLog, AuditSettings, Call, Ending, EventId, Outcome};
use common::auth::{Caller, Role};
use common::clock::Clock;
use common::error::ErrorCode;
use common::tasks::Tasks;
use serde_json::json;
use sqlx::{AnyPool, Row};
use tests::database::{TestDatabase, on_each_database};

/// One process that records, on a clock that stands still.
pub(crate) struct Recorder {
    pub(crate) audit: AuditLog,
    pub(crate) clock: Clock,
    tasks: Tasks,
}

impl Recorder {
    pub(crate) fn start(database: &TestDatabase) -> Self {
        Self::start_with(database, AuditSettings::default())
    }

    pub(crate) fn start_with(database: &TestDatabase, settings: AuditSettings) -> Self {
        let (clock, tasks) = (Clock::manual(1_800_000_000_000), Tasks::new());
        let audit = AuditLog::new(database.open(), clock.clone(), &tasks, settings);
        Self { audit, clock, tasks }
    }

    pub(crate) async fn stop(&self) {
        assert!(self.tasks.shutdown(Duration::from_secs(10)).await);
    }

    async fn read(&self, tenant: &str) {
        self.audit.read(&caller(tenant), call(Access::Read), Ending::default()).await;
    }

    /// An intent and its outcome.
    pub(crate) async fn change(&self, tenant: &str) -> EventId {
        let caller = caller(tenant);
        let intent = self.audit.intent(&caller, call(Access::Write)).await.unwrap();
        self.audit.outcome(&caller, Outcome { intent, ending: Ending::default() }).await;
        intent
    }
}

pub(crate) fn caller(tenant: &str) -> Caller {
    Caller::local("ada", tenant.parse().unwrap(), Role::Member)
}

pub(crate) fn call(access: Access) -> Call {
    Call {
        tool: "upsert_contact".into(),
        access,
        arguments: ArgumentsDigest::of(&json!({ "email": "grace@example.com" })),
        location: Some("loc_1".to_owned()),
        trace_id: Some("trace_1".to_owned()),
        plan: None,
    }
}

/// How many events of a kind are stored; reads share rows.
async fn count(pool: &AnyPool, kind: &str) -> i64 {
    let calls = "select cast(coalesce(sum(calls), 0) as bigint) from audit_events where kind = $1";
    sqlx::query_scalar(calls).bind(kind).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn nothing_is_opened_before_the_first_event() {
    let database = TestDatabase::sqlite();
    let recorder = Recorder::start(&database);
    assert!(!database.file.exists());
    recorder.stop().await;
    assert!(!database.file.exists());
}

#[tokio::test]
async fn an_intent_is_committed_when_it_returns() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        let intent = recorder.audit.intent(&caller("acme"), call(Access::Send)).await.unwrap();
        let stored: String = sqlx::query_scalar("select event_id from audit_events where kind = 'intent'")
            .fetch_one(&database.bypass().await)
            .await
            .unwrap();
        assert_eq!(stored, intent.to_string());
    })
    .await;
}

#[tokio::test]
async fn reads_are_committed_when_the_gathering_time_is_over() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        recorder.change("acme").await;
        recorder.audit.flush().await.unwrap();
        recorder.read("acme").await;
        let pool = database.bypass().await;
        assert_eq!(count(&pool, "read").await, 0);
        let (recorded_ms, gather_ms) = (recorder.clock.now_ms(), 40);
        while count(&pool, "read").await == 0 {
            recorder.clock.advance(Duration::from_millis(5));
        }
        assert!(recorder.clock.now_ms() >= recorded_ms + gather_ms);
    })
    .await;
}

#[tokio::test]
async fn a_flush_commits_what_was_recorded_before() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        for _ in 0..1_000 {
            recorder.read("acme").await;
        }
        recorder.audit.flush().await.unwrap();
        assert_eq!(count(&database.bypass().await, "read").await, 1_000);
    })
    .await;
}

#[tokio::test]
async fn stopping_commits_what_is_queued_and_what_comes_late() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        for _ in 0..10 {
            recorder.read("acme").await;
        }
        recorder.stop().await;
        let pool = database.bypass().await;
        assert_eq!(count(&pool, "read").await, 10);
        recorder.read("acme").await;
        recorder.audit.intent(&caller("acme"), call(Access::Write)).await.unwrap();
        recorder.stop().await;
        assert_eq!(count(&pool, "read").await, 11);
        let report = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_makes_callers_wait_and_drops_nothing() {
    on_each_database(async |database| {
        let settings = AuditSettings { queue_events_max: 4, ..AuditSettings::default() };
        let recorder = Recorder::start_with(&database, settings);
        for _ in 0..100 {
            recorder.read("acme").await;
        }
        recorder.stop().await;
        assert_eq!(count(&database.bypass().await, "read").await, 100);
    })
    .await;
}

#[tokio::test]
async fn while_the_database_refuses_intents_fail_and_reads_wait() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        recorder.change("acme").await;
        recorder.audit.flush().await.unwrap();
        let pool = database.bypass().await;
        sqlx::raw_sql("alter table audit_events rename to away").execute(&pool).await.unwrap();
        recorder.read("acme").await;
        let refused = recorder.audit.intent(&caller("acme"), call(Access::Write)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Internal);
        sqlx::raw_sql("alter table away rename to audit_events").execute(&pool).await.unwrap();
        recorder.audit.flush().await.unwrap();
        assert_eq!(count(&pool, "read").await, 1);
        assert_eq!(count(&pool, "intent").await, 1);
        let report = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.chains, 2, "a chain whose commit did not succeed is left");
    })
    .await;
}

#[tokio::test]
async fn each_tenant_has_a_chain_per_process_and_sees_its_own() {
    on_each_database(async |database| {
        for _process in 0..3 {
            let recorder = Recorder::start(&database);
            recorder.change("acme").await;
            recorder.change("other").await;
            recorder.change("acme").await;
            recorder.stop().await;
        }
        let recorder = Recorder::start(&database);
        let unfinished = recorder.audit.intent(&caller("acme"), call(Access::Spend)).await.unwrap();
        let acme = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
        assert!(acme.is_sound(), "{acme:?}");
        // Three processes that stopped: a checkpoint at each end; one that runs: a checkpoint at its start.
        assert_eq!((acme.chains, acme.events, acme.checkpoints), (4, 3 * 6 + 2, 7));
        assert_eq!(acme.unfinished_intents, [unfinished]);
        let other = recorder.audit.verify(caller("other").tenant()).await.unwrap();
        assert_eq!((other.chains, other.events, other.unfinished), (3, 3 * 4, 0));
        let nobody = recorder.audit.verify(caller("nobody").tenant()).await.unwrap();
        assert_eq!(nobody.events, 0);
    })
    .await;
}

#[tokio::test]
async fn another_process_may_record_the_outcome() {
    on_each_database(async |database| {
        let (first, second) = (Recorder::start(&database), Recorder::start(&database));
        let one = first.audit.intent(&caller("acme"), call(Access::Send)).await.unwrap();
        let two = second.audit.intent(&caller("acme"), call(Access::Send)).await.unwrap();
        first.audit.outcome(&caller("acme"), Outcome { intent: two, ending: Ending::default() }).await;
        second.audit.outcome(&caller("acme"), Outcome { intent: one, ending: Ending::default() }).await;
        first.audit.flush().await.unwrap();
        second.audit.flush().await.unwrap();
        let report = first.audit.verify(caller("acme").tenant()).await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.unfinished, 0);
    })
    .await;
}

#[tokio::test]
async fn checkpoints_come_every_so_many_events() {
    on_each_database(async |database| {
        let settings = AuditSettings { checkpoint_events: 10, ..AuditSettings::default() };
        let recorder = Recorder::start_with(&database, settings);
        for _ in 0..35 {
            recorder.read("acme").await;
            recorder.audit.flush().await.unwrap();
        }
        let report = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
        assert_eq!((report.events, report.checkpoints), (39, 4));
        assert!(report.is_sound(), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn an_event_says_how_it_ended_and_never_what_was_said() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        let ending = Ending {
            code: Some(ErrorCode::UpstreamRejected),
            duration_ms: 12,
            // From outside: longer than any id, and with the character that PostgreSQL cannot store.
            vendor_trace_id: Some(format!("x\0{}", "é".repeat(300))),
        };
        recorder.audit.refusal(&caller("acme"), call(Access::Destroy), ErrorCode::PermissionDenied).await;
        let intent = recorder.audit.intent(&caller("acme"), call(Access::Send)).await.unwrap();
        recorder.audit.outcome(&caller("acme"), Outcome { intent, ending }).await;
        recorder.audit.flush().await.unwrap();
        let rows = sqlx::query(
            "select kind, subject, access, arguments_digest, code, vendor_trace_id, duration_ms
            from audit_events where kind <> 'checkpoint' order by sequence",
        )
        .fetch_all(&database.bypass().await)
        .await
        .unwrap();
        let digest = Some(call(Access::Read).arguments.to_string());
        let trace = Some(format!("x{}", "é".repeat(127)));
        let of_intent = |column| rows[1].get::<Option<String>, _>(column);
        assert_eq!([of_intent("code"), of_intent("vendor_trace_id")], [None, None]);
        let expected = [
            (0, ["refusal", "ada", "destroy", "permission_denied"], digest.clone(), None, 0),
            (2, ["outcome", "ada", "", "upstream_rejected"], None, trace, 12),
        ];
        for (index, texts, digest, trace, duration_ms) in expected {
            let row = &rows[index];
            let stored = ["kind", "subject", "access", "code"].map(|column| row.get::<String, _>(column));
            assert_eq!(stored, texts);
            let stored = ["arguments_digest", "vendor_trace_id"].map(|column| row.get::<Option<String>, _>(column));
            assert_eq!((stored, row.get::<i64, _>("duration_ms")), ([digest, trace], duration_ms));
        }
        assert_eq!(rows.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn reads_that_share_a_row_are_told_apart_in_it() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        let vendor_trace_id = Some(format!("x\0{}", "é".repeat(300)));
        let ending = Ending { duration_ms: 12, vendor_trace_id, ..Ending::default() };
        let elsewhere = Call { location: None, trace_id: None, ..call(Access::Read) };
        recorder.audit.read(&caller("acme"), call(Access::Read), ending).await;
        recorder.audit.read(&caller("acme"), elsewhere, Ending { duration_ms: 5, ..Ending::default() }).await;
        recorder.audit.flush().await.unwrap();
        let (calls, duration_ms, details): (i64, i64, String) =
            sqlx::query_as("select calls, duration_ms, details from audit_events where kind = 'read'")
                .fetch_one(&database.bypass().await)
                .await
                .unwrap();
        let digest = call(Access::Read).arguments.to_string();
        let expected = json!([
            {
                "at_ms": 1_800_000_000_000_i64, "arguments_digest": digest, "duration_ms": 12,
                "location_id": "loc_1", "trace_id": "trace_1", "vendor_trace_id": format!("x{}", "é".repeat(127)),
            },
            { "at_ms": 1_800_000_000_000_i64, "arguments_digest": digest, "duration_ms": 5 },
        ]);
        assert_eq!((calls, duration_ms), (2, 17));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&details).unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn only_reads_that_ended_alike_share_a_row() {
    on_each_database(async |database| {
        let recorder = Recorder::start(&database);
        let broken = || Ending { code: Some(ErrorCode::UpstreamUnavailable), ..Ending::default() };
        let other_tool = || Call { tool: "get_contact".into(), ..call(Access::Read) };
        // Past the size of a row.
        for _ in 0..100 {
            recorder.read("acme").await;
            recorder.read("other").await;
            recorder.audit.read(&caller("acme"), call(Access::Read), broken()).await;
            recorder.audit.read(&caller("acme"), other_tool(), Ending::default()).await;
        }
        recorder.audit.flush().await.unwrap();
        let groups: Vec<(String, String, String, i64)> = sqlx::query_as(
            "select tenant_id, tool, code, cast(sum(calls) as bigint)
            from audit_events where kind = 'read' group by tenant_id, tool, code order by tenant_id, tool, code",
        )
        .fetch_all(&database.bypass().await)
        .await
        .unwrap();
        let group = |tenant: &str, tool: &str, code: &str| (tenant.to_owned(), tool.to_owned(), code.to_owned(), 100);
        let expected = [
            group("acme", "get_contact", "ok"),
            group("acme", "upsert_contact", "ok"),
            group("acme", "upsert_contact", "upstream_unavailable"),
            group("other", "upsert_contact", "ok"),
        ];
        assert_eq!(groups, expected);
        let report = recorder.audit.verify(caller("acme").tenant()).await.unwrap();
        assert!(report.is_sound() && report.events == 301, "{report:?}");
    })
    .await;
}
