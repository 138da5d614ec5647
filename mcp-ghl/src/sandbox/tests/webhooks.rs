//! Webhooks, as a listener on a port of its own receives them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::tasks::Tasks;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Bench, dental, gym};
use crate::sandbox::webhooks::EVENTS;
use crate::sandbox::{DemoLocation, LimitSettings, SandboxSettings};

struct Received {
    signature: String,
    body: Bytes,
}

impl Received {
    fn payload(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone)]
struct Script {
    received: UnboundedSender<Received>,
    /// Answered in this order, then 200.
    statuses: Arc<Mutex<Vec<u16>>>,
}

async fn receive(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["x-ghl-signature"].to_str().unwrap().to_owned();
    script.received.send(Received { signature, body }).unwrap();
    let mut statuses = script.statuses.lock().unwrap();
    if statuses.is_empty() { StatusCode::OK } else { StatusCode::from_u16(statuses.remove(0)).unwrap() }
}

/// An emulator and one listener.
struct Stage {
    bench: Bench,
    received: UnboundedReceiver<Received>,
    tasks: Tasks,
}

impl Stage {
    async fn new(statuses: &[u16]) -> Self {
        let tasks = Tasks::new();
        let (sender, received) = unbounded_channel();
        let script = Script { received: sender, statuses: Arc::new(Mutex::new(statuses.to_vec())) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().route("/hooks", post(receive)).with_state(script);
        let stopping = tasks.stopping().clone();
        tasks.spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned()).await.unwrap();
        });
        let limits = LimitSettings { requests_per_window: 100_000, ..LimitSettings::default() };
        let settings =
            SandboxSettings { test_levers: true, webhook_urls: vec![url], limits, ..SandboxSettings::default() };
        let bench = Bench::of(settings).await;
        bench.sandbox.send_webhooks(&tasks).await.unwrap();
        Self { bench, received, tasks }
    }

    async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }

    async fn next_payload(&mut self) -> Value {
        self.next().await.payload()
    }

    /// The log, once its last line is what is waited for.
    async fn log_when(&self, is_there: impl Fn(&Value) -> bool) -> Vec<Value> {
        loop {
            let log = self.bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
            let lines = log.as_array().unwrap();
            if lines.last().is_some_and(&is_there) {
                return lines.clone();
            }
            tokio::task::yield_now().await;
        }
    }

    async fn create_contact(&self, location: DemoLocation, email: &str) -> String {
        let body = json!({"locationId": location.id, "email": email, "firstName": "Ada", "tags": ["new"]});
        let answer = self.bench.ask_as(location.token, "v3", "POST", "/contacts/", body).await;
        answer.body["contact"]["id"].as_str().unwrap().to_owned()
    }

    async fn close(self) {
        drop(self.received);
        assert!(self.tasks.shutdown(Duration::from_secs(5)).await);
    }
}

#[tokio::test]
async fn a_change_is_told_with_a_signature_that_the_shown_key_verifies() {
    let mut stage = Stage::new(&[]).await;
    let id = stage.create_contact(dental(), "ada@example.com").await;
    let received = stage.next().await;
    let payload = received.payload();
    assert_eq!((payload["type"].as_str(), payload["id"].as_str()), (Some("ContactCreate"), Some(id.as_str())));
    assert_eq!(
        (payload["locationId"].as_str(), payload["email"].as_str()),
        (Some(dental().id), Some("ada@example.com"))
    );
    assert_eq!(payload["timestamp"], "2026-11-20T00:00:00.000Z");
    assert_eq!(payload["webhookId"].as_str().unwrap().len(), 36);

    let shown = stage.bench.call("GET", "/__sandbox/webhook-key", Value::Null).await;
    let public_key = STANDARD.decode(shown["public_key"].as_str().unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&ED25519, &public_key[12..]);
    let signature = STANDARD.decode(&received.signature).unwrap();
    key.verify(&received.body, &signature).unwrap();
    let mut tampered = received.body.to_vec();
    tampered[10] ^= 1;
    key.verify(&tampered, &signature).unwrap_err();
    stage.close().await;
}

