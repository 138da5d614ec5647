//! The changes that mcp-ghl notes: sealed, one tenant's, taken back once by whichever process, and gone in time.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::server::McpServer;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use mcp_ghl::sandbox::DEMO_LOCATIONS;
use serde_json::{Value, json};
use sqlx::Row;
use tests::database::{TestDatabase, on_each_database};
use tokio_util::sync::CancellationToken;

/// 2026-11-20T00:00:00Z.
const NOW_MS: i64 = 1_795_132_800_000;
const DAY: Duration = Duration::from_hours(24);
const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
/// A tag that Hugo has from the start, and nobody is to find in the database.
const HELD: &str = "interest_implants";

/// One process: its own connections and its own memory.
struct Process {
    foundation: Foundation,
    server: McpServer,
    dispatch: Dispatch,
}

impl Process {
    /// With a key for the vault in a file, or with none.
    fn start(database: &TestDatabase, has_key: bool, clock: &Clock) -> Self {
        let mut settings = Settings { database: database.settings.clone(), ..Settings::default() };
        settings.secrets.key = if has_key { key_in(database.folder()) } else { "none".to_owned() }.parse().unwrap();
        let data_dir = database.folder().to_owned();
        let foundation = Foundation::lay_for(&[mcp_ghl::SERVER], &settings, data_dir, clock.clone()).unwrap();
        let mut config = Config::load(&[mcp_ghl::SERVER.default_config], None).unwrap();
        let server = (mcp_ghl::SERVER.build)(&foundation, &mut config).unwrap();
        let dispatch = foundation.dispatch(DispatchSettings::default());
        Self { foundation, server, dispatch }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let caller = self.foundation.authenticator.local().clone();
        let call = Call::new(caller, CancellationToken::new(), Duration::from_mins(1));
        let mut arguments = arguments.as_object().cloned().unwrap();
        if tool != "undo_change" {
            arguments.insert("location".to_owned(), json!(DEMO_LOCATIONS[0].id));
        }
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()["structuredContent"].clone()
    }

    /// Takes a tag off that Hugo has. Returns the change's id.
    async fn untag(&self) -> Value {
        let done = self.call("set_contact_tags", json!({"contact": HUGO, "remove": [HELD]})).await;
        assert!(done["change_id"].is_string(), "{done:#}");
        done["change_id"].clone()
    }

    async fn undo(&self, change: &Value) -> Value {
        self.call("undo_change", json!({"change": change})).await
    }

    async fn has_tag(&self) -> bool {
        let read = self.call("get_contact", json!({"contact": HUGO, "include": []})).await;
        read["contact"]["tags"].as_array().unwrap().contains(&json!(HELD))
    }
}

