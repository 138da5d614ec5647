//! Where the suite runs: each engine, on each database.

use std::net::SocketAddr;
use std::sync::Arc;

use common::tenant::TenantId;
use mcp_orchestrator::engine::{
    Answering, Embedded, Engine, EngineKind, EngineSettings, NewRun, Parts, Restate, RestateSettings, Resume, Start,
};
use mcp_orchestrator::event::Event;
use mcp_orchestrator::run::RunId;
use tests::database::{TestDatabase, on_each_database};
use tests::restate::{RestateServer, free_address};
use tokio_util::sync::CancellationToken;

/// A database, and what keeps runs going beside it.
pub(crate) struct Place {
    pub(crate) database: TestDatabase,
    pub(crate) restate: Option<Deployment>,
}

impl From<TestDatabase> for Place {
    fn from(database: TestDatabase) -> Self {
        Self { database, restate: None }
    }
}

/// An installation in a Restate server that it shares with other tests.
pub(crate) struct Deployment {
    server: Arc<RestateServer>,
    listen: SocketAddr,
    name: String,
}

impl Deployment {
    pub(crate) fn new(server: Arc<RestateServer>) -> Self {
        Self { server, listen: free_address(), name: format!("test-{:016x}", fastrand::u64(..)) }
    }

    pub(crate) fn settings(&self) -> EngineSettings {
        let restate = RestateSettings {
            ingress: self.server.ingress(),
            admin: self.server.admin(),
            listen: self.listen,
            name: self.name.clone(),
            ..RestateSettings::default()
        };
        EngineSettings { kind: EngineKind::Restate, restate, ..EngineSettings::default() }
    }

    /// Until Restate knows this installation.
    pub(crate) fn wait(&self) {
        self.server.wait_for(&format!("{}.Run", self.name));
    }
}

/// Runs a test with each engine on each database.
pub(crate) async fn on_each_engine<Test: Future<Output = ()>>(test: impl Fn(Place) -> Test) {
    on_each_database(|database| test(database.into())).await;
    on_each_database(|database| {
        let restate = Some(Deployment::new(RestateServer::shared()));
        test(Place { database, restate })
    })
    .await;
}

/// One of the engines.
#[derive(Debug, Clone)]
pub(crate) enum AnyEngine {
    Embedded(Embedded),
    Restate(Restate),
}

impl AnyEngine {
    pub(crate) fn new(parts: Parts) -> Self {
        match parts.settings.kind {
            EngineKind::Embedded => Self::Embedded(Embedded::new(parts)),
            EngineKind::Restate => Self::Restate(Restate::new(parts).unwrap()),
        }
    }

    pub(crate) async fn serve(&self, stop: CancellationToken) {
        match self {
            Self::Embedded(engine) => engine.serve(stop).await,
            Self::Restate(engine) => engine.serve(stop).await,
        }
    }

    pub(crate) async fn forget_old(&self) -> common::error::Result<u64> {
        match self {
            Self::Embedded(engine) => engine.forget_old().await,
            Self::Restate(engine) => engine.forget_old().await,
        }
    }

    fn engine(&self) -> &dyn Engine {
        match self {
            Self::Embedded(engine) => engine,
            Self::Restate(engine) => engine,
        }
    }
}

impl Engine for AnyEngine {
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        self.engine().start(tenant, run)
    }

    fn deliver<'a>(&'a self, tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize> {
        self.engine().deliver(tenant, event)
    }

    fn signal<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, event: &'a Event) -> Answering<'a, ()> {
        self.engine().signal(tenant, run, event)
    }

    fn cancel<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, reason: String) -> Answering<'a, ()> {
        self.engine().cancel(tenant, run, reason)
    }

    fn resume<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, how: Resume) -> Answering<'a, ()> {
        self.engine().resume(tenant, run, how)
    }
}
