//! Our own client as the one that is judged: every tool, called with all its optional arguments and branches.

mod automation;
mod calendar;
mod commerce;
mod contacts;
mod conversations;
mod emails;
mod locations;
mod pipeline;
mod setup;
mod social;
mod undo;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::plan::ApprovalMode;
use common::server::McpServer;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use mcp_ghl::connections::ConnectionSettings;
use mcp_ghl::sandbox::{AGENCY_TOKEN, DEMO_LOCATIONS, company_id};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// What the tools of the first five toolsets ask of the vendor. Users are v2: v3 has no list of a location's users.
const CRM: &[Asked] = &[
    ("v2", "users.get-user-by-location"),
    ("v3", "contacts.get-contact"),
    ("v3", "contacts.upsert-contact"),
    ("v3", "contacts.search-contacts-advanced"),
    ("v3", "contacts.get-duplicate-contact"),
    ("v3", "contacts.add-tags"),
    ("v3", "contacts.remove-tags"),
    ("v3", "contacts.get-all-notes"),
    ("v3", "contacts.create-note"),
    ("v3", "conversations.search-conversation"),
    ("v3", "conversations.get-conversation"),
    ("v3", "conversations.get-messages"),
    ("v3", "conversations.get-email-by-id"),
    ("v3", "conversations.send-a-new-message"),
    ("v3", "opportunities.search-opportunities-advanced"),
    ("v3", "opportunities.get-pipelines"),
    ("v3", "opportunities.get-opportunity"),
    ("v3", "opportunities.update-opportunity"),
    ("v3", "opportunities.Upsert-opportunity"),
    ("v3", "opportunities.create-opportunity"),
    ("v3", "contacts.get-all-tasks"),
    ("v3", "contacts.create-task"),
    ("v3", "contacts.update-task"),
    ("v3", "contacts.get-appointments-for-contact"),
    ("v3", "calendars.get-calendars"),
    ("v3", "calendars.get-slots"),
    ("v3", "calendars.create-appointment"),
    ("v3", "calendars.create-appointment-note"),
    ("v3", "locations.search-locations"),
    ("v3", "locations.get-location"),
    ("v3", "locations.get-location-tags"),
    ("v3", "locations.get-custom-fields"),
];

/// An operation, and the generation it is asked in.
type Asked = (&'static str, &'static str);

/// What each file drives.
const ALL: &[&[Asked]] = &[
    CRM,
    automation::OPERATIONS,
    calendar::OPERATIONS,
    contacts::OPERATIONS,
    conversations::OPERATIONS,
    emails::OPERATIONS,
    locations::OPERATIONS,
    pipeline::OPERATIONS,
    commerce::OPERATIONS,
    setup::OPERATIONS,
    social::OPERATIONS,
    undo::OPERATIONS,
];

/// What the tools ask of the vendor.
pub(crate) fn operations() -> BTreeSet<Asked> {
    ALL.iter().flat_map(|operations| operations.iter().copied()).collect()
}

pub(crate) struct Session {
    server: McpServer,
    dispatch: Dispatch,
    tenant: &'static str,
    _folder: tempfile::TempDir,
}

/// Calls every tool in both kinds of account: one with a location's token, one with an agency's besides.
pub(crate) async fn drive_all_tools(api: SocketAddr) {
    let mut session = Session::start(api);
    drive_reads(&session).await;
    drive_writes(&session).await;
    drive_deals(&session).await;
    drive_calendars(&session).await;
    automation::drive(&session).await;
    setup::drive(&session).await;
    emails::drive(&session).await;
    contacts::drive(&session).await;
    conversations::drive(&session).await;
    undo::drive(&session).await;
    calendar::drive(&session).await;
    pipeline::drive(&session).await;
    locations::drive(&session).await;
    commerce::drive(&session).await;
    social::drive(&session).await;
    session.tenant = "agency";
    session.call("list_locations", json!({"query": "gym", "limit": 5})).await;
    session.call("get_account_context", json!({})).await;
}

