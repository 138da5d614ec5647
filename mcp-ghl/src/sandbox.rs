//! A GoHighLevel to test against: the official paths and both API generations over one SQLite file.
//!
//! It keeps contacts, tags, notes, tasks, conversations, opportunities, pipelines, calendars, appointments, locations,
//! users and the OAuth logins to them; it does not call, charge or run workflows, what it is told to send it only records, and it keeps no opportunity
//! followers. Its tenant is the vendor's own: the location.
//! Where the vendor's behaviour is known it is imitated, wording and pitfalls included; where it is not, the emulator
//! is the stricter of the two and says so in a comment.

mod access;
mod blocked;
mod body;
mod demo_agency;
mod dnd;
mod documents;
mod door;
mod errors;
mod faults;
mod filter;
mod ids;
mod instants;
mod limits;
mod oauth;
mod operations;
mod requests;
mod routes;
mod search_lag;
mod seed;
mod serve;
mod shapes;
mod slots;
mod store;
mod time;
mod unhandled;
mod version;
mod webhooks;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use common::clock::{Clock, UnixMillis};
use common::db::{Db, Tx};
use common::error::Result;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::OnceCell;

pub use demo_agency::{AGENCY_TOKEN, DEMO_LOCATIONS, DemoLocation, company_id};
pub use limits::LimitSettings;
pub use oauth::{DEMO_APP, DemoApp};
pub use serve::{Flags, run};

/// `[sandbox]`: what the emulator does beyond answering.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxSettings {
    /// Fill an empty database with the demo agency.
    pub seed_demo: bool,
    /// Serve `/__sandbox/…`: clock, faults, logs, inbound messages and reset. For tests and rehearsals, as anybody may
    /// pull them.
    pub test_levers: bool,
    /// How long search does not show a change that a read of the record shows, in milliseconds.
    pub search_lag_ms: u32,
    /// Where webhooks go: `http` or `https`, on this machine too. None are sent if it is empty.
    pub webhook_urls: Vec<String>,
    /// The key that signs webhooks, 32 bytes in base64; absent means one of its own, kept in the database.
    #[schemars(with = "Option<String>")]
    pub webhook_key: Option<SecretString>,
    /// Rate limits; the vendor's by default.
    pub limits: LimitSettings,
    /// Largest request body, in bytes.
    pub body_bytes_max: usize,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            seed_demo: true,
            test_levers: false,
            search_lag_ms: 0,
            webhook_urls: Vec::new(),
            webhook_key: None,
            limits: LimitSettings::default(),
            body_bytes_max: 1_048_576,
        }
    }
}

/// The emulator. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    time: time::Time,
    settings: SandboxSettings,
    is_ready: OnceCell<()>,
    limits: limits::Limits,
    faults: faults::Faults,
    requests: requests::RequestLog,
    search_lag: search_lag::SearchLag,
    webhooks: webhooks::Webhooks,
}

impl Sandbox {
    /// Does nothing yet: the first request, or [`Sandbox::ready`], migrates and seeds. `db` must be SQLite, and the
    /// emulator's own file.
    #[must_use]
    pub fn new(db: Db, clock: Clock, settings: SandboxSettings) -> Self {
        let limits = limits::Limits::new(settings.limits.clone());
        let search_lag = search_lag::SearchLag::new(settings.search_lag_ms);
        let inner = Inner {
            db,
            time: time::Time::new(clock),
            settings,
            is_ready: OnceCell::new(),
            limits,
            faults: faults::Faults::default(),
            requests: requests::RequestLog::default(),
            search_lag,
            webhooks: webhooks::Webhooks::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The whole HTTP face. Serve it at the root of a host, as the vendor does.
    pub fn router(&self) -> Router {
        let door = middleware::from_fn_with_state(self.clone(), door::pass);
        let unnamed = middleware::from_fn_with_state(self.clone(), door::pass_unnamed);
        let swallowed = middleware::from_fn_with_state(self.clone(), unhandled::pass_swallowed);
        let api = routes::all().fallback(unhandled::answer).method_not_allowed_fallback(unhandled::answer);
        let mut router = api.layer(swallowed).layer(door).merge(routes::oauth::unnamed_routes().layer(unnamed));
        if self.inner.settings.test_levers {
            router = router.merge(routes::levers::routes());
        }
        router.layer(DefaultBodyLimit::max(self.inner.settings.body_bytes_max)).with_state(self.clone())
    }

    /// Migrated, and seeded if so configured. Several processes may do this at once over one file.
    ///
    /// # Errors
    /// `failed_precondition` if the database cannot be migrated, `upstream_unavailable` if it stays locked.
    pub async fn ready(&self) -> Result<()> {
        self.inner.is_ready.get_or_try_init(|| self.prepare()).await.copied()
    }

    async fn prepare(&self) -> Result<()> {
        store::migrate(&self.inner.db).await?;
        if self.inner.settings.seed_demo {
            let mut tx = self.begin().await?;
            if !store::locations::exist(&mut tx).await? {
                seed::demo(&mut tx, self.now_ms()).await?;
            }
            store::commit(tx).await?;
        }
        self.reset_search_lag().await?;
        let is_watching = store::webhooks::is_watching(&mut *store::read(self.db()).await?).await?;
        if is_watching != self.watches_changes() {
            let mut tx = self.begin().await?;
            store::webhooks::watch(&mut tx, self.watches_changes()).await?;
            store::commit(tx).await?;
        }
        Ok(())
    }

    /// Back to a fresh demo agency at the machine's time, full budgets, no faults and an empty log.
    async fn reset(&self) -> Result<()> {
        self.inner.time.reset();
        self.reset_search_lag().await?;
        let mut tx = self.begin().await?;
        store::webhooks::watch(&mut tx, false).await?;
        store::locations::delete_all(&mut tx).await?;
        if self.inner.settings.seed_demo {
            seed::demo(&mut tx, self.now_ms()).await?;
        }
        store::webhooks::delete_all(&mut tx).await?;
        store::webhooks::watch(&mut tx, self.watches_changes()).await?;
        store::commit(tx).await?;
        self.inner.limits.reset();
        self.inner.faults.reset();
        self.inner.requests.reset();
        Ok(())
    }

    fn now_ms(&self) -> UnixMillis {
        self.inner.time.now_ms()
    }

    fn db(&self) -> &Db {
        &self.inner.db
    }

    async fn begin(&self) -> Result<Tx> {
        let mut tx = self.inner.db.begin().await?;
        self.stamp(&mut tx).await?;
        Ok(tx)
    }
}

#[cfg(test)]
mod tests;
