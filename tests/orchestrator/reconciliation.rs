//! The CRM against our events, runs and tags: what is planted is found, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use common::auth::Caller;
use common::clock::Clock;
use common::error::ErrorCode;
use common::tenant::TenantId;
use jiff::Timestamp;
use mcp_orchestrator::engine::Answering;
use mcp_orchestrator::follow_up::Crm as CrmSeam;
use mcp_orchestrator::inbox::{Inbox, InboxSettings};
use mcp_orchestrator::reconciler::{Order, Parts, Reconciler, ReconciliationSettings, RepairMode, Starter, Starters};
use mcp_orchestrator::run::RunId;
use mcp_orchestrator::workflow::EventFilter;
use serde_json::{Value, json};
use sqlx::{AnyPool, AssertSqlSafe};
use tests::database::{TestDatabase, on_each_database};

use crate::failures::doubles::{Book, Crm, acting};
use crate::inbox::stage::{NOW_MS, Stage};

const HOUR_MS: i64 = 3_600_000;

/// Of each hundred contacts, the one whose event comes late.
const LATE: usize = 7;

/// `welcome` starts with each new contact, since a day before.
#[derive(Debug)]
struct Welcome;

impl Starters for Welcome {
    fn starters<'a>(&'a self, _: &'a TenantId) -> Answering<'a, Arc<[Starter]>> {
        let filters = vec![EventFilter { kind: Some("ContactCreate".to_owned()), ..EventFilter::default() }];
        let since_ms = NOW_MS - 30 * HOUR_MS;
        let welcome = Starter { workflow: "welcome".to_owned(), filters, since_ms, acting: acting() };
        Box::pin(std::future::ready(Ok(Arc::from([welcome]))))
    }
}

fn reconciler(stage: &Stage, crm: &Arc<Crm>, book: Arc<Book>, settings: ReconciliationSettings) -> Reconciler {
    let foundation = &stage.foundation;
    let (db, clock) = (foundation.db.clone(), foundation.clock.clone());
    Reconciler::new(Parts {
        inbox: Inbox::new(db.clone(), clock.clone(), &foundation.tasks, &InboxSettings::default()),
        db,
        clock,
        crm: Arc::<Crm>::clone(crm) as Arc<dyn CrmSeam>,
        runs: book,
        starters: Arc::new(Welcome),
        tags: None,
        sources: BTreeSet::from([(TenantId::local(), "ghl".to_owned())]),
        events_kept_days: 14,
        settings,
    })
}

fn caller() -> Caller {
    acting().caller(&TenantId::local())
}

/// What a plant looks like: a contact every so often, each told of, with a run and a tag, but for those that are missing.
#[derive(Default)]
struct Plant {
    contacts: usize,
    no_event: BTreeSet<usize>,
    no_run: BTreeSet<usize>,
    no_tag: BTreeSet<usize>,
}

impl Plant {
    fn id(number: usize) -> String {
        format!("contact{number:013}")
    }

    fn event_id(&self, number: usize) -> String {
        format!("evt_{:012x}{number:020x}", self.received_ms(number))
    }

    /// From 27 hours ago to 3 hours ago.
    fn added_ms(&self, number: usize) -> i64 {
        let step = 24 * HOUR_MS / i64::try_from(self.contacts).unwrap();
        NOW_MS - 27 * HOUR_MS + step * i64::try_from(number).unwrap()
    }

    /// A second later; one in a hundred after two hours and a half, since its sender was told to come again.
    fn received_ms(&self, number: usize) -> i64 {
        self.added_ms(number) + if number % 100 == LATE { 5 * HOUR_MS / 2 } else { 1_000 }
    }

    fn crm(&self) -> Crm {
        let contact = |number: usize| {
            let added_at = Timestamp::from_millisecond(self.added_ms(number)).unwrap().to_string();
            let has_tag = number.is_multiple_of(10) && !self.no_tag.contains(&number);
            let tags = if has_tag { vec!["src_paid".to_owned(), "n8n_success".to_owned()] } else { Vec::new() };
            (Self::id(number), added_at, tags)
        };
        Crm::of((0..self.contacts).rev().map(contact).collect())
    }

    fn book(&self) -> Book {
        let book = Book::default();
        for number in (0..self.contacts).filter(|number| !self.no_run.contains(number)) {
            book.plant(RunId::of_key("welcome", &format!("ghl/w{number}")), None);
        }
        book
    }

