//! The orchestrator behind a real port, in this process, on a database of the test's own.

use std::net::SocketAddr;
use std::time::Duration;

use common::bootstrap::{Foundation, Settings};
use common::clock::Clock;
use common::config::Config;
use common::server::McpServer;
use common::tool::{Call, Dispatch, DispatchSettings, Surface, result_of};
use common::transport::streamable_http::{HttpServerSettings, Port};
use mcp_orchestrator::SERVER;
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool};
use tests::database::TestDatabase;
use tests::http::{Answer, exchange};
use tokio_util::sync::CancellationToken;

/// 2026-11-20T00:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_132_800_000;

pub(crate) struct Stage {
    pub(crate) database: TestDatabase,
    pub(crate) foundation: Foundation,
    pub(crate) address: SocketAddr,
    server: McpServer,
    dispatch: Dispatch,
}

impl Stage {
    pub(crate) async fn open(database: TestDatabase, clock: Clock, settings: &str) -> Self {
        Self::open_with(database, clock, settings, |_| {}).await
    }

    /// With other doors.
    pub(crate) async fn open_with(
        mut database: TestDatabase,
        clock: Clock,
        settings: &str,
        more: impl FnOnce(&mut Foundation),
    ) -> Self {
        // Where the program keeps it.
        database.file = database.folder().join("luminar.db");
        let (mut foundation, server) = lay(&database, clock, settings).unwrap();
        more(&mut foundation);
        let server_settings = HttpServerSettings { port: 0, ..HttpServerSettings::default() };
        let port = Port::open(server_settings, foundation.surroundings(Vec::new())).await.unwrap();
        let address = port.address();
        foundation.tasks.spawn(async move { port.serve(Vec::new()).await.unwrap() });
        let dispatch = foundation.dispatch(DispatchSettings::default());
        Self { database, foundation, address, server, dispatch }
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(String, String)], body: &str) -> Answer {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        exchange(self.address, "POST", path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        exchange(self.address, "GET", path, &[], "").await
    }

    /// Calls a tool as the person at this machine: its structured answer.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let caller = self.foundation.authenticator.local().clone();
        let call = Call::new(caller, CancellationToken::new(), Duration::from_mins(1));
        let arguments = arguments.as_object().cloned().unwrap();
        let done = self.dispatch.run(&self.server.tools, &Surface::whole(), &call, tool, arguments).await.unwrap();
        serde_json::to_value(result_of(done)).unwrap()["structuredContent"].clone()
    }

    pub(crate) async fn keep_secret(&self, name: &str, value: &str) {
        let tenant = "local".parse().unwrap();
        self.foundation.secrets.put(&tenant, &name.parse().unwrap(), &value.to_owned().into()).await.unwrap();
    }

    /// Connections past the program, once its tables are there.
    pub(crate) async fn bypass(&self) -> AnyPool {
        self.foundation.db.ready().await.unwrap();
        self.database.bypass().await
    }

    /// How many events there are.
    pub(crate) async fn count(&self) -> i64 {
        let pool = self.bypass().await;
        sqlx::query_scalar("select count(*) from orchestrator_events").fetch_one(&pool).await.unwrap()
    }

    /// Keeps everybody else from writing until the connection is told `rollback`.
    pub(crate) async fn lock(&self, pool: &AnyPool) -> PoolConnection<Any> {
        let mut connection = pool.acquire().await.unwrap();
        let statements = if self.database.settings.url.is_some() {
            "begin; lock table orchestrator_events in access exclusive mode"
        } else {
            "begin immediate"
        };
        sqlx::raw_sql(statements).execute(&mut *connection).await.unwrap();
        connection
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.foundation.tasks.stopping().cancel();
    }
}

fn lay(database: &TestDatabase, clock: Clock, settings: &str) -> common::error::Result<(Foundation, McpServer)> {
    let mut floor = Settings { database: database.settings.clone(), ..Settings::default() };
    let key = database.folder().join("vault.key");
    std::fs::write(&key, [7; 32]).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    floor.secrets.key = format!("file:{}", key.display()).parse().unwrap();
    let foundation = Foundation::lay_for(&[SERVER], &floor, database.folder().to_owned(), clock)?;
    let file = database.folder().join("settings.toml");
    std::fs::write(&file, settings).unwrap();
    let mut config = Config::load(&[SERVER.default_config], Some(&file))?;
    let server = (SERVER.build)(&foundation, &mut config)?;
    Ok((foundation, server))
}

/// What a start with such settings says.
pub(crate) fn refusal(settings: &str) -> String {
    let refused = lay(&TestDatabase::sqlite(), Clock::manual(NOW_MS), settings);
    refused.map_or_else(|error| error.to_string(), |_| "it starts".to_owned())
}