fn key_in(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join("vault.key");
    if !file.exists() {
        std::fs::write(&file, [7; 32]).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    format!("file:{}", file.display())
}

/// SQLite lies where the program keeps it.
fn at_home(mut database: TestDatabase) -> TestDatabase {
    database.file = database.folder().join("luminar.db");
    database
}

#[tokio::test]
async fn one_process_notes_a_change_and_another_takes_it_back_once() {
    on_each_database(async |database| {
        let database = at_home(database);
        let clock = Clock::manual(NOW_MS);
        let first = Process::start(&database, true, &clock);
        let change = first.untag().await;
        assert!(!first.has_tag().await);
        let pool = database.bypass().await;
        let row =
            sqlx::query("select tenant_id, summary, sealed, state from ghl_changes").fetch_one(&pool).await.unwrap();
        let text = |column: &str| row.get::<String, _>(column);
        assert_eq!((text("tenant_id"), text("state")), ("local".to_owned(), "done".to_owned()));
        assert!(!text("sealed").contains(HELD), "what was there before is sealed");

        let (second, third) = (Process::start(&database, true, &clock), Process::start(&database, true, &clock));
        let (one, other) = tokio::join!(second.undo(&change), third.undo(&change));
        let did = |answer: &Value| answer["steps"].as_array().is_some_and(|steps| !steps.is_empty());
        assert!(did(&one) != did(&other), "one of the two has done it: {one:#} {other:#}");
        let loser = if did(&one) { &other } else { &one };
        assert!(loser["already"] == true || loser["error"]["code"] == "conflict", "{loser:#}");
        assert_eq!(first.undo(&change).await["already"], true);
    })
    .await;
}

#[tokio::test]
async fn without_a_key_a_change_can_be_taken_back_as_long_as_its_process_lives() {
    on_each_database(async |database| {
        let database = at_home(database);
        let clock = Clock::manual(NOW_MS);
        let first = Process::start(&database, false, &clock);
        let (kept, lost) = (first.untag().await, first.call("add_note", json!({"contact": HUGO, "text": "x"})).await);
        let later = Process::start(&database, false, &clock);
        let refused = later.undo(&kept).await;
        assert_eq!(refused["error"]["code"], "failed_precondition", "{refused:#}");
        assert!(refused["error"]["hint"].as_str().unwrap().contains("secrets.key"), "{refused:#}");
        let listed = later.call("list_changes", json!({})).await;
        let is_listed = |change: &Value| listed["items"].as_array().unwrap().iter().any(|item| item["id"] == *change);
        assert!(is_listed(&lost["change_id"]), "it is listed all the same: {listed:#}");
        assert_eq!(first.undo(&kept).await["change"]["state"], "undone");
        assert!(first.has_tag().await);
    })
    .await;
}

#[tokio::test]
async fn a_seal_opens_for_its_own_change_alone() {
    on_each_database(async |database| {
        let database = at_home(database);
        let process = Process::start(&database, true, &Clock::manual(NOW_MS));
        let change = process.untag().await;
        let other = process.call("set_contact_tags", json!({"contact": HUGO, "add": ["other"]})).await;
        let pool = database.bypass().await;
        let swapped = "update ghl_changes set sealed = (select sealed from ghl_changes where change_id = $1)";
        sqlx::query(swapped).bind(change.as_str().unwrap()).execute(&pool).await.unwrap();
        assert_eq!(process.undo(&other["change_id"]).await["error"]["code"], "failed_precondition");
        assert_eq!(process.undo(&change).await["change"]["state"], "undone");
    })
    .await;
}

#[tokio::test]
async fn changes_are_forgotten_in_time() {
    on_each_database(async |database| {
        let database = at_home(database);
        let clock = Clock::manual(NOW_MS);
        let process = Process::start(&database, true, &clock);
        let old = process.untag().await;
        clock.advance(DAY * 20);
        let young = process.call("set_contact_tags", json!({"contact": HUGO, "add": ["young"]})).await;
        clock.advance(DAY * 11);
        assert_eq!(process.undo(&old).await["error"]["code"], "not_found");
        assert_eq!(process.call("list_changes", json!({})).await["items"].as_array().unwrap().len(), 1);
        process.foundation.sweeps.once().await.unwrap();
        let pool = database.bypass().await;
        let left: Vec<String> = sqlx::query_scalar("select change_id from ghl_changes").fetch_all(&pool).await.unwrap();
        assert_eq!(left, [young["change_id"].as_str().unwrap()]);
    })
    .await;
}

#[tokio::test]
async fn a_backup_holds_the_changes_and_they_can_be_taken_back_where_it_was_restored() {
    on_each_database(async |database| {
        let database = at_home(database);
        let clock = Clock::manual(NOW_MS);
        let process = Process::start(&database, true, &clock);
        let change = process.untag().await;
        let mut copy = Vec::new();
        let report = process.foundation.db.back_up(&mut copy, NOW_MS).await.unwrap();
        assert_eq!(report.tables["ghl_changes"], 1);

        // Into SQLite in either case, beside the emulator's own file and with the same key.
        process.foundation.db.close().await;
        let fresh = at_home(TestDatabase::sqlite());
        for file in ["sandbox.db", "vault.key"] {
            std::fs::copy(database.folder().join(file), fresh.folder().join(file)).unwrap();
        }
        Process::start(&fresh, true, &clock).foundation.db.restore(Cursor::new(copy)).await.unwrap();
        let restored = Process::start(&fresh, true, &clock);
        assert_eq!(restored.undo(&change).await["change"]["state"], "undone");
    })
    .await;
}