    async fn store(&self, pool: &AnyPool) {
        let numbers: Vec<usize> = (0..self.contacts).collect();
        let padding = "x".repeat(400);
        for some in numbers.chunks(500) {
            let event = |number: &usize| {
                let (id, contact, at_ms) = (self.event_id(*number), Self::id(*number), self.received_ms(*number));
                let body = json!({"type": "ContactCreate", "locationId": "loc1", "id": contact, "note": padding});
                format!(
                    "('local', '{id}', 'ghl', 'ContactCreate', 'w{number}', {at_ms}, '[]', '{body}', 'text', 'routed', 0, 0)"
                )
            };
            let told: Vec<String> = some.iter().filter(|number| !self.no_event.contains(number)).map(event).collect();
            let columns = "tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state, \
                           attempts, due_ms";
            insert(pool, "orchestrator_events", columns, &told).await;
            let tag = |number: &usize| {
                let run = RunId::of_key("welcome", &format!("ghl/w{number}"));
                let (contact, at_ms) = (Self::id(*number), self.received_ms(*number) + 1_000);
                format!(
                    "('local', '{run}', 'welcome', 'ghl/w{number}', {at_ms}, '{contact}', 'n8n_success', 'done', 1, 0, 0)"
                )
            };
            let tags: Vec<String> = some.iter().filter(|number| number.is_multiple_of(10)).map(tag).collect();
            let columns =
                "tenant_id, run_id, workflow, started_by, ended_ms, contact_id, tag, state, attempts, again, due_ms";
            insert(pool, "orchestrator_tags", columns, &tags).await;
        }
    }
}

async fn insert(pool: &AnyPool, table: &str, columns: &str, rows: &[String]) {
    if !rows.is_empty() {
        let statement = format!("insert into {table} ({columns}) values {}", rows.join(", "));
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(pool).await.unwrap();
    }
}

/// All gaps of a report, as the tool shows them page by page: subjects by kind.
async fn gaps(stage: &Stage, report: &str) -> (Value, BTreeMap<String, BTreeSet<String>>) {
    let (mut found, mut cursor, mut count) = (BTreeMap::<String, BTreeSet<String>>::new(), Value::Null, 0);
    loop {
        let shown = stage.call("reconcile", json!({"report": report, "limit": 100, "cursor": cursor})).await;
        for gap in shown["items"].as_array().unwrap_or_else(|| panic!("{shown:#}")) {
            let (kind, subject) = (gap["kind"].as_str().unwrap(), gap["subject"]["untrusted"].as_str().unwrap());
            found.entry(kind.to_owned()).or_default().insert(subject.to_owned());
            count += 1;
        }
        cursor = shown["next_cursor"].clone();
        if cursor.is_null() {
            assert_eq!(count, found.values().map(BTreeSet::len).sum::<usize>(), "a gap is listed twice");
            return (shown, found);
        }
    }
}

#[tokio::test]
async fn five_hundred_gaps_among_a_hundred_thousand_contacts_are_all_found_and_no_others() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        stage.foundation.db.ready().await.unwrap();
        let mut random = fastrand::Rng::with_seed(20_261_120);
        let mut drawn = BTreeSet::new();
        // The first events of all say since when the CRM sends them: nothing before is expected of it.
        while drawn.len() < 420 {
            let number = random.usize(10..100_000);
            drawn.extend((number % 100 != LATE).then_some(number));
        }
        let mut drawn: Vec<usize> = drawn.into_iter().collect();
        random.shuffle(&mut drawn);
        let no_tag: BTreeSet<usize> = (0..80).map(|n| 1_000 + n * 1_230).collect();
        let (no_event, no_run) = drawn.split_at(300);
        let (no_event, no_run) = (no_event.iter().copied().collect(), no_run.iter().copied().collect());
        let plant = Plant { contacts: 100_000, no_event, no_run, no_tag };
        plant.store(&stage.database.bypass().await).await;
        let crm = Arc::new(plant.crm());
        let reconciler = reconciler(&stage, &crm, Arc::new(plant.book()), ReconciliationSettings::default());
        let order = Order { location: None, since_ms: Some(NOW_MS - 30 * HOUR_MS) };
        let report = reconciler.compare(&caller(), &order).await.unwrap();
        let (shown, found) = gaps(&stage, &report).await;
        let subjects = |numbers: &BTreeSet<usize>, subject: &dyn Fn(usize) -> String| -> BTreeSet<String> {
            numbers.iter().map(|number| subject(*number)).collect()
        };
        let run = |number: usize| RunId::of_key("welcome", &format!("ghl/w{number}")).0;
        let expected = BTreeMap::from([
            ("event_missing".to_owned(), subjects(&plant.no_event, &Plant::id)),
            ("run_missing".to_owned(), subjects(&plant.no_run, &|number| plant.event_id(number))),
            ("tag_missing".to_owned(), subjects(&plant.no_tag, &run)),
        ]);
        assert_eq!(found, expected);
        let is_looked_at =
            |number: &usize| !plant.no_event.contains(number) && plant.received_ms(*number) < NOW_MS - 2 * HOUR_MS;
        let events = (0..100_000).filter(is_looked_at).count();
        assert_eq!((&shown["contacts"], &shown["events"]), (&json!(100_000), &json!(events)));
    })
    .await;
}

/// The events that were made up, in full.
async fn made_up(stage: &Stage) -> Vec<Value> {
    let listed = stage.call("list_events", json!({"type": "ContactCreate", "state": "new", "limit": 100})).await;
    let mut found = Vec::new();
    for row in listed["items"].as_array().unwrap_or_else(|| panic!("{listed:#}")) {
        let event = stage.call("get_event", json!({"event": row["id"]})).await;
        if event["data"]["untrusted"]["reconciled"] == true {
            found.push(event);
        }
    }
    found
}

