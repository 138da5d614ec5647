//! Reconciliation as a whole: mcp-ghl in front of the CRM's emulator, its pages, our events, the report.
//! 2,000 contacts and 20 gaps; with `LUMINAR_FULL=1` 100,000 and 500. Run with `--nocapture` for the row of the table.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::peer::PeerCall;
use common::server::McpServer;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use common::transport::{Handler, in_process};
use jiff::Timestamp;
use mcp_ghl::sandbox::DEMO_LOCATIONS;
use serde_json::{Value, json};
use sqlx::{AnyPool, AssertSqlSafe};
use tests::database::TestDatabase;
use tests::time::is_full_run;
use tokio_util::sync::CancellationToken;

const HOUR_MS: i64 = 3_600_000;

/// How long the whole may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// Rows of one statement.
const TOGETHER: usize = 200;

/// Both servers in one process, as the suite has them.
struct Suite {
    foundation: Foundation,
    orchestrator: McpServer,
    dispatch: Arc<Dispatch>,
    database: TestDatabase,
}

impl Suite {
    async fn open() -> Self {
        let mut database = TestDatabase::sqlite();
        database.file = database.folder().join("luminar.db");
        let servers = [mcp_ghl::SERVER, mcp_orchestrator::SERVER];
        let floor = Settings::default();
        let foundation = Foundation::lay_for(&servers, &floor, database.folder().to_owned(), Clock::system()).unwrap();
        let file = database.folder().join("settings.toml");
        std::fs::write(&file, "[[orchestrator.sources]]\nname = \"ghl\"\nkind = \"gohighlevel\"\n").unwrap();
        let mut config = Config::load(&servers.each_ref().map(|server| server.default_config), Some(&file)).unwrap();
        let crm = (mcp_ghl::SERVER.build)(&foundation, &mut config).unwrap();
        let orchestrator = (mcp_orchestrator::SERVER.build)(&foundation, &mut config).unwrap();
        let dispatch = Arc::new(foundation.dispatch(DispatchSettings::default()));
        let handler =
            Handler::new(Arc::new(crm), Arc::clone(&dispatch), Surface::whole(), None, foundation.tasks.clone());
        let stopping = foundation.tasks.stopping().clone();
        foundation.peers.join("ghl", move |end| in_process::serve(handler.clone(), end, stopping.child_token()));
        foundation.db.ready().await.unwrap();
        Self { foundation, orchestrator, dispatch, database }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let caller = self.foundation.authenticator.local().clone();
        let call = Call::new(caller, CancellationToken::new(), PATIENCE);
        let arguments = arguments.as_object().cloned().unwrap();
        let done =
            self.dispatch.run(&self.orchestrator.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()["structuredContent"].clone()
    }

    /// The emulator's own database, once it is there.
    async fn crm(&self) -> AnyPool {
        let call = PeerCall {
            server: "ghl".to_owned(),
            tool: "search_contacts".to_owned(),
            arguments: json!({"location": gym(), "limit": 1}).as_object().cloned().unwrap(),
            idempotency_key: None,
            approval: None,
            trace_id: None,
            deadline: PATIENCE,
            cancel: CancellationToken::new(),
        };
        self.foundation.peers.call(self.foundation.authenticator.local(), call).await.unwrap();
        sqlx::any::install_default_drivers();
        let file = self.database.folder().join("sandbox.db");
        AnyPool::connect(&format!("sqlite://{}", file.display())).await.unwrap()
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        self.foundation.tasks.stopping().cancel();
    }
}

fn gym() -> &'static str {
    DEMO_LOCATIONS[0].id
}

fn contact_id(number: usize) -> String {
    format!("planted{number:013}")
}

async fn insert(pool: &AnyPool, into: &str, rows: &[String]) {
    for some in rows.chunks(TOGETHER) {
        let statement = format!("insert into {into} values {}", some.join(", "));
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(pool).await.unwrap();
    }
}

