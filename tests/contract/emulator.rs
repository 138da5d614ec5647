//! The emulator on a loopback port, and every operation it offers, driven at least once.

mod automation;
mod calendars;
mod commerce;
mod contacts;
mod conversations;
mod emails;
mod setup;
pub(crate) mod shapes;
mod social;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::tasks::Tasks;
use mcp_ghl::sandbox::{AGENCY_TOKEN, DEMO_LOCATIONS, DemoLocation, LimitSettings, Sandbox, SandboxSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::plain_http::Client;

/// A contact whose id comes back as a number: the negative control for responses.
pub(crate) const LIAR: &str = "liar0000000000000000";

const LOCATION: DemoLocation = DEMO_LOCATIONS[0];

pub(crate) fn location_id() -> &'static str {
    LOCATION.id
}

pub(crate) fn location_token() -> &'static str {
    LOCATION.token
}

pub(crate) struct Emulator {
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Emulator {
    pub(crate) async fn start(tasks: &Tasks) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseSettings::default(), &folder.path().join("sandbox.db")).await.unwrap();
        let limits = LimitSettings { requests_per_window: 10_000, ..LimitSettings::default() };
        let settings = SandboxSettings { limits, ..SandboxSettings::default() };
        let sandbox = Sandbox::new(db, Clock::system(), settings);
        sandbox.ready().await.unwrap();
        let liar = get(|| async { axum::Json(json!({"contact": {"id": 5}})) });
        let router = Router::new().route(&format!("/contacts/{LIAR}"), liar).fallback_service(sandbox.router());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, _folder: folder }
    }
}

/// 2030-01-01T00:00:00Z: to come, for the emulator's clock is the machine's.
const SOON_SECONDS: i64 = 1_893_456_000;

/// Operations in both generations.
const COMMON: &[&str] = &[
    "contacts.create-contact",
    "contacts.upsert-contact",
    "contacts.get-contact",
    "contacts.update-contact",
    "contacts.delete-contact",
    "contacts.search-contacts-advanced",
    "contacts.get-duplicate-contact",
    "contacts.add-tags",
    "contacts.remove-tags",
    "contacts.get-all-notes",
    "contacts.create-note",
    "contacts.get-note",
    "contacts.update-note",
    "contacts.delete-note",
    "conversations.search-conversation",
    "conversations.get-conversation",
    "conversations.get-messages",
    "conversations.get-message",
    "conversations.get-email-by-id",
    "conversations.send-a-new-message",
    "contacts.get-all-tasks",
    "contacts.create-task",
    "contacts.get-task",
    "contacts.update-task",
    "contacts.update-task-completed",
    "contacts.delete-task",
    "contacts.get-appointments-for-contact",
    "calendars.get-calendars",
    "calendars.get-slots",
    "calendars.create-appointment",
    "calendars.get-appointment",
    "calendars.create-appointment-note",
    "calendars.edit-appointment",
    "calendars.get-calendar-events",
    "calendars.delete-event",
    "calendars.get-blocked-slots",
    "calendars.create-block-slot",
    "calendars.edit-block-slot",
    "opportunities.search-opportunity",
    "opportunities.search-opportunities-advanced",
    "opportunities.get-pipelines",
    "opportunities.create-opportunity",
    "opportunities.Upsert-opportunity",
    "opportunities.get-opportunity",
    "opportunities.update-opportunity",
    "opportunities.delete-opportunity",
    "opportunities.update-opportunity-status",
    "opportunities.get-lost-reason",
    "locations.search-locations",
    "locations.get-location",
    "locations.get-location-tags",
    "locations.create-tag",
    "locations.get-tag-by-id",
    "locations.update-tag",
    "locations.delete-tag",
    "locations.get-custom-fields",
];

/// Operations with the agency's people, in both generations too.
const PEOPLE: &[&str] = &["users.search-users", "users.get-user"];

/// What each file drives in both generations.
const BOTH: &[&[&str]] = &[
    COMMON,
    PEOPLE,
    automation::OPERATIONS,
    setup::OPERATIONS,
    contacts::OPERATIONS,
    conversations::OPERATIONS,
    commerce::OPERATIONS,
];

/// What v3 alone has.
const V3_ALONE: &[&[&str]] = &[&["locations.get-conversation-channel"], emails::OPERATIONS];

pub(crate) fn operations_v3() -> BTreeSet<&'static str> {
    let both = BOTH.iter().chain(V3_ALONE).flat_map(|names| names.iter().copied());
    both.chain(social::OPERATIONS_V3.iter().copied()).collect()
}

