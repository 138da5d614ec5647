//! Resources and their completion, as a client on stdio sees them in the demo account.

use common::clock::Clock;
use mcp_ghl::sandbox::DEMO_LOCATIONS;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};
use tests::stdio::Server;

const DENTAL: &str = DEMO_LOCATIONS[0].id;
const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

struct Demo {
    server: Server,
    _data: tempfile::TempDir,
}

impl Demo {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start("mcp-ghl", data.path(), &[]);
        server.initialize().await;
        Self { server, _data: data }
    }

    /// With one location of a vendor at an address of this machine.
    async fn at(vendor: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = data.path().join("settings.toml");
        let settings = format!(
            "[http]\negress_allow = [\"127.0.0.1\"]\n[ghl]\nbase_url = \"http://{vendor}\"\n\
             [[ghl.connections]]\ntenant = \"local\"\ntoken = \"pit-demo\"\nlocation_id = \"l1\"\n"
        );
        std::fs::write(&config, settings).unwrap();
        let mut server = Server::start("mcp-ghl", data.path(), &["--config", config.to_str().unwrap()]);
        server.initialize().await;
        Self { server, _data: data }
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.server.call(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn read(&mut self, uri: &str) -> Value {
        let result = self.ask("resources/read", json!({"uri": uri})).await;
        serde_json::from_str(result["contents"][0]["text"].as_str().unwrap()).unwrap()
    }

    async fn complete(&mut self, reference: Value, name: &str, typed: &str) -> Value {
        let params = json!({"ref": reference, "argument": {"name": name, "value": typed}});
        self.ask("completion/complete", params).await["completion"]["values"].clone()
    }
}

#[tokio::test]
async fn pipelines_tags_and_contacts_are_read_by_address() {
    let mut demo = Demo::start().await;
    let pipelines = demo.read(&format!("ghl://{DENTAL}/pipelines")).await;
    assert_eq!(pipelines["location"]["demo"], true);
    assert_eq!(pipelines["pipelines"][0]["name"], "New patients");
    assert_eq!(pipelines["pipelines"][0]["stages"][1]["name"], "Contacted");
    let tags = demo.read("ghl://Brightside%20Dental%20Group/tags").await;
    assert!(tags["tags"].as_array().unwrap().contains(&json!("src_paid")), "{tags}");
    let schema = demo.read(&format!("ghl://{DENTAL}/schema")).await;
    assert_eq!((&schema["pipelines"], &schema["location"]["demo"]), (&pipelines["pipelines"], &json!(true)));
    assert_eq!(schema["calendars"][0]["name"], "Consultation");
    let contact = demo.read(&format!("ghl://{DENTAL}/contacts/{HUGO}")).await;
    assert_eq!(contact["contact"]["name"], "Hugo Laurent");
    let unknown = demo.server.call("resources/read", json!({"uri": format!("ghl://{DENTAL}/contacts/../tags")})).await;
    assert!(unknown.get("error").is_some(), "{unknown}");
}

#[tokio::test]
async fn the_operations_of_a_family_are_a_line_each() {
    let mut demo = Demo::start().await;
    let family = demo.read("ghl://operations/workflows").await;
    assert_eq!(family["family"], "workflows");
    let lines = family["operations"].as_array().unwrap();
    assert!(lines[0].as_str().unwrap().starts_with("workflows.get-workflow (read): "), "{lines:?}");
    let reference = json!({"type": "ref/resource", "uri": "ghl://operations/{family}"});
    assert_eq!(
        demo.complete(reference, "family", "con").await,
        json!(["contacts", "conversation-ai", "conversations"])
    );
    let unknown = demo.server.call("resources/read", json!({"uri": "ghl://operations/nothing"})).await;
    assert!(unknown.get("error").is_some(), "{unknown}");
}

#[tokio::test]
async fn each_connected_location_is_listed() {
    let mut demo = Demo::start().await;
    let listed = demo.ask("resources/list", json!({})).await;
    let uris: Vec<&str> =
        listed["resources"].as_array().unwrap().iter().map(|resource| resource["uri"].as_str().unwrap()).collect();
    for location in DEMO_LOCATIONS {
        for rest in ["pipelines", "tags", "schema"] {
            assert!(uris.contains(&format!("ghl://{}/{rest}", location.id).as_str()), "{uris:?}");
        }
    }
}

#[tokio::test]
async fn locations_are_completed_by_name() {
    let mut demo = Demo::start().await;
    let template = json!({"type": "ref/resource", "uri": "ghl://{location}/tags"});
    assert_eq!(demo.complete(template, "location", "bright").await, json!([DENTAL]));
}

#[tokio::test]
async fn the_schema_and_the_operations_of_a_family_are_read_by_address() {
    let mut demo = Demo::start().await;
    let schema = demo.read(&format!("ghl://{DENTAL}/schema")).await;
    assert!(schema["pipelines"].to_string().contains("New patients"), "{schema}");
    let family = demo.read("ghl://operations/invoices").await;
    let lines = family["operations"].as_array().unwrap();
    assert!(lines.iter().any(|line| line.as_str().unwrap().starts_with("invoices.void-invoice (")), "{family}");
    let template = json!({"type": "ref/resource", "uri": "ghl://operations/{family}"});
    assert_eq!(demo.complete(template, "family", "opp").await, json!(["opportunities"]));
}

#[tokio::test]
async fn what_happened_lately_is_read_newest_first() {
    let mut demo = Demo::start().await;
    let note = json!({"location": DENTAL, "contact": HUGO, "text": "Called about the braces"});
    let made = demo.ask("tools/call", json!({"name": "add_note", "arguments": note})).await;
    let change = made["structuredContent"]["change_id"].as_str().unwrap().to_owned();
    let read = demo.read(&format!("ghl://{DENTAL}/events")).await;
    let events = read["events"].as_array().unwrap();
    let at = |event: &Value| event["at"].as_str().unwrap().to_owned();
    assert!(events.len() >= 20 && events.is_sorted_by(|one, next| at(one) >= at(next)), "{read:#}");
    let detail = events[0]["detail"].as_str().unwrap();
    assert!(events[0]["kind"] == "changed" && detail.contains(&change), "{}", events[0]);
    for kind in ["contact_added", "message_received", "opportunity_added"] {
        assert!(events.iter().any(|event| event["kind"] == kind), "{kind} is missing");
    }
    assert!(!read.to_string().contains("braces"), "what was written stays where it is");
}

/// Shows the location and its contacts: the token lacks the other scopes.
fn only_contacts(arrival: &Arrival) -> Fault {
    let json = |status: u16, body: Value| Fault::Answer(Answer::new(status).body(body.to_string()));
    match arrival.target.as_str() {
        "/locations/l1" => json(200, json!({"location": {"id": "l1", "name": "Plain"}})),
        "/contacts/search" => {
            let ann = json!({"id": "c1", "firstName": "Ann", "dateAdded": "2024-05-01T10:00:00Z", "source": "fair"});
            json(200, json!({"contacts": [ann], "total": 1}))
        }
        _ => json(401, json!({"statusCode": 401, "message": "The token is not authorized for this scope."})),
    }
}

#[tokio::test]
async fn sources_of_events_that_may_not_be_read_are_named_and_the_rest_is_told() {
    let vendor = FaultyServer::start(&Clock::system(), only_contacts).await.unwrap();
    let mut demo = Demo::at(&vendor.authority()).await;
    let read = demo.read("ghl://l1/events").await;
    assert_eq!(read["unreadable"], json!(["conversations", "opportunities"]));
    let event = json!({
        "at": "2024-05-01T10:00:00Z", "kind": "contact_added", "record": {"id": "c1", "name": "Ann"}, "detail": "from fair"
    });
    assert_eq!(read["events"], json!([event]));
}
