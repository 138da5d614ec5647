//! `signal_run`: one waiting run gets its event, once.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::stage::Stage;

/// Waits for a booking, then says whose it is.
pub(super) const WAITING: &str = "\
do:
  - booked: {listen: {to: {one: {with: {type: Booked}}}}}
  - keep: {set: {slot: '${ .[0].slot }'}}
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_run_goes_on_with_its_event() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("booking", WAITING).await;
        let mut runs = Vec::new();
        for _ in 0..2 {
            let run = stage.call("start_run", json!({"workflow": "booking", "wait_ms": 0})).await;
            stage.run_that_is(&run["run"], "waiting").await;
            runs.push(run["run"].clone());
        }
        let signal = json!({"run": runs[0], "type": "Booked", "data": {"slot": "9:00"}, "key": "k1"});
        let told = stage.call("signal_run", signal).await;
        assert_eq!(told["run"], runs[0], "{told:#}");
        let ended = stage.run_that_is(&runs[0], "completed").await;
        assert_eq!(ended["outcome"]["output"]["untrusted"]["slot"], "9:00", "{ended:#}");
        assert_eq!(stage.call("get_run", json!({"run": runs[1]})).await["status"], "waiting", "the other one waits on");
        for (arguments, code) in [
            (json!({"run": runs[1], "type": "Cancelled"}), "not_found"),
            (json!({"run": "run_0", "type": "Booked"}), "not_found"),
            (json!({"run": runs[1]}), "invalid_argument"),
        ] {
            let refused = stage.call("signal_run", arguments.clone()).await;
            assert_eq!(refused["error"]["code"], code, "{arguments}: {refused:#}");
        }
        let theirs = Stage::caller("globex", Role::Admin);
        let foreign = stage.call_as(&theirs, "signal_run", json!({"run": runs[1], "type": "Booked"})).await;
        assert_eq!(foreign["error"]["code"], "not_found");
    })
    .await;
}
