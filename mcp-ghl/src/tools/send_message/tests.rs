//! Through plan, call and read-back themselves, over real HTTP to the emulator: dispatch asks for an approval first.

use std::time::Duration;

use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::error::ErrorCode;
use common::http::HttpRequest;
use common::resource::Changes;
use common::tenant::TenantId;
use http::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::SERVER;
use crate::catalogue::KnownOperations;
use crate::client::{Client, ContactWrite};
use crate::connections::Connections;
use crate::demo;
use crate::directory::Directory;
use crate::journal::Journal;
use crate::oauth::{Logins, OAuthSettings};
use crate::sandbox::{DEMO_LOCATIONS, SandboxSettings};

/// 2026-11-20T00:00:00Z.
const NOW_MS: i64 = 1_795_132_800_000;

struct Bench {
    deps: Deps,
    call: Call,
    foundation: Foundation,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW_MS);
        let settings = bootstrap::Settings::default();
        let foundation = Foundation::lay_for(&[SERVER], &settings, folder.path().to_owned(), clock.clone()).unwrap();
        let settings = SandboxSettings { test_levers: true, ..SandboxSettings::default() };
        let demo = demo::account(&foundation, settings);
        let client = std::sync::Arc::new(Client::new(foundation.http.clone()));
        let base_url = "http://127.0.0.1".parse().unwrap();
        let logins = Logins::new(&foundation, &base_url, &OAuthSettings::default());
        let connections = Connections::new(&base_url, Vec::new(), logins, Some(demo));
        let default = Some(DEMO_LOCATIONS[0].id.to_owned());
        let directory =
            Directory::new(std::sync::Arc::clone(&client), connections, default, &clock, Duration::from_mins(1));
        let journal = Journal::new(&foundation, 30);
        let quiet_hours = crate::QuietHoursSettings::default().read().unwrap();
        let deps = Deps {
            clock,
            client,
            directory,
            journal,
            changes: Changes::new(),
            quiet_hours,
            operations: KnownOperations::default(),
        };
        let caller = foundation.authenticator.local().clone();
        let call = Call::new(caller, CancellationToken::new(), Duration::from_secs(30));
        Self { deps, call, foundation, _folder: folder }
    }

    async fn site(&self) -> Site {
        self.deps.directory.site(&self.call, None).await.unwrap()
    }

    /// A new contact; `body` is what else the vendor is to know of it.
    async fn contact(&self, body: &str) -> String {
        let site = self.site().await;
        let phone = Some("+15035550777".parse().unwrap());
        let email = Some("ada@example.com".parse().unwrap());
        let first_name = Some("Ada".to_owned());
        let last_name = Some("Lovelace".to_owned());
        let write = ContactWrite { email, phone, first_name, last_name, ..ContactWrite::default() };
        let (contact, _) = self.deps.client.upsert_contact(&site, &write).await.unwrap();
        if body != "{}" {
            self.vendor(Method::PUT, &format!("contacts/{}", contact.id), body).await;
        }
        contact.id.to_string()
    }

    /// What somebody does in the vendor's app.
    async fn vendor(&self, method: Method, path: &str, body: &str) {
        let connection = self.site().await.session.connection;
        let mut request = HttpRequest::new(method, connection.base_url.join(path).unwrap());
        for (name, value) in [
            ("authorization", format!("Bearer {}", DEMO_LOCATIONS[0].token)),
            ("version", "v3".to_owned()),
            ("content-type", "application/json".to_owned()),
        ] {
            request.headers.insert(name, value.parse().unwrap());
        }
        request.body = Some(body.to_owned().into());
        let tenant: TenantId = "tests".parse().unwrap();
        let answer = self.foundation.http.send(&tenant, request).await.unwrap();
        assert!(answer.status.is_success(), "{answer:?}");
    }

    async fn plan(&self, args: &Args) -> Result<Plan> {
        SendMessage::plan(&self.deps, &self.call, args).await
    }

    async fn send(&self, args: &Args) -> Result<Output> {
        SendMessage::call(&self.deps, &self.call, args.clone()).await
    }

    async fn read_back(&self, args: &Args) -> ReadBack<Output> {
        SendMessage::read_back(&self.deps, &self.call, args, NOW_MS).await.unwrap()
    }

    /// The texts of the contact's conversation, newest first; none if there is no conversation.
    async fn said_to(&self, contact_id: &str) -> Vec<Message> {
        let site = self.site().await;
        let query = ConversationQuery { contact_id: contact_id.parse().ok(), ..ConversationQuery::default() };
        let found = self.deps.client.search_conversations(&site, &query, None, 1).await.unwrap();
        let Some(conversation) = found.records.into_iter().next() else { return Vec::new() };
        self.deps.client.messages(&site, &conversation.id, None, 20).await.unwrap().records
    }
}