async fn drive_reads(session: &Session) {
    session.call("get_account_context", json!({})).await;
    session.call("list_locations", json!({})).await;
    let mut contacts = json!({
        "location": "brightside", "query": "a", "tags": ["src_paid"], "added_after": "2020-01-01",
        "added_before": "2100-01-01T00:00:00Z", "limit": 2
    });
    let page = session.call("search_contacts", contacts.clone()).await;
    contacts["cursor"] = page["next_cursor"].clone();
    session.call("search_contacts", contacts).await;
    let fields = json!({"lead_score": "7", "company_size": "2-10"});
    session.call("search_contacts", json!({"owner": "priya", "custom_fields": fields})).await;
    let id = page["items"][0]["id"].clone();
    session.call("get_contact", json!({"contact": id, "notes_limit": 3})).await;
    session.call("get_contact", json!({"contact": page["items"][0]["name"], "include": []})).await;
    drive_conversations(session).await;
    let mut deals = json!({
        "query": "a", "pipeline": "New patients", "stage": "Contacted", "status": "open", "stale_days": 1,
        "sort": "value", "limit": 1
    });
    let page = session.call("search_opportunities", deals.clone()).await;
    deals["cursor"] = page["next_cursor"].clone();
    session.call("search_opportunities", deals).await;
    session.call("search_opportunities", json!({"owner": "tom", "contact": id})).await;
    session.call("get_pipeline_board", json!({"pipeline": "New", "status": "all", "deals_per_stage": 2})).await;
}

async fn drive_conversations(session: &Session) {
    let mut talks = json!({"query": "a", "unread": true, "assigned_to": "unassigned", "channel": "sms", "limit": 1});
    session.call("search_conversations", talks.clone()).await;
    talks = json!({"since": "2020-01-01", "limit": 3});
    let page = session.call("search_conversations", talks.clone()).await;
    talks["cursor"] = page["next_cursor"].clone();
    session.call("search_conversations", talks).await;
    session.call("search_conversations", json!({"assigned_to": "priya", "channel": "live_chat"})).await;
    for row in page["items"].as_array().unwrap() {
        session.call("get_conversation", json!({"conversation": row["id"], "limit": 1})).await;
    }
    let mut talk = json!({"contact": page["items"][0]["contact"]["id"], "limit": 1});
    talk["cursor"] = session.call("get_conversation", talk.clone()).await["next_cursor"].clone();
    session.call("get_conversation", talk).await;
}

async fn drive_writes(session: &Session) {
    let lead = json!({
        "email": "contract+lead@example.com", "phone": "+15035550777", "first_name": "Con", "last_name": "Tract",
        "company": "Rosewater Bakery", "source": "contract", "owner": "Tom", "tags": ["src_paid", "contract"],
        "custom_fields": {"lead_score": "7", "company_size": "2-10", "last_visit": "2026-11-01"}
    });
    let written = session.call("upsert_contact", lead.clone()).await;
    assert_eq!(written["created"], true);
    assert_eq!(session.call("upsert_contact", lead).await["created"], false);
    let contact = "contract+lead@example.com";
    session.call("set_contact_tags", json!({"contact": contact, "add": ["hot"], "remove": ["contract"]})).await;
    session.call("set_contact_tags", json!({"contact": "+15035550777", "replace_with": ["src_paid"]})).await;
    let note = session.call("add_note", json!({"contact": contact, "text": "Called", "title": "Call"})).await;
    session.call("send_message", json!({"contact": contact, "channel": "sms", "text": "See you at 3"})).await;
    // The present, read as the time of a place twelve hours behind: half a day to come.
    let send_at = note["written_at"].as_str().unwrap().trim_end_matches('Z');
    let email = json!({
        "contact": contact, "channel": "email", "subject": "Your visit", "text": "See you\n\nat 3",
        "send_at": send_at, "timezone": "Etc/GMT+12",
    });
    session.call("send_message", email).await;
    let deals = json!({"pipeline": "Recall", "status": "open", "limit": 1});
    let deal = session.call("search_opportunities", deals).await["items"][0].clone();
    session
        .call("move_opportunity", json!({"opportunity": deal["id"], "pipeline": "New patients", "stage": "Accepted"}))
        .await;
    session.call("move_opportunity", json!({"opportunity": deal["name"], "status": "won"})).await;
}

async fn drive_deals(session: &Session) {
    let contact = "contract+lead@example.com";
    let task =
        json!({"contact": contact, "title": "Call", "text": "About it", "due": "2038-01-04T15:00", "owner": "Tom"});
    assert_eq!(session.call("save_task", task).await["created"], true);
    let change = json!({"contact": contact, "task": "Call", "due": "2038-01-05", "completed": true});
    assert_eq!(session.call("save_task", change).await["created"], false);
    let mut deal = json!({
        "contact": contact, "pipeline": "New patients", "stage": "Contacted", "name": "Implant", "value": 3800.5,
        "status": "open", "owner": "Tom"
    });
    assert_eq!(session.call("upsert_opportunity", deal.clone()).await["created"], true);
    deal["value"] = json!(4000);
    assert_eq!(session.call("upsert_opportunity", deal.clone()).await["created"], false);
    // The gym allows several deals: beside a closed one the tool creates plainly.
    session.call("upsert_contact", json!({"location": "Iron", "email": contact, "first_name": "Con"})).await;
    let gym = json!({"location": "Iron", "contact": contact, "pipeline": "Corporate", "status": "won"});
    session.call("upsert_opportunity", gym).await;
    let gym = json!({"location": "Iron", "contact": contact, "pipeline": "Corporate", "name": "Second", "value": 1});
    assert_eq!(session.call("upsert_opportunity", gym).await["created"], true);
}

