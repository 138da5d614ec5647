//! A run that one process keeps going, followed through another one.

use secrecy::ExposeSecret as _;
use serde_json::json;
use tests::database::on_each_database;

use super::followed::Session;
use super::signal_run::WAITING;
use super::stage::definition;

#[tokio::test]
async fn who_follows_a_run_hears_of_it_whichever_process_keeps_it_going() {
    on_each_database(async |database| {
        let config = database.folder().join("settings.toml");
        let settings = database.settings.url.as_ref().map_or_else(String::new, |url| {
            let url = url.expose_secret();
            format!("[database]\nurl = \"{url}\"\n")
        });
        std::fs::write(&config, settings).unwrap();
        let extra = ["--config", config.to_str().unwrap()];
        // With its own folder, as on another machine, where the database is not a file in it.
        let other = tempfile::tempdir().unwrap();
        let folder = if database.settings.url.is_some() { other.path() } else { database.folder() };
        let mut keeper = Session::over(database.folder(), &extra).await;
        let mut follower = Session::over(folder, &extra).await;
        keeper.call("save_workflow", json!({"definition": definition("booking", WAITING), "apply": true})).await;
        let started = keeper.call("start_run", json!({"workflow": "booking", "wait_ms": 0})).await;
        let run = started["run"].as_str().unwrap_or_else(|| panic!("{started:#}")).to_owned();
        let uri = format!("orchestrator://runs/{run}");
        while keeper.read(&uri).await["status"] != "waiting" {}
        follower.ask("resources/subscribe", json!({"uri": uri})).await;
        // Of what it may not have read.
        follower.hear("notifications/resources/updated", Some(&uri)).await;
        assert_eq!(follower.read(&uri).await["status"], "waiting");
        keeper.call("signal_run", json!({"run": run, "type": "Booked", "data": {"slot": "9:00"}})).await;
        while follower.read(&uri).await["status"] != "completed" {
            follower.hear("notifications/resources/updated", Some(&uri)).await;
        }
    })
    .await;
}