pub(crate) fn operations_v2() -> BTreeSet<&'static str> {
    let both = BOTH.iter().flat_map(|names| names.iter().copied());
    let only_here = ["contacts.get-contacts", "users.get-user-by-location"];
    both.chain(only_here).chain(social::OPERATIONS_V2.iter().copied()).collect()
}

/// What differs between the generations in the requests below.
struct Spelling {
    value: &'static str,
    sms: &'static str,
    location: &'static str,
    /// The version that conversations and calendars are asked in.
    talks_and_times: &'static str,
    all_campaigns: &'static str,
    /// The status of social figures.
    counted: u16,
}

pub(crate) async fn drive_v2(client: &Client) {
    let location = LOCATION.id;
    drive(
        client,
        &Spelling {
            value: "field_value",
            sms: "SMS",
            location: "location_id",
            talks_and_times: "2021-04-15",
            all_campaigns: "removeAll",
            counted: 201,
        },
    )
    .await;
    expect(client, 200, "GET", &format!("/contacts/?locationId={location}&limit=3&query=a"), Value::Null).await;
    expect(client, 200, "GET", &format!("/users/?locationId={location}"), Value::Null).await;
}

pub(crate) async fn drive_v3(client: &Client) {
    for kind in ["SMS", "Email"] {
        let channel = format!("/locations/{}/conversationChannels/{kind}", LOCATION.id);
        expect(client, 200, "GET", &channel, Value::Null).await;
    }
    drive(
        client,
        &Spelling {
            value: "fieldValue",
            sms: "sms",
            location: "locationId",
            talks_and_times: "v3",
            all_campaigns: "remove-all",
            counted: 200,
        },
    )
    .await;
    emails::drive(client).await;
}

async fn drive(client: &Client, spelling: &Spelling) {
    drive_locations(client).await;
    let contact_id = drive_contacts(client, spelling).await;
    drive_notes_and_tags(client, &contact_id).await;
    drive_conversations(client, spelling).await;
    calendars::drive_tasks(client, &contact_id).await;
    calendars::drive(client, &client.with_version(spelling.talks_and_times), &contact_id).await;
    drive_opportunities(client, spelling, &contact_id).await;
    // Families of their own files: here.
    automation::drive(client, spelling, &contact_id).await;
    setup::drive(client, &contact_id).await;
    contacts::drive(client, &contact_id).await;
    conversations::drive(client, &client.with_version(spelling.talks_and_times)).await;
    commerce::drive(client).await;
    social::drive(client, &user_id(client).await, spelling.counted).await;
    drive_refusals(client, &contact_id).await;
    expect(client, 200, "DELETE", &format!("/contacts/{contact_id}"), Value::Null).await;
}

async fn expect(client: &Client, status: u16, method: &str, path: &str, body: Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = client.send(method, path, &body).await;
    assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.body);
    answer.body
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is missing in {value}"))
}

/// Somebody who works in the location.
async fn user_id(client: &Client) -> String {
    let location = expect(client, 200, "GET", &format!("/locations/{}", LOCATION.id), Value::Null).await;
    let company_id = text(&location, "/location/companyId");
    let users = format!("/users/search?companyId={company_id}&locationId={}", LOCATION.id);
    let users = expect(client, 200, "GET", &users, Value::Null).await;
    text(&users, "/users/0/id").to_owned()
}

async fn drive_locations(client: &Client) {
    let agency = client.with_token(AGENCY_TOKEN);
    let found = expect(&agency, 200, "GET", "/locations/search?limit=2&order=asc&skip=0", Value::Null).await;
    let company_id = text(&found, "/locations/0/companyId");
    let location = format!("/locations/{}", LOCATION.id);
    expect(&agency, 200, "GET", &location, Value::Null).await;
    expect(client, 200, "GET", &location, Value::Null).await;
    expect(client, 200, "GET", &format!("{location}/customFields?model=all"), Value::Null).await;
    let users = format!("/users/search?companyId={company_id}&locationId={}", LOCATION.id);
    let users = expect(client, 200, "GET", &users, Value::Null).await;
    expect(client, 200, "GET", &format!("/users/{}", text(&users, "/users/0/id")), Value::Null).await;

    let tags = format!("{location}/tags");
    expect(client, 200, "GET", &tags, Value::Null).await;
    let tag = expect(client, 200, "POST", &tags, json!({"name": "contract_test"})).await;
    let tag = format!("{tags}/{}", text(&tag, "/tag/id"));
    expect(client, 200, "GET", &tag, Value::Null).await;
    expect(client, 200, "PUT", &tag, json!({"name": "contract_test_2"})).await;
    expect(client, 200, "DELETE", &tag, Value::Null).await;
}

