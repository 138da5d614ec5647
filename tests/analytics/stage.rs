//! The analytics server on a database of the test's own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::auth::{Caller, Role};
use common::bootstrap::{Foundation, ServerEntry, Settings};
use common::clock::Clock;
use common::config::Config;
use common::server::McpServer;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use mcp_analytics::SERVER;
use serde_json::{Value, json};
use tests::database::TestDatabase;
use tokio_util::sync::CancellationToken;

/// 2026-11-20T00:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

pub(crate) struct Stage {
    pub(crate) foundation: Foundation,
    pub(crate) server: McpServer,
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) database: TestDatabase,
}

impl Stage {
    pub(crate) fn open(database: TestDatabase) -> Self {
        Self::among(database, &[])
    }

    /// The same on a floor that other servers stand on, too.
    pub(crate) fn among(mut database: TestDatabase, others: &[ServerEntry]) -> Self {
        // Where the program keeps it.
        database.file = database.folder().join("luminar.db");
        let clock = Clock::manual(NOW_MS);
        let mut floor = Settings { database: database.settings.clone(), ..Settings::default() };
        let key = database.folder().join("vault.key");
        std::fs::write(&key, [7; 32]).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        floor.secrets.key = format!("file:{}", key.display()).parse().unwrap();
        let servers: Vec<ServerEntry> = std::iter::once(SERVER).chain(others.iter().copied()).collect();
        let foundation = Foundation::lay_for(&servers, &floor, database.folder().to_owned(), clock.clone()).unwrap();
        let mut config = Config::load(&[SERVER.default_config], None).unwrap();
        let server = (SERVER.build)(&foundation, &mut config).unwrap();
        let dispatch = Arc::new(foundation.dispatch(DispatchSettings::default()));
        Self { foundation, server, dispatch, database }
    }

    pub(crate) fn caller(tenant: &str, role: Role) -> Caller {
        Caller::local("ada", tenant.parse().unwrap(), role)
    }

    /// Calls a tool as a member of the tenant `acme`: its structured answer.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.call_as(&Self::caller("acme", Role::Member), tool, arguments).await
    }

    pub(crate) async fn call_as(&self, caller: &Caller, tool: &str, arguments: Value) -> Value {
        let call = Call::new(caller.clone(), CancellationToken::new(), Duration::from_mins(10));
        let arguments = arguments.as_object().cloned().unwrap();
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()["structuredContent"].clone()
    }

    /// Imports a text, which has to succeed.
    pub(crate) async fn import(&self, dataset: &str, kind: &str, text: &str) -> Value {
        self.import_with(dataset, kind, json!({"text": text})).await
    }

    /// The same with further arguments.
    pub(crate) async fn import_with(&self, dataset: &str, kind: &str, further: Value) -> Value {
        let mut arguments = json!({"dataset": dataset, "kind": kind, "apply": true});
        arguments.as_object_mut().unwrap().extend(further.as_object().cloned().unwrap());
        let done = self.call("import_dataset", arguments).await;
        assert_eq!(done["applied"], true, "{done:#}");
        done
    }

    /// Puts a file where the tenant `acme` may import it from.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let folder = self.database.folder().join("imports/acme");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A column of a table of an answer.
    pub(crate) fn column(grid: &Value, name: &str) -> Vec<Value> {
        let columns = grid["columns"].as_array().unwrap_or_else(|| panic!("no table: {grid:#}"));
        let at = columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}: {grid:#}"));
        grid["rows"].as_array().unwrap().iter().map(|row| row[at].clone()).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.foundation.tasks.stopping().cancel();
    }
}

/// Three orders of two people.
pub(crate) const ORDERS: &str = "\
Order ID,Customer ID,Created at,Total,Currency
o-1,ann,2026-01-05,12.50,EUR
o-2,bob,2026-01-06 10:00:00,100,EUR
o-3,ann,2026-03-01T08:00:00Z,\"1,000.05\",EUR
";

/// Three people.
pub(crate) const CUSTOMERS: &str = "\
customer_id,email,accepts marketing,created at
ann,ann@x.test,yes,2025-12-24
bob,bob@x.test,no,2025-12-25
cy,,,2025-12-26
";
