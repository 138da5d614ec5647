//! A call that no `try` surrounds and that keeps failing: tried again for 28 hours, then in the failure log, told to
//! workflows, and taken up again by hand.

use std::time::Duration;

use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use super::stage::{NOTING, Stage};

/// The pauses of `patient`, and the most that jitter adds to each.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];
const JITTER: Duration = Duration::from_secs(30);

/// Looks until something must have happened.
const LOOKS_MAX: usize = 2_000;

async fn started(stage: &Stage, workflow: &str) -> Value {
    let run = stage.call("start_run", json!({"workflow": workflow, "input": {"contact": "c1"}, "wait_ms": 0})).await;
    run["run"].clone()
}

/// The row of a step once it says that so many attempts were made and another one comes.
async fn resting(stage: &Stage, run: &Value, attempts: usize) -> Value {
    let mut shown = Value::Null;
    for _ in 0..LOOKS_MAX {
        shown = stage.call("get_run", json!({"run": run})).await;
        let steps = shown["steps"].as_array().unwrap();
        let row = steps.iter().find(|step| step["name"] == "note" && step["status"] == "retrying");
        if let Some(row) = row.filter(|row| row["attempts"].as_u64().unwrap_or(1) == attempts as u64) {
            return row.clone();
        }
        tokio::task::yield_now().await;
    }
    panic!("attempt {attempts} does not rest: {shown:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_keeps_failing_is_in_the_log_after_its_last_attempt_and_completes_by_hand() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", NOTING).await;
        stage.save("tell", "schedule: {on: {one: {with: {type: luminar.run.failed}}}}\ndo: [{told: {set: {told: '${ .data.attempts }'}}}]\n").await;
        stage.crm.be_busy(8);
        let run = started(&stage, "intake").await;
        for (index, pause) in PAUSES.into_iter().enumerate() {
            let row = resting(&stage, &run, index + 1).await;
            let next: jiff::Timestamp = row["next_attempt_at"].as_str().unwrap().parse().unwrap();
            let wait_ms = next.as_millisecond() - stage.clock.now_ms();
            let (least, most) = (millis(pause), millis(pause + JITTER));
            assert!((least..=most).contains(&wait_ms), "{wait_ms} ms: {row:#}");
            assert!(row["note"]["untrusted"].as_str().unwrap().contains(&format!("({} of 7)", index + 1)), "{row:#}");
            stage.clock.advance(Duration::from_millis(wait_ms.unsigned_abs()));
        }
        let failed = stage.run_that_is(&run, "failed").await;
        assert_eq!(failed["outcome"]["failure"]["attempts"], 8, "{failed:#}");
        assert_eq!(stage.crm.failures_left(), 0);
        let log = stage.call("list_failures", json!({"workflow": "intake"})).await;
        let row = &log["items"][0];
        assert_eq!((&row["failed"][0], &row["attempts"], &row["step"]), (&run, &json!(8), &json!("/do/1/note")));
        assert_eq!(row["code"], "rate_limited", "{row:#}");
        let next_step = row["next_step"].as_str().unwrap();
        assert!(next_step.contains("tried 8 times") && next_step.contains("retry_run"), "{row:#}");
        let told = stage.call("list_runs", json!({"workflow": "tell"})).await;
        let mut told = told["items"].as_array().unwrap().clone();
        while told.is_empty() {
            tokio::task::yield_now().await;
            told = stage.call("list_runs", json!({"workflow": "tell"})).await["items"].as_array().unwrap().clone();
        }
        let told = stage.run_that_is(&told[0]["run"], "completed").await;
        assert_eq!(told["outcome"]["output"]["untrusted"]["told"], 8, "{told:#}");

        stage.call("retry_run", json!({"run": run})).await;
        stage.run_that_is(&run, "completed").await;
        assert_eq!(stage.crm.notes(), ["c1: hello"], "once");
        let open = stage.call("list_failures", json!({"workflow": "intake"})).await;
        assert_eq!(open["items"], json!([]), "{open:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_says_itself_what_is_done_and_a_simulation_shows_it() {
    let stage = Stage::open(TestDatabase::sqlite());
    let with = |retry: &str| {
        let text = super::stage::definition("intake", NOTING);
        text.replace("version: '1.0.0'}", &format!("version: '1.0.0', metadata: {{retry: {retry}}}}}"))
    };
    let answers =
        json!([{"of": "note", "status": 503}, {"of": "note", "status": 503}, {"of": "note", "output": {"note": "n"}}]);
    for (retry, attempts, span_ms) in
        [("none", 1, 0), ("design", 3, 3_600_000), ("{delay: PT1S, limit: {attempt: {count: 1}}}", 2, 1_000)]
    {
        let simulated = json!({"definition": with(retry), "input": {"contact": "c1"}, "answers": answers});
        let shown = stage.call("simulate_workflow", simulated).await;
        let made = shown["steps"].as_array().unwrap().iter().filter(|step| step["name"] == "note").count();
        assert_eq!((made, &shown["duration_ms"]), (attempts, &json!(span_ms)), "{retry}: {shown:#}");
    }
    stage.call("save_workflow", json!({"definition": with("none"), "apply": true})).await;
    stage.crm.be_busy(1);
    let run = started(&stage, "intake").await;
    let failed = stage.run_that_is(&run, "failed").await;
    assert_eq!(failed["outcome"]["failure"].get("attempts"), None, "{failed:#}");
}

fn millis(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap()
}