async fn drive_contacts(client: &Client, spelling: &Spelling) -> String {
    let location = LOCATION.id;
    let fields = format!("/locations/{location}/customFields?model=contact");
    let fields = expect(client, 200, "GET", &fields, Value::Null).await;
    let body = json!({
        "locationId": location, "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com",
        "phone": "+12025550143", "companyName": "Analytical Engines", "tags": ["src_paid"], "source": "contract",
        "dndSettings": {spelling.sms: {"status": "active"}}, "dateOfBirth": "1990-12-10", "country": "US",
        "customFields": [
            {"id": text(&fields, "/customFields/0/id"), spelling.value: 42},
            {"id": text(&fields, "/customFields/1/id"), spelling.value: "2-10"},
        ],
    });
    let made = expect(client, 201, "POST", "/contacts/", body).await;
    let contact_id = text(&made, "/contact/id").to_owned();
    let contact = format!("/contacts/{contact_id}");
    expect(client, 200, "GET", &contact, Value::Null).await;
    expect(client, 200, "PUT", &contact, json!({"city": "London", "lastName": null, "dnd": true})).await;
    let body = json!({"locationId": location, "email": "ada@example.com", "lastName": "King"});
    expect(client, 200, "POST", "/contacts/upsert", body).await;
    let duplicate = format!("/contacts/search/duplicate?locationId={location}&email=ada%40example.com");
    expect(client, 200, "GET", &duplicate, Value::Null).await;
    let search = json!({
        "locationId": location, "pageLimit": 2, "query": "a", "sort": [{"field": "dateAdded", "direction": "desc"}],
        "filters": [{"group": "OR", "filters": [
            {"field": "tags", "operator": "eq", "value": "src_paid"}, {"field": "email", "operator": "exists"},
        ]}],
    });
    let found = expect(client, 200, "POST", "/contacts/search", search.clone()).await;
    let mut next = search;
    next["searchAfter"] = found["contacts"][1]["searchAfter"].clone();
    expect(client, 200, "POST", "/contacts/search", next).await;
    contact_id
}

async fn drive_notes_and_tags(client: &Client, contact_id: &str) {
    let tags = format!("/contacts/{contact_id}/tags");
    expect(client, 201, "POST", &tags, json!({"tags": ["stage_lead"]})).await;
    expect(client, 200, "DELETE", &tags, json!({"tags": ["stage_lead"]})).await;

    let notes = format!("/contacts/{contact_id}/notes");
    let note = expect(client, 201, "POST", &notes, json!({"body": "called", "title": "Call", "pinned": true})).await;
    let note = format!("{notes}/{}", text(&note, "/note/id"));
    expect(client, 200, "GET", &notes, Value::Null).await;
    expect(client, 200, "GET", &note, Value::Null).await;
    expect(client, 200, "PUT", &note, json!({"body": "called twice"})).await;
    expect(client, 200, "DELETE", &note, Value::Null).await;
    expect(client, 201, "POST", &notes, json!({"body": "stays"})).await;
}