async fn drive_calendars(session: &Session) {
    let slots = json!({"calendar": "Consultation", "owner": "Tom", "from": day_ahead(1), "limit": 5});
    let slots = session.call("find_free_slots", slots).await;
    let day = &slots["days"][0];
    let part = |name: &str| day[name].as_str().unwrap_or_default().to_owned();
    let start = format!("{}T{}{}", part("date"), day["times"][0].as_str().unwrap(), part("offset"));
    let visit = json!({
        "contact": "contract+lead@example.com", "calendar": "Consultation", "start": start, "owner": "Tom",
        "title": "First visit", "note": "Bring X-rays"
    });
    assert_eq!(session.call("book_appointment", visit).await["note_written"], true);
}

/// A day of the calendars' clock, so many days ahead: what is booked on it is still to come when the drive ends.
pub(crate) fn day_ahead(days: i64) -> String {
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
    let today = jiff::Timestamp::now().to_zoned(zone).date();
    today.checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

impl Session {
    pub(crate) fn start(api: SocketAddr) -> Self {
        Self::start_as(api, "acme")
    }

    /// As `acme`, which has tokens of two locations, or as `agency`, which has one of a location and the agency's.
    pub(crate) fn start_as(api: SocketAddr, tenant: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = bootstrap::Settings::default();
        settings.http.egress_allow = vec![api.to_string()];
        settings.approvals.send = ApprovalMode::Auto;
        settings.approvals.destroy = ApprovalMode::Auto;
        settings.approvals.spend = ApprovalMode::Auto;
        let foundation =
            Foundation::lay_for(&[mcp_ghl::SERVER], &settings, folder.path().to_owned(), Clock::system()).unwrap();
        let location_at = |tenant: &str, index: usize| ConnectionSettings {
            tenant: tenant.parse().unwrap(),
            token: DEMO_LOCATIONS[index].token.into(),
            location_id: Some(DEMO_LOCATIONS[index].id.parse().unwrap()),
            company_id: None,
        };
        let location = |tenant: &str| location_at(tenant, 0);
        let agency = ConnectionSettings {
            token: AGENCY_TOKEN.into(),
            location_id: None,
            company_id: company_id().parse().ok(),
            ..location("agency")
        };
        let ghl = mcp_ghl::Settings {
            base_url: format!("http://{api}"),
            connections: vec![location("acme"), location_at("acme", 1), location("agency"), agency],
            default_location: Some(DEMO_LOCATIONS[0].name.to_owned()),
            ..mcp_ghl::Settings::default()
        };
        Self::over(&foundation, ghl, tenant, folder)
    }

    pub(crate) fn over(
        foundation: &Foundation,
        settings: mcp_ghl::Settings,
        tenant: &'static str,
        folder: tempfile::TempDir,
    ) -> Self {
        let server = mcp_ghl::build(foundation, settings, None).unwrap();
        let dispatch = foundation.dispatch(DispatchSettings::default());
        Self { server, dispatch, tenant, _folder: folder }
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.try_call(tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error:#}"))
    }

    /// The answer, or the error that the caller is told.
    pub(crate) async fn try_call(&self, tool: &str, arguments: Value) -> Result<Value, Value> {
        let caller = Caller::local("tester", self.tenant.parse().unwrap(), Role::Admin);
        let call = Call::new(caller, CancellationToken::new(), Duration::from_mins(1));
        let arguments = arguments.as_object().cloned().unwrap();
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        let result = serde_json::to_value(result_of(done)).unwrap();
        let structured = result["structuredContent"].clone();
        if result["isError"] == json!(true) { Err(structured["error"].clone()) } else { Ok(structured) }
    }

    /// All tools, as they are sent.
    pub(crate) fn definitions(&self) -> Vec<Value> {
        let names = self.server.tools.all_names();
        let definition = |name: &str| serde_json::to_value(self.server.tools.definition(name).unwrap()).unwrap();
        names.map(definition).collect()
    }
}
