//! Failure as a thing of its own: written down, grouped, told, followed by what there is to do; and successes that the CRM
//! is told of.

pub(crate) mod doubles;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::clock::Clock;
use common::error::ErrorCode;
use common::tenant::TenantId;
use mcp_orchestrator::engine::hooks::EndedRun;
use mcp_orchestrator::failure::{FailureKind, FailureState};
use mcp_orchestrator::follow_up::{FailureSettings, FollowUp, SuccessTagSettings, SuccessTags};
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::interpreter::{Ending, Failure};
use mcp_orchestrator::router::Pump;
use mcp_orchestrator::run::RunId;
use mcp_orchestrator::workflow::Pointer;
use serde_json::{Value, json};
use tests::database::on_each_database;

use crate::inbox::stage::{NOW_MS, Stage};
use crate::inbox_routing::Published;
use doubles::{Book, Crm, Engine};

const HOUR: Duration = Duration::from_hours(1);

fn failed(title: &str) -> Ending {
    Ending::Failed {
        failure: Failure {
            kind: "https://serverlessworkflow.io/spec/1.0.0/errors/communication".to_owned(),
            status: 503,
            title: title.to_owned(),
            detail: Some("upstream_unavailable".to_owned()),
            hint: None,
            instance: Some(Pointer("/do/2/post".to_owned())),
            retry_after_ms: None,
            is_transient: true,
            attempts: None,
        },
    }
}

fn completed() -> Ending {
    Ending::Completed { output: json!({}) }
}

fn run(number: usize) -> RunId {
    RunId(format!("run_{number:032x}"))
}

/// Writes ends of runs down, as an engine does: in a commit.
async fn end(stage: &Stage, follow_up: &FollowUp, ends: &[(RunId, Option<&str>, &Ending)]) {
    let db = &stage.foundation.db;
    let mut tx = db.begin().await.unwrap();
    let ended_ms = stage.foundation.clock.now_ms();
    let ended = |(run, started_by, ending): &(RunId, Option<&str>, &Ending)| EndedRun {
        tenant: TenantId::local(),
        run_id: run.clone(),
        workflow: "welcome".to_owned(),
        workflow_revision: 1,
        started_by: started_by.map(str::to_owned),
        callback: None,
        parent: None,
        ending: Ending::clone(ending),
        ended_ms,
    };
    let ends: Vec<EndedRun> = ends.iter().map(ended).collect();
    follow_up.keep((db.dialect(), &mut tx), &ends).await.unwrap();
    tx.commit().await.unwrap();
}

fn inbox(stage: &Stage) -> Inbox {
    let foundation = &stage.foundation;
    Inbox::new(foundation.db.clone(), foundation.clock.clone(), &foundation.tasks, &InboxSettings::default())
}

fn follow_up(stage: &Stage, book: &Arc<Book>, tags: Option<SuccessTags>) -> FollowUp {
    let at = (stage.foundation.db.clone(), stage.foundation.clock.clone());
    FollowUp::new(at, inbox(stage), Arc::<Book>::clone(book), tags, FailureSettings::default())
}

async fn failures(stage: &Stage, arguments: Value) -> Vec<Value> {
    let page = stage.call("list_failures", arguments).await;
    page["items"].as_array().unwrap_or_else(|| panic!("{page:#}")).clone()
}

async fn alerts(stage: &Stage) -> Vec<Value> {
    let page = stage.call("list_events", json!({"type": "luminar.run.failed"})).await;
    page["items"].as_array().unwrap_or_else(|| panic!("{page:#}")).clone()
}

#[tokio::test]
async fn five_hundred_equal_failures_are_one_line_and_one_alert_and_close_with_their_runs() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let follow_up = follow_up(&stage, &Arc::default(), None);
        let causes: Vec<Ending> = (0..500).map(|n| failed(&format!("`crm` answered 503 for contact c{n}"))).collect();
        let ends: Vec<_> = causes.iter().enumerate().map(|(n, ending)| (run(n), Some("ghl/w"), ending)).collect();
        end(&stage, &follow_up, &ends).await;
        end(&stage, &follow_up, &[(run(900), None, &failed("something else"))]).await;
        let listed = failures(&stage, json!({})).await;
        let counts: BTreeSet<_> = listed.iter().map(|row| row["count"].as_i64().unwrap()).collect();
        assert_eq!(counts, BTreeSet::from([1, 500]), "{listed:#?}");
        let row = listed.iter().find(|row| row["count"] == 500).unwrap();
        assert_eq!((&row["code"], &row["step"]), (&json!("upstream_unavailable"), &json!("/do/2/post")));
        assert_eq!(row["failed"].as_array().unwrap().len(), 3);
        assert!(row["next_step"].as_str().unwrap().starts_with("retry_run run_"), "{row:#}");
        assert_eq!(row["reason"]["source"], "failure", "what others wrote is data");
        let one_by_one = stage.call("list_failures", json!({"cause": row["cause"], "limit": 100})).await;
        assert_eq!(one_by_one["items"].as_array().unwrap().len(), 100);
        assert!(one_by_one["next_cursor"].is_string());
        assert_eq!(alerts(&stage).await.len(), 2, "one for each cause");

        let done = completed();
        let ends: Vec<_> = (0..499).map(|n| (run(n), Some("ghl/w"), &done)).collect();
        end(&stage, &follow_up, &ends).await;
        let open = failures(&stage, json!({"workflow": "welcome"})).await;
        assert_eq!(open.iter().map(|row| row["count"].as_i64().unwrap()).sum::<i64>(), 2);
        let resolved = failures(&stage, json!({"state": "resolved"})).await;
        assert_eq!(resolved[0]["count"], 499);
    })
    .await;
}

