//! What stays behind: who asked, who said yes or no, and what was executed, each with the plan.

use common::audit::Decision;
use common::tool::Voice;
use serde_json::json;
use sqlx::Row;
use tests::database::on_each_database;

use crate::person::{Client, Era, Mood};
use crate::stage::{Stage, caller, roomy};

/// `kind subject tool code` of every event that is about a plan, in their order.
async fn trail(stage: &Stage, plan_id: &str) -> Vec<String> {
    stage.audit.flush().await.expect("the trail is written");
    let rows = sqlx::query(
        "select kind, subject, tool, code, details from audit_events where tenant_id = 'acme' and details is not null
        order by at_ms, sequence",
    )
    .fetch_all(stage.db.read().await.expect("the database opens"))
    .await
    .expect("the events can be read");
    let about = format!("{{\"plan_id\":\"{plan_id}\"}}");
    let rows = rows.iter().filter(|row| row.get::<Option<String>, _>("details").as_deref() == Some(about.as_str()));
    let line = |row: &sqlx::any::AnyRow| {
        let columns = ["kind", "subject", "tool", "code"].map(|name| row.get::<Option<String>, _>(name));
        columns.map(|column| column.unwrap_or_else(|| "-".to_owned())).join(" ")
    };
    rows.map(line).collect()
}

#[tokio::test]
async fn who_asked_who_said_yes_and_what_was_done_can_be_read_back() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, roomy());
        let arguments = json!({ "note": "hello" });
        let plan = stage.propose("ann", "send_note", arguments.clone()).await;
        let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
        decided.expect("an administrator may");
        stage.call("ann", Some(plan), ("send_note", arguments.clone())).await.expect("it is approved");
        stage.call("ann", Some(plan), ("send_note", arguments)).await.expect_err("it is spent");
        assert_eq!(
            trail(&stage, &plan.to_string()).await,
            [
                "refusal ann send_note approval_required",
                "approved bob send_note -",
                "intent ann send_note -",
                "refusal ann send_note conflict",
            ]
        );
        let report = stage.audit.verify(caller("ann").tenant()).await.expect("it can be verified");
        assert!(report.is_sound(), "{report:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_and_a_no_at_the_client_are_recorded_too() {
    let asked = "refusal ann send_note approval_required";
    let yes = [asked, "approved ann send_note -", "intent ann send_note -"];
    let no = [asked, "refused ann send_note -"];
    for (era, mood, wanted) in [
        (Era::Modern, Mood::SaysYes, yes.as_slice()),
        (Era::Legacy, Mood::SaysYes, yes.as_slice()),
        (Era::Modern, Mood::SaysNo, no.as_slice()),
        (Era::Legacy, Mood::Declines, no.as_slice()),
    ] {
        let database = tests::database::TestDatabase::sqlite();
        let mut stage = Stage::on(&database, roomy());
        let ann = Client::open(stage.serve().await, "ann", era, true).await;
        ann.mood(mood);
        ann.call("send_note", json!({ "note": "hello" })).await;
        let pool = stage.db.read().await.expect("the database opens");
        let row =
            sqlx::query("select plan_id, decided_by from approval_plans").fetch_one(pool).await.expect("one plan");
        assert_eq!(row.get::<String, _>("decided_by"), "whoever sits at the client of ann");
        assert_eq!(trail(&stage, &row.get::<String, _>("plan_id")).await, wanted, "{era:?} {mood:?}");
    }
}