#[tokio::test]
async fn a_given_key_is_the_one_of_its_test_vector() {
    // RFC 8032, section 7.1, test 1, behind the prefix of RFC 8410.
    let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let public = hex::decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
    let settings = SandboxSettings {
        test_levers: true,
        webhook_key: Some(STANDARD.encode(seed).into()),
        ..SandboxSettings::default()
    };
    let bench = Bench::of(settings).await;
    let shown = bench.call("GET", "/__sandbox/webhook-key", Value::Null).await;
    let prefix = hex::decode("302a300506032b6570032100").unwrap();
    assert_eq!(shown["public_key"], STANDARD.encode([prefix, public].concat()));
}

#[tokio::test]
async fn a_malformed_key_or_url_is_refused_at_the_start() {
    let key = SandboxSettings { webhook_key: Some("nope".to_owned().into()), ..SandboxSettings::default() };
    let urls = |url: &str| SandboxSettings { webhook_urls: vec![url.to_owned()], ..key.clone() };
    for settings in [urls("http://127.0.0.1:1/"), urls("ftp://127.0.0.1/"), urls("hooks")] {
        let bench = Bench::of(settings).await;
        let error = bench.sandbox.send_webhooks(&Tasks::new()).await.unwrap_err();
        assert_eq!(error.code(), common::error::ErrorCode::FailedPrecondition);
    }
}

#[tokio::test]
async fn a_429_is_repeated_after_ten_minutes_with_the_same_bytes() {
    let mut stage = Stage::new(&[429]).await;
    stage.create_contact(dental(), "ada@example.com").await;
    let first = stage.next().await;
    let log = stage.log_when(|line| line["attempts"] == 1).await;
    assert_eq!((log[0]["outcome"].as_str(), log[0]["status"].as_u64()), (Some("waiting"), Some(429)));
    let next = log[0]["next_attempt_at"].as_str().unwrap();
    assert!(("2026-11-20T00:10:00.000Z"..="2026-11-20T00:11:00.000Z").contains(&next), "{next}");

    stage.bench.call("POST", "/__sandbox/clock", json!({"advance_ms": 660_000})).await;
    let second = stage.next().await;
    assert_eq!((first.body, first.signature), (second.body, second.signature));
    stage.log_when(|line| line["outcome"] == "delivered" && line["attempts"] == 2).await;
    stage.close().await;
}

#[tokio::test]
async fn after_six_repeats_a_webhook_is_given_up() {
    let mut stage = Stage::new(&[429; 10]).await;
    stage.create_contact(dental(), "ada@example.com").await;
    for attempt in 1..=7 {
        stage.next().await;
        stage.log_when(|line| line["attempts"] == attempt).await;
        stage.bench.call("POST", "/__sandbox/clock", json!({"advance_ms": 660_000})).await;
    }
    let log = stage.log_when(|line| line["outcome"] != "waiting").await;
    assert_eq!((log[0]["outcome"].as_str(), log[0]["attempts"].as_u64()), (Some("refused"), Some(7)));
    assert!(log[0].get("next_attempt_at").is_none());
    stage.close().await;
}

#[tokio::test]
async fn any_other_refusal_is_final_and_the_next_webhook_comes_all_the_same() {
    let mut stage = Stage::new(&[500, 503, 400, 302]).await;
    for count in 0..5 {
        stage.create_contact(dental(), &format!("ada{count}@example.com")).await;
        stage.next().await;
        stage.log_when(|line| line["outcome"] != "waiting").await;
    }
    let log = stage.log_when(|line| line["outcome"] == "delivered").await;
    let outcomes: Vec<&str> = log.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "refused", "refused", "refused", "delivered"]);
    assert!(log.iter().all(|line| line["attempts"] == 1 && line.get("next_attempt_at").is_none()));
    stage.close().await;
}

#[tokio::test]
async fn a_locations_webhooks_come_in_order() {
    let mut stage = Stage::new(&[]).await;
    let mut emails = Vec::new();
    for count in 0..20 {
        let location = if count % 2 == 0 { dental() } else { gym() };
        let email = format!("ada{count}@example.com");
        stage.create_contact(location, &email).await;
        emails.push((location.id.to_owned(), email));
    }
    let mut received = Vec::new();
    for _ in 0..20 {
        let payload = stage.next_payload().await;
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        received.push((text("locationId"), text("email")));
    }
    let of = |all: &[(String, String)], id: &str| -> Vec<String> {
        all.iter().filter(|(location, _)| location == id).map(|(_, email)| email.clone()).collect()
    };
    for location in [dental(), gym()] {
        assert_eq!(of(&received, location.id), of(&emails, location.id));
    }
    stage.close().await;
}

