//! An engine as a process of the storm has it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::audit::{AuditLog, AuditSettings};
use common::clock::Clock;
use common::db::{COMMON_MIGRATIONS, DatabaseSettings, Db};
use common::http::{HttpClient, HttpSettings};
use common::peer::Peers;
use common::secrets::{Secrets, SecretsSettings};
use common::tasks::Tasks;
use common::tool::{ApprovalSettings, Approvals};
use mcp_orchestrator::engine::hooks::EndedHooks;
use mcp_orchestrator::engine::{Embedded, EngineSettings, Parts, Restate};
use mcp_orchestrator::executor::Executor;
use mcp_orchestrator::inbox::{Inbox, InboxSettings};

use crate::booking::Bookings;

/// After what time those that are late go on.
const LATE_AFTER: Duration = Duration::from_millis(300);

/// A handle with all migrations and connections of its own.
pub(crate) fn open(settings: &DatabaseSettings, file: &Path) -> Db {
    let ours = mcp_orchestrator::SERVER.migrations.expect("the orchestrator keeps rows");
    Db::new(settings, file)
        .with_migrations("common_migrations", &COMMON_MIGRATIONS)
        .with_migrations(ours.table, ours.migrator)
}

/// Takes over soon from those that are killed.
pub(crate) fn hasty() -> EngineSettings {
    EngineSettings { worker_lease_ms: 3_000, poll_ms: 100, ..EngineSettings::default() }
}

/// Knows the booking flow and calls the far side.
pub(crate) fn engine(at: (&DatabaseSettings, &Path), far: &str, engine: EngineSettings, tasks: &Tasks) -> Embedded {
    Embedded::new(parts(at, far, engine, tasks))
}

/// The same, kept by Restate.
pub(crate) fn restate(at: (&DatabaseSettings, &Path), far: &str, engine: EngineSettings, tasks: &Tasks) -> Restate {
    Restate::new(parts(at, far, engine, tasks)).expect("the settings are accepted")
}

fn parts((settings, file): (&DatabaseSettings, &Path), far: &str, engine: EngineSettings, tasks: &Tasks) -> Parts {
    let (clock, db) = (Clock::system(), open(settings, file));
    let audit = AuditLog::new(db.clone(), clock.clone(), tasks, AuditSettings::default());
    let secrets = Secrets::new(db.clone(), clock.clone(), &SecretsSettings::default());
    let host = far.trim_start_matches("http://").to_owned();
    let http = HttpClient::new(HttpSettings { egress_allow: vec![host], ..HttpSettings::default() }, clock.clone());
    Parts {
        approvals: Approvals::new(db.clone(), clock.clone(), audit, secrets, ApprovalSettings::default()),
        inbox: Inbox::new(db.clone(), clock.clone(), tasks, &InboxSettings::default()),
        definitions: Arc::new(Bookings::new(far, LATE_AFTER)),
        calls: Arc::new(Executor { peers: Peers::default(), http, clock: clock.clone() }),
        hooks: EndedHooks::default(),
        settings: engine,
        tasks: tasks.clone(),
        clock,
        db,
    }
}