fn sms(contact: &str, text: &str) -> Args {
    serde_json::from_value(json!({"contact": contact, "channel": "sms", "text": text})).unwrap()
}

fn email(contact: &str, text: &str) -> Args {
    let args = json!({"contact": contact, "channel": "email", "subject": "Your visit", "text": text});
    serde_json::from_value(args).unwrap()
}

#[tokio::test]
async fn the_plan_says_to_whom_what_goes_and_nothing_is_sent() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let plan = bench.plan(&sms("Ada Lovelace", "See you\nat 3")).await.unwrap();
    let target = "Ada Lovelace (+15035550777)";
    assert_eq!(plan, Plan::of_one(format!("send an SMS to {target}: “See you at 3”"), target));
    assert_eq!((plan.count, plan.is_reversible), (1, false));
    assert_eq!(plan, bench.plan(&sms("Ada Lovelace", "See you\nat 3")).await.unwrap(), "a plan has no clock");
    let plan = bench.plan(&email(&contact, &"x".repeat(500))).await.unwrap();
    let beginning = format!("{}…", "x".repeat(159));
    let summary = format!("send an email “Your visit” to Ada Lovelace (ada@example.com): “{beginning}”");
    assert_eq!(plan.summary, summary);
    let later = Args { send_at: Some("2026-11-21T09:00".to_owned()), ..sms(&contact, "Hi") };
    let plan = bench.plan(&later).await.unwrap();
    let summary = format!("schedule an SMS to {target} for 2026-11-21T09:00:00-08:00: “Hi”");
    assert_eq!(plan.summary, summary);
    assert_eq!(bench.said_to(&contact).await, Vec::new());
}

#[tokio::test]
async fn a_message_is_sent_and_stands_in_the_conversation() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let sent = bench.send(&sms(&contact, "See you at 3")).await.unwrap();
    assert_eq!((sent.to.as_deref(), sent.status.as_deref()), (Some("+15035550777"), Some("pending")));
    assert_eq!(sent.link, None, "the app does not know demo records");
    let said = bench.said_to(&contact).await;
    let [message] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(message.id.to_string(), sent.message_id);
    assert_eq!((message.text.as_deref(), message.direction), (Some("See you at 3"), Some(Direction::Outbound)));
}

#[tokio::test]
async fn an_email_arrives_as_the_text_that_was_given() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let text = "Hi <b>Ada</b>,\n\nsee you at 3 & bring the form";
    bench.send(&email(&contact, text)).await.unwrap();
    let said = bench.said_to(&contact).await;
    let read = bench.deps.client.email(&bench.site().await, &said[0].email_ids[0]).await.unwrap();
    assert_eq!(read.subject.as_deref(), Some("Your visit"));
    let html = read.text.unwrap();
    assert!(html.contains("&lt;b&gt;Ada&lt;/b&gt;"), "{html}");
    assert_eq!(html::to_text(&html), text);
}