/// Contacts from 27 hours ago to 3 hours ago, and the events of all but some.
async fn plant(suite: &Suite, crm: &AnyPool, contacts: usize, missing: &BTreeSet<usize>, now_ms: i64) {
    let step = 24 * HOUR_MS / i64::try_from(contacts).unwrap();
    let added_ms = |number: usize| now_ms - 27 * HOUR_MS + step * i64::try_from(number).unwrap();
    let location = gym();
    let contact = |number: usize| {
        let (id, at_ms) = (contact_id(number), added_ms(number));
        format!("('{location}', '{id}', 'P{number}', 'p{number}', 0, '{{}}', '[]', '{{}}', {at_ms}, {at_ms})")
    };
    let columns = "contacts (location_id, id, first_name, full_name_lower, is_dnd, dnd_settings, tags, custom_fields, \
                   added_at_ms, updated_at_ms)";
    insert(crm, columns, &(0..contacts).map(contact).collect::<Vec<_>>()).await;
    let event = |number: usize| {
        let (id, at_ms) = (contact_id(number), added_ms(number) + 1_000);
        let body = json!({"type": "ContactCreate", "locationId": location, "id": id});
        let event_id = format!("evt_{at_ms:012x}{number:020x}");
        format!(
            "('local', '{event_id}', 'ghl', 'ContactCreate', 'w{number}', {at_ms}, '[]', '{body}', 'text', 'unrouted', 0, 0)"
        )
    };
    let columns = "orchestrator_events (tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, \
                   body_encoding, state, attempts, due_ms)";
    let told: Vec<_> = (0..contacts).filter(|number| !missing.contains(number)).map(event).collect();
    insert(&suite.database.bypass().await, columns, &told).await;
}

/// All contacts whose event the report misses.
async fn found(suite: &Suite, report: &Value) -> BTreeSet<String> {
    let (mut found, mut cursor) = (BTreeSet::new(), Value::Null);
    loop {
        let shown = suite.call("reconcile", json!({"report": report, "limit": 100, "cursor": cursor})).await;
        for gap in shown["items"].as_array().unwrap_or_else(|| panic!("{shown:#}")) {
            assert_eq!(gap["kind"], "event_missing", "{gap:#}");
            found.insert(gap["subject"]["untrusted"].as_str().unwrap().to_owned());
        }
        cursor = shown["next_cursor"].clone();
        if cursor.is_null() {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_planted_gaps_are_found_through_the_emulator_and_no_others() {
    let (contacts, gaps) = if is_full_run() { (100_000, 500) } else { (2_000, 20) };
    let suite = Suite::open().await;
    let crm = suite.crm().await;
    let now_ms = suite.foundation.clock.now_ms();
    // The demo's own contacts of that time were told of to nobody.
    let own: Vec<String> = sqlx::query_scalar("select id from contacts where location_id = $1 and added_at_ms >= $2")
        .bind(gym())
        .bind(now_ms - 27 * HOUR_MS)
        .fetch_all(&crm)
        .await
        .unwrap();
    let mut random = fastrand::Rng::with_seed(20_261_120);
    let mut missing = BTreeSet::new();
    while missing.len() < gaps {
        // The first events say since when the CRM sends them: nothing before is expected of it.
        missing.insert(random.usize(10..contacts));
    }
    plant(&suite, &crm, contacts, &missing, now_ms).await;
    let began = Instant::now();
    let report = suite.call("reconcile", json!({"location": gym(), "hours": 30})).await;
    let took = began.elapsed();
    assert_eq!(report["state"], "done", "{report:#}");
    let until_ms = report["until"].as_str().unwrap().parse::<Timestamp>().unwrap().as_millisecond();
    let found = found(&suite, &report["report"]).await;
    let planted: BTreeSet<String> = missing.iter().map(|number| contact_id(*number)).collect();
    let false_alarms = found.difference(&planted).filter(|id| !own.contains(id)).count();
    println!(
        "| reconciliation through the emulator, {gaps} gaps among {contacts} contacts | found {} of {gaps}, {false_alarms} false alarms | {:.1} s |",
        found.intersection(&planted).count(),
        took.as_secs_f64()
    );
    assert!(planted.is_subset(&found), "{:?}", planted.difference(&found).collect::<Vec<_>>());
    assert_eq!(false_alarms, 0, "{:?}", found.difference(&planted).collect::<Vec<_>>());
    assert!(until_ms <= now_ms && report["contacts"].as_u64().unwrap() >= contacts as u64, "{report:#}");
}