#[tokio::test]
async fn alerts_come_once_in_a_while_for_each_cause_and_never_about_alerts() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let book = Arc::new(Book::default());
        let follow_up = follow_up(&stage, &book, None);
        let away = failed("`crm` answered 503");
        end(&stage, &follow_up, &[(run(1), Some("ghl/w1"), &away)]).await;
        end(&stage, &follow_up, &[(run(2), Some("ghl/w2"), &away)]).await;
        assert_eq!(alerts(&stage).await.len(), 1);
        stage.foundation.clock.advance(HOUR);
        end(&stage, &follow_up, &[(run(3), Some("ghl/w3"), &away)]).await;
        let told = alerts(&stage).await;
        assert_eq!(told.len(), 2);
        let alert = stage.call("get_event", json!({"event": told[0]["id"]})).await;
        let data = &alert["data"]["untrusted"];
        assert_eq!((&data["workflow"], &data["run"]), (&json!("welcome"), &json!(run(3).0)));
        assert_eq!((&data["failures_open"], &alert["source"]), (&json!(3), &json!("self")));

        // The run that an alert started fails, and a run that that one started, and one that this one started.
        let by_alert = format!("self/{}", alert["key"]["untrusted"].as_str().unwrap());
        book.plant(run(4), Some(&by_alert));
        book.plant(run(5), Some(&format!("{}/w1", run(4))));
        let (of_four, of_five) = (format!("{}/w1", run(4)), format!("{}/w2", run(5)));
        for (number, started_by) in [(4, &by_alert), (5, &of_four), (6, &of_five)] {
            let other = failed(&format!("another cause, {}", ["", "", "", "", "a", "b", "c"][number]));
            end(&stage, &follow_up, &[(run(number), Some(started_by), &other)]).await;
        }
        assert_eq!(alerts(&stage).await.len(), 2, "an alert about an alert");
        assert_eq!(failures(&stage, json!({})).await.len(), 4, "they are in the log all the same");
    })
    .await;
}

#[tokio::test]
async fn a_failure_says_what_has_become_of_it() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let follow_up = follow_up(&stage, &Arc::default(), None);
        let (away, tenant) = (failed("`crm` answered 503"), TenantId::local());
        end(&stage, &follow_up, &[(run(1), None, &away)]).await;
        let subject = run(1).0;
        let states = [FailureState::Retried, FailureState::Skipped];
        assert!(follow_up.mark(&tenant, (FailureKind::Run, &subject), states[0]).await.unwrap());
        assert_eq!(failures(&stage, json!({"state": "retried"})).await.len(), 1);
        end(&stage, &follow_up, &[(run(1), None, &away)]).await;
        let again = failures(&stage, json!({})).await;
        assert_eq!((&again[0]["count"], &again[0]["attempts"]), (&json!(1), &json!(2)), "the same one, open again");
        assert!(follow_up.mark(&tenant, (FailureKind::Run, &subject), states[1]).await.unwrap());
        end(&stage, &follow_up, &[(run(1), None, &completed())]).await;
        assert_eq!(failures(&stage, json!({"state": "skipped"})).await.len(), 1, "skipped is not resolved");
        assert!(!follow_up.mark(&"acme".parse().unwrap(), (FailureKind::Run, &subject), states[0]).await.unwrap());
        stage.foundation.clock.advance(Duration::from_hours(24 * 91));
        assert_eq!(follow_up.forget_old().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_event_that_cannot_be_routed_is_a_failure_until_its_replay_is() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let engine = Arc::new(Engine::default());
        engine.failures.store(2, Ordering::Relaxed);
        let settings = InboxSettings { attempts_max: 2, ..InboxSettings::default() };
        let pump = Pump::new(inbox(&stage), Arc::<Engine>::clone(&engine), Arc::new(Published), &settings);
        let sent = stage.call("send_event", json!({"type": "ContactCreate", "key": "k1"})).await;
        for _ in 0..2 {
            assert_eq!(pump.round().await.unwrap(), 1);
            stage.foundation.clock.advance(Duration::from_mins(5));
        }
        let open = failures(&stage, json!({"kind": "event"})).await;
        assert_eq!((&open[0]["failed"][0], &open[0]["attempts"]), (&sent["event_id"], &json!(2)), "{open:#?}");
        assert!(open[0]["next_step"].as_str().unwrap().starts_with("send_event with replay"));
        stage.call("send_event", json!({"replay": sent["event_id"]})).await;
        assert_eq!(failures(&stage, json!({"state": "retried"})).await.len(), 1);
        assert_eq!(pump.round().await.unwrap(), 1);
        assert_eq!(failures(&stage, json!({"state": "resolved"})).await.len(), 1);
    })
    .await;
}