/// A dozen contacts of which three are missing something.
fn small() -> Plant {
    Plant { contacts: 40, no_event: BTreeSet::from([11]), no_run: BTreeSet::from([22]), no_tag: BTreeSet::from([30]) }
}

/// All that [`small`] says, in the database and in the CRM.
async fn planted(database: TestDatabase) -> (Stage, Plant, Arc<Crm>) {
    let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
    stage.foundation.db.ready().await.unwrap();
    let plant = small();
    plant.store(&stage.database.bypass().await).await;
    let crm = Arc::new(plant.crm());
    (stage, plant, crm)
}

#[tokio::test]
async fn gaps_are_repaired_after_a_yes_and_only_once() {
    on_each_database(async |database| {
        let (stage, plant, crm) = planted(database).await;
        let reconciler = reconciler(&stage, &crm, Arc::new(plant.book()), ReconciliationSettings::default());
        let order = Order { location: None, since_ms: Some(NOW_MS - 30 * HOUR_MS) };
        let report = reconciler.compare(&caller(), &order).await.unwrap();
        let asked = stage.call("reconcile", json!({"report": report, "repair": true})).await;
        assert_eq!(asked["error"]["code"], "approval_required", "{asked:#}");
        assert!(asked.to_string().contains("make up for 3 gaps"), "{asked:#}");
        let repaired = reconciler.repair(&TenantId::local(), &report).await.unwrap();
        assert_eq!((repaired.made, repaired.failed), (3, 0));
        assert_eq!(reconciler.repair(&TenantId::local(), &report).await.unwrap().made, 0);

        let [event] = &made_up(&stage).await[..] else { panic!("one event is made up") };
        let data = &event["data"]["untrusted"];
        assert_eq!((&data["id"], &data["locationId"]), (&json!(Plant::id(11)), &json!("loc1")));
        assert_eq!(event["source"], "ghl", "whatever waits for the CRM's events waits for it too");
        let again = stage.call("get_event", json!({"event": plant.event_id(22)})).await;
        assert_eq!(again["state"], "new", "it is routed once more");
        let pool = stage.database.bypass().await;
        let due: i64 = sqlx::query_scalar("select count(*) from orchestrator_tags where state = 'due' and again = 1")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(due, 1);

        // The next comparison finds nothing of it any more, though the run and the tag are still under way.
        let report = reconciler.compare(&caller(), &order).await.unwrap();
        let (shown, found) = gaps(&stage, &report).await;
        assert_eq!((found.len(), shown.get("next_step")), (0, None), "{shown:#}");
    })
    .await;
}

#[tokio::test]
async fn a_night_is_compared_once_over_all_processes_and_repaired_where_that_is_allowed() {
    on_each_database(async |database| {
        let (stage, plant, crm) = planted(database).await;
        let settings = ReconciliationSettings { repair: RepairMode::Make, ..ReconciliationSettings::default() };
        let book = Arc::new(plant.book());
        let process = || reconciler(&stage, &crm, Arc::clone(&book), settings.clone());
        let processes = [process(), process()];
        let made =
            futures_util::future::join_all(processes.iter().map(|process| process.night(NOW_MS - HOUR_MS))).await;
        assert_eq!(made.iter().sum::<usize>(), 1);
        assert_eq!(processes[0].night(NOW_MS - HOUR_MS).await, 0);
        assert_eq!(made_up(&stage).await.len(), 1);
        stage.foundation.clock.advance(Duration::from_hours(24));
        assert_eq!(processes[1].night(NOW_MS + 23 * HOUR_MS).await, 1, "the next night is another one");
    })
    .await;
}

#[tokio::test]
async fn where_no_event_of_the_crm_ever_came_its_contacts_are_no_gaps_but_a_remark() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        let plant = small();
        let crm = Arc::new(plant.crm());
        let reconciler = reconciler(&stage, &crm, Arc::default(), ReconciliationSettings::default());
        let report = reconciler.compare(&caller(), &Order::default()).await.unwrap();
        let (shown, found) = gaps(&stage, &report).await;
        assert!(
            found.is_empty() && shown["remark"].as_str().unwrap().contains("webhooks do not point here"),
            "{shown:#}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_crm_that_is_away_makes_a_report_that_says_so() {
    on_each_database(async |database| {
        let (stage, _, crm) = planted(database).await;
        crm.fail(Some(ErrorCode::UpstreamUnavailable));
        let reconciler = reconciler(&stage, &crm, Arc::default(), ReconciliationSettings::default());
        assert_eq!(reconciler.night(NOW_MS - HOUR_MS).await, 0);
        let pool = stage.database.bypass().await;
        let report: String = sqlx::query_scalar("select reconciliation_id from orchestrator_reconciliations")
            .fetch_one(&pool)
            .await
            .unwrap();
        let (shown, _) = gaps(&stage, &report).await;
        assert_eq!((&shown["state"], &shown["remark"]), (&json!("failed"), &json!("the CRM is away")));
        let missing = stage.call("reconcile", json!({"report": "rec_0"})).await;
        assert_eq!(missing["error"]["code"], "not_found");
    })
    .await;
}
