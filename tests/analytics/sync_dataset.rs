//! `sync_dataset`: contacts and won deals of the CRM's emulator, through the CRM's own tools.

use std::sync::Arc;

use common::auth::Role;
use common::config::Config;
use common::tool::Surface;
use common::transport::{Handler, in_process};
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use crate::stage::Stage;

/// The analytics server beside the CRM on its demo account.
fn beside_the_crm(database: TestDatabase) -> Stage {
    let stage = Stage::among(database, &[mcp_ghl::SERVER]);
    let mut config = Config::load(&[mcp_ghl::SERVER.default_config], None).unwrap();
    let crm = (mcp_ghl::SERVER.build)(&stage.foundation, &mut config).unwrap();
    let tasks = stage.foundation.tasks.clone();
    let handler = Handler::new(Arc::new(crm), Arc::clone(&stage.dispatch), Surface::whole(), None, tasks);
    let stopping = stage.foundation.tasks.stopping().clone();
    stage.foundation.peers.join("ghl", move |end| in_process::serve(handler.clone(), end, stopping.child_token()));
    stage
}

async fn called(stage: &Stage, tool: &str, arguments: Value) -> Value {
    // The demo account is the local tenant's.
    stage.call_as(&Stage::caller("local", Role::Member), tool, arguments).await
}

/// The demo account has several locations.
fn asked(further: Value) -> Value {
    let mut arguments = json!({"dataset": "crm", "location": "Brightside Dental Group"});
    arguments.as_object_mut().unwrap().extend(further.as_object().cloned().unwrap());
    arguments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contacts_and_won_deals_of_the_crm_become_records() {
    on_each_database(async |database| {
        let stage = beside_the_crm(database);
        let first = called(&stage, "sync_dataset", asked(json!({"deals_currency": "USD"}))).await;
        let customers = first["customers"].as_u64().unwrap_or_else(|| panic!("{first:#}"));
        assert!(customers > 10 && first["transactions"].as_u64().unwrap() > 0, "{first:#}");
        let told = called(&stage, "describe_dataset", json!({"dataset": "crm"})).await;
        assert_eq!(told["consent"]["given"], 0, "nobody is taken to have agreed: {told:#}");
        assert!(told["consent"]["refused"].as_u64().unwrap() > 0, "do not disturb is a no: {told:#}");
        // The second time only what is new is read.
        let second = called(&stage, "sync_dataset", asked(json!({"deals_currency": "USD"}))).await;
        assert!(second["since"].is_string() && second["customers"].as_u64().unwrap() < customers, "{second:#}");
        assert_eq!((&second["transactions"], &second["known"]), (&json!(0), &first["transactions"]), "{second:#}");
        let again = called(&stage, "describe_dataset", json!({"dataset": "crm"})).await;
        assert_eq!(again["consent"], told["consent"]);
        let full = called(&stage, "sync_dataset", asked(json!({"full": true}))).await;
        assert_eq!(full["customers"].as_u64(), Some(customers), "{full:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_said_so() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let refused = called(&stage, "sync_dataset", json!({"dataset": "crm"})).await;
        assert_eq!(refused["error"]["code"], "not_found", "{refused:#}");
        assert_eq!(called(&stage, "list_datasets", json!({})).await["rows"], json!([]));
    })
    .await;
}