async fn drive_conversations(client: &Client, spelling: &Spelling) {
    let talk = &client.with_version(spelling.talks_and_times);
    let location = LOCATION.id;
    let body = json!({
        "locationId": location, "firstName": "Grace", "lastName": "Hopper", "email": "grace@example.com",
        "phone": "+12025550144",
    });
    let made = expect(client, 201, "POST", "/contacts/", body).await;
    let contact_id = text(&made, "/contact/id");
    let sms = json!({
        "type": "SMS", "subType": "SMS", "contactId": contact_id, "status": "pending", "message": "Hi",
        "attachments": ["https://example.com/a.pdf"],
    });
    let sms = expect(talk, 200, "POST", "/conversations/messages", sms).await;
    let email = json!({
        "type": "Email", "subType": "Email", "contactId": contact_id, "status": "pending", "subject": "Visit",
        "html": "<p>Hi</p>", "scheduledTimestamp": SOON_SECONDS,
    });
    let email = expect(talk, 200, "POST", "/conversations/messages", email).await;
    let path = format!("/conversations/messages/{}", text(&sms, "/messageId"));
    expect(talk, 200, "GET", &path, Value::Null).await;
    let path = format!("/conversations/messages/email/{}", text(&email, "/emailMessageId"));
    expect(talk, 200, "GET", &path, Value::Null).await;
    let conversation = format!("/conversations/{}", text(&sms, "/conversationId"));
    expect(talk, 200, "GET", &conversation, Value::Null).await;
    let page = expect(talk, 200, "GET", &format!("{conversation}/messages?limit=1"), Value::Null).await;
    let last = text(&page, "/messages/lastMessageId");
    let rest = format!("{conversation}/messages?limit=1&lastMessageId={last}&type=TYPE_SMS");
    expect(talk, 200, "GET", &rest, Value::Null).await;
    let search = format!("/conversations/search?locationId={location}&limit=2&sort=desc&sortBy=last_message_date");
    let found = expect(talk, 200, "GET", &search, Value::Null).await;
    let after = &found["conversations"][1]["sort"][0];
    expect(talk, 200, "GET", &format!("{search}&status=all&startAfterDate={after}"), Value::Null).await;
    expect(talk, 400, "GET", "/conversations/nobody00000000000000", Value::Null).await;
    let contact = format!("/contacts/{contact_id}");
    expect(client, 200, "PUT", &contact, json!({"dnd": true})).await;
    let unwanted = json!({
        "type": "SMS", "subType": "SMS", "contactId": contact_id, "status": "pending", "message": "Hi",
    });
    expect(talk, 400, "POST", "/conversations/messages", unwanted).await;
    expect(client, 200, "DELETE", &contact, Value::Null).await;
}

async fn drive_opportunities(client: &Client, spelling: &Spelling, contact_id: &str) {
    let location = LOCATION.id;
    let pipelines = format!("/opportunities/pipelines?locationId={location}");
    let pipelines = expect(client, 200, "GET", &pipelines, Value::Null).await;
    let pipeline_id = text(&pipelines, "/pipelines/0/id");
    let body = json!({
        "locationId": location, "pipelineId": pipeline_id, "name": "Engine", "status": "open",
        "contactId": contact_id, "monetaryValue": 1200.5,
    });
    let made = expect(client, 201, "POST", "/opportunities/", body).await;
    let opportunity = format!("/opportunities/{}", text(&made, "/opportunity/id"));
    expect(client, 200, "GET", &opportunity, Value::Null).await;
    let stage_id = text(&pipelines, "/pipelines/0/stages/1/id");
    expect(client, 200, "PUT", &opportunity, json!({"pipelineStageId": stage_id})).await;
    let body = json!({"locationId": location, "pipelineId": pipeline_id, "contactId": contact_id, "name": "Engine 2"});
    expect(client, 200, "POST", "/opportunities/upsert", body).await;

    let reasons = format!("/opportunities/lost-reason?locationId={location}&getCount=true");
    let reasons = expect(client, 200, "GET", &reasons, Value::Null).await;
    let lost = json!({"status": "lost", "lostReasonId": text(&reasons, "/lostReasons/0/id")});
    expect(client, 200, "PUT", &format!("{opportunity}/status"), lost).await;

    let Spelling { location: name, .. } = spelling;
    let search = format!("/opportunities/search?{name}={location}&limit=2&status=lost&getNotes=true&order=added_desc");
    expect(client, 200, "GET", &search, Value::Null).await;
    let search = json!({
        "locationId": location, "limit": 2, "filters": [{"field": "pipeline_id", "operator": "eq", "value": pipeline_id}],
        "additionalDetails": {"notes": false, "tasks": false, "calendarEvents": false, "unReadConversations": false},
    });
    expect(client, 200, "POST", "/opportunities/search", search).await;
    expect(client, 200, "DELETE", &opportunity, Value::Null).await;
}

async fn drive_refusals(client: &Client, contact_id: &str) {
    let contact = format!("/contacts/{contact_id}");
    expect(client, 400, "GET", "/contacts/nobody00000000000000", Value::Null).await;
    expect(&client.with_token("pit-wrong"), 401, "GET", &contact, Value::Null).await;
    expect(&client.with_token(DEMO_LOCATIONS[1].token), 403, "GET", &contact, Value::Null).await;
    let twice = json!({"locationId": LOCATION.id, "email": "ada@example.com"});
    expect(client, 400, "POST", "/contacts/", twice).await;
}