#[tokio::test]
async fn a_scheduled_message_is_told_at_its_time_though_nobody_asks_for_anything() {
    let mut stage = Stage::new(&[]).await;
    let body = json!({"locationId": dental().id, "phone": "+12025550142"});
    let id = stage.bench.call("POST", "/contacts/", body).await["contact"]["id"].clone();
    assert_eq!(stage.next_payload().await["type"], "ContactCreate");
    let send_at = (super::NOW_MS / 1_000) + 3_600;
    let order = json!({"type": "SMS", "contactId": id, "message": "Hello", "scheduledTimestamp": send_at});
    stage.bench.call("POST", "/conversations/messages", order).await;
    stage.bench.wait(Duration::from_hours(1));
    let payload = stage.next_payload().await;
    assert_eq!(
        (&payload["type"], &payload["body"], &payload["status"], &payload["timestamp"]),
        (&json!("OutboundMessage"), &json!("Hello"), &json!("sent"), &json!("2026-11-20T01:00:00.000Z"))
    );
    stage.close().await;
}

/// A bench that hears nobody but keeps the log.
async fn happenings(bench: &Bench) -> Vec<String> {
    let log = bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
    log.as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_change_of_a_contact_has_its_event() {
    let bench = Bench::new().await;
    let body = json!({"locationId": dental().id, "email": "ada@example.com"});
    let id = bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned();
    let (contact, note) = (format!("/contacts/{id}"), json!({"body": "called"}));
    bench.call("PUT", &contact, json!({"city": "London"})).await;
    bench.call("PUT", &contact, json!({"city": "London"})).await;
    bench.call("POST", &format!("{contact}/tags"), json!({"tags": ["a"]})).await;
    bench.call("PUT", &contact, json!({"dndSettings": {"sms": {"status": "active"}}})).await;
    let note_id = bench.call("POST", &format!("{contact}/notes"), note.clone()).await["note"]["id"].clone();
    let note_path = format!("{contact}/notes/{}", note_id.as_str().unwrap());
    bench.call("PUT", &note_path, json!({"body": "called twice"})).await;
    bench.call("DELETE", &note_path, Value::Null).await;
    bench.call("POST", &format!("{contact}/notes"), note).await;
    bench.call("DELETE", &contact, Value::Null).await;
    let events = happenings(&bench).await;
    let expected = [
        "ContactCreate",
        "ContactUpdate",
        "ContactTagUpdate",
        "ContactDndUpdate",
        "NoteCreate",
        "NoteUpdate",
        "NoteDelete",
        "NoteCreate",
        "ContactDelete",
        "NoteDelete",
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn an_opportunity_that_moves_tells_what_moved() {
    let bench = Bench::new().await;
    let search = json!({"locationId": dental().id, "limit": 1, "filters": [{"field": "status", "operator": "eq", "value": "open"}]});
    let found = bench.call("POST", "/opportunities/search", search).await;
    let id = found["opportunities"][0]["id"].as_str().unwrap();
    let path = format!("/opportunities/{id}");
    bench.call("PUT", &path, json!({"monetaryValue": 777})).await;
    bench.call("PUT", &format!("{path}/status"), json!({"status": "won"})).await;
    bench.call("DELETE", &path, Value::Null).await;
    let expected = [
        "OpportunityUpdate",
        "OpportunityMonetaryValueUpdate",
        "OpportunityUpdate",
        "OpportunityStatusUpdate",
        "OpportunityDelete",
    ];
    assert_eq!(happenings(&bench).await, expected);
}

#[tokio::test]
async fn what_shapes_keep_has_its_events_and_handlers_show_it() {
    let bench = Bench::new().await;
    let body = json!({"locationId": dental().id, "name": "Whitening", "productType": "SERVICE"});
    let made = bench.call("POST", "/products/", body.clone()).await;
    let path = format!("/products/{}", made["_id"].as_str().unwrap());
    let shown = bench.call("GET", &format!("{path}?locationId={}", dental().id), Value::Null).await;
    assert_eq!((shown["name"].as_str(), &shown["_id"]), (Some("Whitening"), &made["_id"]));
    bench
        .call("PUT", &path, json!({"locationId": dental().id, "name": "Whitening at home", "productType": "SERVICE"}))
        .await;
    bench.call("DELETE", &format!("{path}?locationId={}", dental().id), Value::Null).await;
    assert_eq!(happenings(&bench).await, ["ProductCreate", "ProductUpdate", "ProductDelete"]);
    let log = bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
    let names: Vec<&str> =
        log.as_array().unwrap().iter().map(|line| line["payload"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Whitening", "Whitening at home", "Whitening at home"]);
}

#[tokio::test]
async fn seeding_and_refused_changes_tell_nothing() {
    let bench = Bench::new().await;
    assert_eq!(bench.ask("v3", "POST", "/contacts/", json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    bench.call("POST", "/__sandbox/reset", Value::Null).await;
    assert_eq!(happenings(&bench).await, [""; 0]);
}

#[tokio::test]
async fn a_contact_writes_and_the_conversation_is_unread() {
    let bench = Bench::new().await;
    let body = json!({"locationId": dental().id, "email": "ada@example.com", "phone": "+12025550142"});
    let id = bench.call("POST", "/contacts/", body).await["contact"]["id"].clone();
    for (channel, message) in [("SMS", "Friday?"), ("Email", "<p>Friday?</p>")] {
        let writing = json!({"contact_id": id, "type": channel, "message": message, "subject": "Friday"});
        bench.call("POST", "/__sandbox/inbound-message", writing).await;
    }
    let log = bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
    let payloads: Vec<&Value> = log.as_array().unwrap().iter().map(|line| &line["payload"]).collect();
    let of_type = |event: &str| payloads.iter().filter(|payload| payload["type"] == event).collect::<Vec<_>>();
    let inbound = of_type("InboundMessage");
    assert_eq!((inbound[0]["messageType"].as_str(), inbound[0]["body"].as_str()), (Some("SMS"), Some("Friday?")));
    assert_eq!((inbound[1]["messageType"].as_str(), inbound[1]["subject"].as_str()), (Some("Email"), Some("Friday")));
    assert_eq!(inbound[1]["contactId"], id);
    assert_eq!(of_type("ConversationUnreadUpdate").last().unwrap()["unreadCount"], 2);

    let found = bench
        .call(
            "GET",
            &format!("/conversations/search?locationId={}&contactId={}", dental().id, id.as_str().unwrap()),
            Value::Null,
        )
        .await;
    let conversation = &found["conversations"][0];
    assert_eq!(
        (conversation["unreadCount"].as_i64(), conversation["lastMessageBody"].as_str()),
        (Some(2), Some("Friday?"))
    );
}

/// The vendor's examples by the `type` of their payload; `None` where the folder is absent.
fn documented() -> Option<Vec<(String, BTreeSet<String>)>> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2);
    let found = folders.map(|folder| folder.join("shared/data/webhooks/events.json")).find(|path| path.exists());
    let Some(text) = found.and_then(|path| std::fs::read_to_string(path).ok()) else {
        assert!(option_env!("CI").is_none_or(|ci| ci != "true"), "../shared/data/webhooks is absent");
        println!("skipped: ../shared/data/webhooks is absent");
        return None;
    };
    let events: Value = serde_json::from_str(&text).unwrap();
    let names = [
        ("AppInstall", "INSTALL"),
        ("AppUninstall", "UNINSTALL"),
        ("PlanChange", "PLAN_CHANGE"),
        ("ConversationUnreadWebhook", "ConversationUnreadUpdate"),
    ];
    let of = |(page, event): (&String, &Value)| {
        let name = names.iter().find(|(of_page, _)| of_page == page).map_or(page.as_str(), |(_, name)| name);
        (name.to_owned(), event["examples"].as_array().unwrap().iter().flat_map(fields).collect())
    };
    Some(events.as_object().unwrap().iter().map(of).collect())
}

/// Names of fields, those of the appointment with its own before them.
fn fields(payload: &Value) -> Vec<String> {
    let own = payload.as_object().unwrap().keys().cloned();
    let nested = payload["appointment"].as_object().into_iter().flat_map(|fields| fields.keys());
    own.chain(nested.map(|name| format!("appointment.{name}"))).collect()
}

#[test]
fn the_events_are_those_that_the_vendor_documents() {
    let Some(documented) = documented() else { return };
    let documented: BTreeSet<&str> = documented.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(EVENTS.into_iter().collect::<BTreeSet<_>>(), documented);
}

#[tokio::test]
async fn payloads_have_only_fields_that_the_vendor_documents() {
    let Some(documented) = documented() else { return };
    let bench = Bench::new().await;
    cause_everything(&bench).await;
    let log = bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
    let mut seen = BTreeSet::new();
    for line in log.as_array().unwrap() {
        let event = line["event"].as_str().unwrap();
        let (_, known) = documented.iter().find(|(name, _)| name == event).unwrap();
        for field in fields(&line["payload"]) {
            let is_general = ["timestamp", "webhookId"].contains(&field.as_str());
            assert!(is_general || known.contains(&field), "{event} has `{field}`, the vendor's examples do not");
        }
        seen.insert(event.to_owned());
    }
    assert!(seen.len() >= 20, "only {} kinds of events were caused: {seen:?}", seen.len());
}

async fn cause_everything(bench: &Bench) {
    let location_id = dental().id;
    let body = json!({"locationId": location_id, "name": "Ada Lovelace", "email": "ada@example.com",
        "phone": "+12025550142", "tags": ["new"], "customFields": [{"key": "lead_score", "fieldValue": 12}]});
    let id = bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned();
    let contact = format!("/contacts/{id}");
    bench
        .call("PUT", &contact, json!({"city": "London", "tags": ["b"], "dndSettings": {"call": {"status": "active"}}}))
        .await;
    let note = bench.call("POST", &format!("{contact}/notes"), json!({"body": "called"})).await;
    let note = format!("{contact}/notes/{}", note["note"]["id"].as_str().unwrap());
    bench.call("PUT", &note, json!({"body": "called twice"})).await;
    bench.call("DELETE", &note, Value::Null).await;
    let task = json!({"title": "Call", "dueDate": "2026-12-01T00:00:00Z", "completed": false});
    let task = bench.call("POST", &format!("{contact}/tasks"), task).await;
    let task = format!("{contact}/tasks/{}", task["task"]["id"].as_str().unwrap());
    bench.call("PUT", &format!("{task}/completed"), json!({"completed": true})).await;
    bench.call("DELETE", &task, Value::Null).await;

    let pipelines = bench.call("GET", &format!("/opportunities/pipelines?locationId={location_id}"), Value::Null).await;
    let pipeline = &pipelines["pipelines"][0];
    let deal = json!({"locationId": location_id, "pipelineId": pipeline["id"], "name": "Crown", "status": "open",
        "contactId": id, "monetaryValue": 900});
    let deal = bench.call("POST", "/opportunities/", deal).await["opportunity"]["id"].as_str().unwrap().to_owned();
    let deal = format!("/opportunities/{deal}");
    let users = bench
        .call(
            "GET",
            &format!("/users/search?companyId={}&locationId={location_id}", crate::sandbox::company_id()),
            Value::Null,
        )
        .await;
    let moved = json!({"pipelineStageId": pipeline["stages"][1]["id"], "monetaryValue": 950, "status": "won",
        "assignedTo": users["users"][0]["id"]});
    bench.call("PUT", &deal, moved).await;
    bench.call("DELETE", &deal, Value::Null).await;

    for channel in ["SMS", "Email"] {
        let sent =
            json!({"type": channel, "contactId": id, "message": "Hello", "html": "<p>Hello</p>", "subject": "Hi"});
        bench.call("POST", "/conversations/messages", sent).await;
        let writing = json!({"contact_id": id, "type": channel, "message": "Hello", "subject": "Re: Hi"});
        bench.call("POST", "/__sandbox/inbound-message", writing).await;
    }
    let calendars = bench.call("GET", &format!("/calendars/?locationId={location_id}"), Value::Null).await;
    let calendar = calendars["calendars"][0]["id"].as_str().unwrap().to_owned();
    let booking = json!({"calendarId": calendar, "locationId": location_id, "contactId": id,
        "startTime": "2026-12-01T15:00:00Z", "endTime": "2026-12-01T15:30:00Z", "ignoreFreeSlotValidation": true});
    bench.call("POST", "/calendars/events/appointments", booking).await;
    bench.call("DELETE", &contact, Value::Null).await;
}
