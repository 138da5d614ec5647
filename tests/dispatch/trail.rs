//! What stays behind: intents before effects, outcomes, reads and refusals, never an argument.

use common::auth::Role;
use common::tool::Surface;
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bench::{Bench, call, error_of};

/// `kind tool code location trace` of every event but checkpoints, in their order.
async fn trail(bench: &Bench) -> Vec<String> {
    bench.audit.flush().await.expect("the trail is written");
    let pool = bench.deps.db.read().await.expect("the database opens");
    let rows = sqlx::query(
        "select kind, tool, code, location_id, trace_id, details from audit_events where kind <> 'checkpoint' order by sequence",
    )
    .fetch_all(pool)
    .await
    .expect("the events can be read");
    rows.iter().flat_map(lines).collect()
}

/// A row is an event, except that a row of reads has an object for each in its details.
fn lines(row: &AnyRow) -> Vec<String> {
    let column = |name: &str| row.get::<Option<String>, _>(name);
    let line = |location: Option<String>, trace: Option<String>| {
        let parts = [column("kind"), column("tool"), column("code"), location, trace];
        parts.map(|part| part.unwrap_or_else(|| "-".to_owned())).join(" ")
    };
    // Of other kinds, it says which plan the event is about.
    let Some(details) = column("details").filter(|_| column("kind").as_deref() == Some("read")) else {
        return vec![line(column("location_id"), column("trace_id"))];
    };
    let details: Vec<Value> = serde_json::from_str(&details).expect("details are an array");
    let text = |detail: &Value, key: &str| detail[key].as_str().map(str::to_owned);
    details.iter().map(|detail| line(text(detail, "location_id"), text(detail, "trace_id"))).collect()
}

#[tokio::test]
async fn reads_changes_and_refusals_are_recorded() {
    let bench = Bench::new();
    bench.call("get_seats", json!({ "seats": 1, "location": "Main St" })).await;
    // The tool itself asserts that its intent is committed before its effect.
    assert_eq!(bench.call("set_seats", json!({ "seats": 1 })).await.is_error, Some(false));
    bench.call("refuse_always", json!({ "seats": 1 })).await;
    bench.call("get_seats", json!({ "seats": "many" })).await;
    bench.call_as(Role::Viewer, "set_seats", json!({ "seats": 1 })).await;
    bench.call("send_seats", json!({ "seats": 1 })).await;
    assert_eq!(
        trail(&bench).await,
        [
            "read get_seats ok Main St -",
            "intent set_seats - - -",
            "outcome  ok - -",
            "read refuse_always not_found - -",
            "refusal get_seats invalid_argument - -",
            "refusal set_seats permission_denied - -",
            "refusal send_seats approval_required - -",
        ]
    );
    let report = bench.audit.verify(&"acme".parse().expect("a tenant")).await.expect("the trail can be read");
    assert!(report.is_sound(), "{report:?}");
}

#[tokio::test]
async fn a_call_is_recorded_by_what_it_does() {
    let bench = Bench::new();
    for seats in [1, 3, 900] {
        bench.call("change_seats", json!({ "seats": seats })).await;
    }
    bench.audit.flush().await.expect("the trail is written");
    let pool = bench.deps.db.read().await.expect("the database opens");
    let classes: Vec<String> =
        sqlx::query_scalar("select access from audit_events where tool = 'change_seats' order by sequence")
            .fetch_all(pool)
            .await
            .expect("the events can be read");
    // What was not understood is recorded by the worst that the tool does.
    assert_eq!(classes, ["write", "destroy", "destroy"]);
}

#[tokio::test]
async fn a_call_that_is_part_of_a_trace_says_so() {
    let bench = Bench::new();
    // The example of the W3C's recommendation, and what is none.
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for text in [trace, "00-abc-def-01", "a secret, say", &trace.replace('7', "G"), &format!("{trace}-{trace}")] {
        let call = call(Role::Admin).with_trace(Some(text.to_owned()));
        bench.run(&call, &Surface::whole(), "get_seats", json!({ "seats": 1 })).await;
    }
    let without = "read get_seats ok - -";
    let with = format!("read get_seats ok - {trace}");
    assert_eq!(trail(&bench).await, [with.as_str(), without, without, without, without]);
}

#[tokio::test]
async fn without_a_trail_nothing_is_changed() {
    let bench = Bench::new();
    let mut tx = bench.deps.db.begin().await.expect("the database opens");
    sqlx::query("drop table audit_events").execute(&mut *tx).await.expect("the table is dropped");
    tx.commit().await.expect("the drop is committed");
    let result = bench.call("set_seats", json!({ "seats": 1 })).await;
    assert_eq!(error_of(&result)["code"], "internal", "{result:?}");
    assert_eq!(bench.effects(), 0);
}