#[tokio::test]
async fn a_scheduled_message_waits_for_its_time() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let timezone = Some("Europe/Berlin".to_owned());
    let later = Args { send_at: Some("2026-11-21T09:00".to_owned()), timezone, ..sms(&contact, "Hi") };
    let sent = bench.send(&later).await.unwrap();
    assert_eq!(sent.scheduled_for.as_deref(), Some("2026-11-21T09:00:00+01:00"));
    assert_eq!(bench.said_to(&contact).await[0].status.as_deref(), Some("scheduled"));
}

/// Nothing may reach the vendor: its own check is not what keeps us from asking.
#[tokio::test]
async fn who_wants_nothing_is_left_alone_in_plan_and_call() {
    type Make = fn(&str, &str) -> Args;
    let cases: [(&str, Make); 6] = [
        (r#"{"dnd": true}"#, sms),
        (r#"{"dnd": true}"#, email),
        (r#"{"dndSettings": {"sms": {"status": "active"}}}"#, sms),
        (r#"{"dndSettings": {"email": {"status": "permanent"}}}"#, email),
        (r#"{"phone": null}"#, sms),
        (r#"{"email": null}"#, email),
    ];
    for (body, make) in cases {
        let bench = Bench::new();
        let contact = bench.contact(body).await;
        let args = make(&contact, "Hi");
        for error in [bench.plan(&args).await.unwrap_err(), bench.send(&args).await.unwrap_err()] {
            assert_eq!(error.code(), ErrorCode::FailedPrecondition, "{body}: {error}");
            assert!(error.message().starts_with("nothing was sent") && error.hint().is_some(), "{body}: {error}");
        }
        assert_eq!(bench.said_to(&contact).await, Vec::new(), "{body}");
    }
}

#[tokio::test]
async fn a_refused_channel_leaves_the_others_open() {
    let bench = Bench::new();
    let contact = bench.contact(r#"{"dndSettings": {"email": {"status": "active"}}}"#).await;
    assert!(bench.plan(&email(&contact, "Hi")).await.is_err());
    assert!(bench.send(&sms(&contact, "Hi")).await.is_ok());
}

#[tokio::test]
async fn who_changes_their_mind_after_the_plan_gets_nothing() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let args = sms(&contact, "Hi");
    bench.plan(&args).await.unwrap();
    bench.vendor(Method::PUT, &format!("contacts/{contact}"), r#"{"dnd": true}"#).await;
    let error = bench.send(&args).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FailedPrecondition);
    assert_eq!(bench.said_to(&contact).await, Vec::new());
}

#[tokio::test]
async fn a_lost_answer_is_not_repeated_and_can_be_read_back() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    let fault = r#"{"kind": "done_but_unprocessable", "method": "POST", "path_prefix": "/conversations/messages"}"#;
    for args in [sms(&contact, "See you at 3"), email(&contact, "See you at 3")] {
        bench.vendor(Method::POST, "__sandbox/faults", fault).await;
        assert_eq!(bench.read_back(&args).await, ReadBack::Unknown, "before it was sent");
        bench.send(&args).await.unwrap_err();
        let ReadBack::Done(found) = bench.read_back(&args).await else { panic!("it was sent") };
        assert_eq!(found.message_id, bench.said_to(&contact).await[0].id.to_string());
    }
    assert_eq!(bench.said_to(&contact).await.len(), 2);
}

#[tokio::test]
async fn other_words_other_channels_and_older_messages_are_not_taken_for_it() {
    let bench = Bench::new();
    let contact = bench.contact("{}").await;
    bench.send(&sms(&contact, "See you at 3")).await.unwrap();
    assert_eq!(bench.read_back(&sms(&contact, "See you at 4")).await, ReadBack::Unknown);
    assert_eq!(bench.read_back(&email(&contact, "See you at 3")).await, ReadBack::Unknown);
    assert!(matches!(bench.read_back(&sms(&contact, "See you at 3")).await, ReadBack::Done(_)));
    let later_ms = NOW_MS + 60_001;
    let found = SendMessage::read_back(&bench.deps, &bench.call, &sms(&contact, "See you at 3"), later_ms).await;
    assert_eq!(found.unwrap(), ReadBack::Unknown);
}