fn tags(stage: &Stage, crm: &Arc<Crm>, book: &Arc<Book>) -> SuccessTags {
    let at = (stage.foundation.db.clone(), stage.foundation.clock.clone());
    let sources = BTreeSet::from([(TenantId::local(), "ghl".to_owned())]);
    let settings = SuccessTagSettings::default();
    SuccessTags::new(at, Arc::<Crm>::clone(crm), Arc::<Book>::clone(book), sources, &settings).unwrap().unwrap()
}

async fn event(stage: &Stage, kind: &str, key: &str, data: Value) {
    stage.call("send_event", json!({"type": kind, "key": key, "source": "ghl", "data": data})).await;
}

#[tokio::test]
async fn a_completed_run_about_a_contact_leaves_its_tag_in_the_crm_once() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let (crm, book) = (Arc::new(Crm::default()), Arc::new(Book::default()));
        let tags = tags(&stage, &crm, &book);
        let follow_up = follow_up(&stage, &book, Some(tags.clone()));
        event(&stage, "AppointmentCreate", "w1", json!({"contactId": "c1", "locationId": "loc1"})).await;
        event(&stage, "ContactTagUpdate", "w2", json!({"id": "c1"})).await;
        event(&stage, "Ping", "w3", json!({})).await;
        for number in 1..=4 {
            book.plant(run(number), None);
        }
        let done = completed();
        let ends = [
            (run(1), Some("ghl/w1"), &done),
            (run(2), Some("ghl/w2"), &done),
            (run(3), Some("ghl/w3"), &done),
            (run(4), Some("stripe/w1"), &done),
        ];
        end(&stage, &follow_up, &ends).await;
        end(&stage, &follow_up, &ends).await;
        while tags.round().await.unwrap() > 0 {}
        let calls = crm.calls();
        assert_eq!(calls.len(), 1, "tags about tags and about nobody are not set: {calls:#?}");
        let call = &calls[0];
        let arguments = json!({"contact": "c1", "location": "loc1", "add": ["n8n_success_appointmentcreate_20261120"]});
        assert_eq!((call.server.as_str(), call.tool.as_str()), ("ghl", "set_contact_tags"));
        assert_eq!(Value::Object(call.arguments.clone()), arguments);
        let key = call.idempotency_key.as_ref().map(ToString::to_string);
        assert_eq!(key, Some(format!("{}.success_tag.0", run(1))));
    })
    .await;
}

#[tokio::test]
async fn a_crm_that_is_away_keeps_no_run_from_success_and_is_told_in_the_end_or_in_the_log() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let (crm, book) = (Arc::new(Crm::default()), Arc::new(Book::default()));
        let tags = tags(&stage, &crm, &book);
        let follow_up = follow_up(&stage, &book, Some(tags.clone()));
        for (number, key) in [(1, "w1"), (2, "w2")] {
            event(&stage, "ContactCreate", key, json!({"id": format!("c{number}")})).await;
            book.plant(run(number), None);
        }
        let done = completed();
        crm.fail(Some(ErrorCode::UpstreamUnavailable));
        end(&stage, &follow_up, &[(run(1), Some("ghl/w1"), &done)]).await;
        for _ in 0..60 {
            tags.round().await.unwrap();
            stage.foundation.clock.advance(HOUR);
        }
        assert_eq!(crm.calls().len(), 8, "once, and seven times by the patient schedule");
        let keys: BTreeSet<_> =
            crm.calls().iter().map(|call| call.idempotency_key.clone().unwrap().to_string()).collect();
        assert_eq!(keys.len(), 1, "under one key");
        let open = failures(&stage, json!({"kind": "tag"})).await;
        assert_eq!((&open[0]["failed"][0], &open[0]["attempts"]), (&json!(run(1).0), &json!(8)), "{open:#?}");
        assert_eq!(failures(&stage, json!({"kind": "run"})).await.len(), 0);

        crm.fail(Some(ErrorCode::NotFound));
        end(&stage, &follow_up, &[(run(2), Some("ghl/w2"), &done)]).await;
        tags.round().await.unwrap();
        assert_eq!((crm.calls().len(), tags.round().await.unwrap()), (9, 0), "nobody to tell is no failure");
        assert_eq!(failures(&stage, json!({"kind": "tag"})).await[0]["count"], 1);
    })
    .await;
}
