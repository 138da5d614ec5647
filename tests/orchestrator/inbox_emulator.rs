//! The CRM's emulator as the sender: what changes there arrives here, signed and once.

use common::clock::Clock;
use common::tasks::Tasks;
use mcp_ghl::sandbox::{DEMO_LOCATIONS, Sandbox, SandboxSettings};
use serde_json::{Value, json};
use tests::database::TestDatabase;
use tests::http::exchange;

use crate::inbox::stage::Stage;

/// A seed of the emulator's own, and the key that belongs to it, which the test asks it for.
const SEED: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

#[tokio::test]
async fn a_change_in_the_crm_arrives_verified_and_is_stored_once() {
    let (tasks, folder) = (Tasks::new(), tempfile::tempdir().unwrap());
    let settings =
        SandboxSettings { test_levers: true, webhook_key: Some(SEED.to_owned().into()), ..SandboxSettings::default() };
    let silent = Sandbox::in_folder(folder.path(), Clock::system(), settings.clone());
    let address = silent.open(0, &tasks).await.unwrap();
    let key = exchange(address, "GET", "/__sandbox/webhook-key", &[], "").await.json()["public_key"].clone();
    let sources = format!(
        "[[orchestrator.sources]]\nname = \"ghl\"\nkind = \"gohighlevel\"\nsecret = {key}\naccounts = [\"{}\"]\n",
        DEMO_LOCATIONS[0].id
    );
    let stage = Stage::open(TestDatabase::sqlite(), Clock::system(), &sources).await;
    let listener = format!("http://{}/webhooks/ghl/local", stage.address);
    let settings = SandboxSettings { webhook_urls: vec![listener], ..settings };
    let telling_folder = tempfile::tempdir().unwrap();
    let telling = Sandbox::in_folder(telling_folder.path(), Clock::system(), settings);
    let address = telling.open(0, &tasks).await.unwrap();

    let token = format!("Bearer {}", DEMO_LOCATIONS[0].token);
    let headers = [("Authorization", token.as_str()), ("Version", "2021-07-28"), ("Content-Type", "application/json")];
    let contact = json!({"locationId": DEMO_LOCATIONS[0].id, "firstName": "Ada", "email": "ada@inbox.example"});
    let made = exchange(address, "POST", "/contacts/", &headers, &contact.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);

    let sent = loop {
        let log = exchange(address, "GET", "/__sandbox/webhooks", &[], "").await.json();
        let ended = log.as_array().unwrap().iter().find(|line| line["outcome"] != "waiting" && line["status"].is_u64());
        if let Some(line) = ended {
            break line.clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&sent["outcome"], &sent["status"]), (&json!("delivered"), &json!(200)), "{sent:#}");
    let listed = stage.call("list_events", json!({"source": "ghl", "type": "ContactCreate"})).await;
    let event = stage.call("get_event", json!({"event": listed["items"][0]["id"]})).await;
    assert_eq!(event["data"]["untrusted"]["email"], "ada@inbox.example", "{event:#}");
    assert_eq!(event["key"]["untrusted"], sent["payload"]["webhookId"], "it is known by the vendor's id");
    assert_eq!(event["state"], "new");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed:#}");
    let other: &Value = &stage.call("list_events", json!({"source": "stripe"})).await["items"];
    assert_eq!(other, &json!([]));
    tasks.stopping().cancel();
}
