//! The workflows of tenants: saved as revisions that never change, compiled once, and at hand for whoever asks at every
//! event: routing, the engine, schedules, tools.

mod cache;
mod offered;
mod publication;
mod retry;

use std::sync::{Arc, OnceLock};

use common::auth::Acting;
use common::clock::{Clock, UnixMillis};
use common::db::{Db, Tx};
use common::error::{Candidate, Error, ErrorCode, Result};
use common::resource::Changes;
use common::tenant::TenantId;
use sha2::{Digest, Sha256};

use crate::engine::{Answering, Definitions};
use crate::router::{Current, Triggered, Workflows};
use crate::store::workflows::{self as store, NewDefinition};
use crate::workflow::Workflow;
use crate::workflow::flaw::{Flaw, error_of};
use crate::workflow::nearest::nearest;
use crate::workflow::state::WorkflowState;
use crate::workflow::task::CallRetry;
use cache::Cache;

pub(crate) use offered::tool_name;
pub use publication::{Keeping, OnPublish, Publication};
pub use retry::RetrySettings;

/// Names offered in place of one that is not there.
const CANDIDATES_MAX: usize = 5;

/// A workflow of a tenant, with the revision that counts.
#[derive(Debug, Clone)]
pub struct Known {
    pub name: String,
    pub revision: i64,
    pub state: WorkflowState,
    pub definition: Arc<Workflow>,
    /// As it was saved.
    pub text: Arc<str>,
    /// For whom its runs act where nobody asks for them: whoever published it.
    pub acting: Acting,
    pub published_ms: UnixMillis,
}

/// What became of saving a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    pub revision: i64,
    /// False: it was there already, word for word.
    pub is_new: bool,
}

/// The workflows of all tenants. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    changes: Changes,
    cache: Cache,
    hook: OnceLock<Arc<dyn OnPublish>>,
    /// Of workflows that say nothing about it.
    call_retry: CallRetry,
}

impl Library {
    /// Over the tables of this server. Touches nothing.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub fn new((db, clock): (Db, Clock), changes: Changes, retry: &RetrySettings) -> Result<Self> {
        let (cache, hook, call_retry) = (Cache::default(), OnceLock::new(), retry.call_retry()?);
        Ok(Self { inner: Arc::new(Inner { db, clock, changes, cache, hook, call_retry }) })
    }

    /// Reads a definition as its runs will have it: with what the settings say where it says nothing.
    ///
    /// # Errors
    /// As [`Workflow::check`].
    pub fn read(&self, text: &str) -> Result<Workflow, Vec<Flaw>> {
        let mut workflow = Workflow::check(text)?;
        if workflow.call_retry == CallRetry::AsSet {
            workflow.call_retry = self.inner.call_retry.clone();
        }
        Ok(workflow)
    }

    /// Tells somebody of everything that is saved, from here on. Whoever comes second is not told.
    pub fn tell(&self, hook: Arc<dyn OnPublish>) {
        // It begins what runs by the definitions that are kept here, so that neither can be made with the other.
        drop(self.inner.hook.set(hook));
    }

    /// Saves a definition that has been read, and lets new runs begin with it. `text` is what `definition` was read from.
    ///
    /// # Errors
    /// `conflict` if somebody else saves the same workflow; `failed_precondition` if there are too many.
    pub async fn save(
        &self,
        tenant: &TenantId,
        text: &str,
        (definition, acting): (&Workflow, &Acting),
    ) -> Result<Saved> {
        let digest = digest_of(text);
        let new = NewDefinition {
            name: &definition.name,
            version: &definition.version,
            text,
            digest: &digest,
            acting,
            now_ms: self.inner.clock.now_ms(),
        };
        let mut tx = self.inner.db.begin().await?;
        let store::Saved { revision, is_new, state } = store::save(&mut tx, tenant, &new).await?;
        let triggers = definition.triggers.as_slice();
        let publication = Publication { workflow: &definition.name, revision, state, triggers, acting };
        let was_tool =
            self.all(tenant).await?.iter().any(|known| known.name == definition.name && known.definition.is_tool);
        self.publish(tx, tenant, publication).await?;
        if definition.is_tool || was_tool {
            self.inner.changes.announce_tools(tenant);
        }
        Ok(Saved { revision, is_new })
    }

    /// Publishes, pauses or removes a workflow.
    ///
    /// # Errors
    /// `not_found` with the names that could be meant.
    pub async fn set_state(&self, tenant: &TenantId, name: &str, state: WorkflowState) -> Result<()> {
        let known = self.find(tenant, name).await?;
        let mut tx = self.inner.db.begin().await?;
        store::set_state(&mut tx, tenant, &known.name, (state, self.inner.clock.now_ms())).await?;
        let Known { name, revision, definition, acting, .. } = &known;
        let triggers = definition.triggers.as_slice();
        let publication = Publication { workflow: name, revision: *revision, state, triggers, acting };
        self.publish(tx, tenant, publication).await?;
        if definition.is_tool {
            self.inner.changes.announce_tools(tenant);
        }
        Ok(())
    }

    /// Commits what counts, and tells of it.
    async fn publish(&self, mut tx: Tx, tenant: &TenantId, publication: Publication<'_>) -> Result<()> {
        let hook = self.inner.hook.get();
        if let Some(hook) = hook {
            hook.keep(&mut tx, tenant, publication).await?;
        }
        tx.commit().await?;
        self.inner.cache.forget(tenant);
        self.inner.changes.announce(tenant, workflow_uri(publication.workflow));
        if let Some(hook) = hook {
            hook.committed();
        }
        Ok(())
    }

    /// All of a tenant that are not removed, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn all(&self, tenant: &TenantId) -> Result<Arc<[Known]>> {
        let Inner { clock, cache, .. } = &*self.inner;
        if let Some(shelf) = cache.shelf(tenant, clock.now_ms()) {
            return Ok(shelf.all);
        }
        Ok(self.refresh(tenant).await?.all)
    }

    /// One of a tenant.
    ///
    /// # Errors
    /// `not_found` with the names that could be meant.
    pub async fn find(&self, tenant: &TenantId, name: &str) -> Result<Known> {
        let all = self.all(tenant).await?;
        let found = all.iter().find(|known| known.name == name.trim()).cloned();
        found.ok_or_else(|| no_such_workflow(name, &all))
    }

    /// One of a tenant that new runs may begin with.
    ///
    /// # Errors
    /// `not_found` with the names that could be meant; `failed_precondition` if it is paused.
    pub async fn published(&self, tenant: &TenantId, name: &str) -> Result<Known> {
        let known = self.find(tenant, name).await?;
        match known.state {
            WorkflowState::Published => Ok(known),
            WorkflowState::Paused | WorkflowState::Removed => {
                Err(Error::new(ErrorCode::FailedPrecondition, format!("the workflow `{}` is paused", known.name))
                    .with_hint("publish it with set_workflow_state"))
            }
        }
    }

    /// One revision, compiled.
    ///
    /// # Errors
    /// `not_found` if there is none; `failed_precondition` if this program cannot read what another one has saved.
    pub async fn revision(&self, tenant: &TenantId, name: &str, revision: i64) -> Result<Arc<Workflow>> {
        let Inner { db, cache, .. } = &*self.inner;
        if let Some(compiled) = cache.compiled(tenant, name, revision) {
            return Ok(compiled);
        }
        let text = store::text(db, tenant, name, revision).await?;
        let text = text.ok_or_else(|| {
            Error::new(ErrorCode::NotFound, format!("there is no revision {revision} of the workflow `{name}`"))
        })?;
        self.compile(tenant, (name, revision), &text)
    }

    fn compile(&self, tenant: &TenantId, (name, revision): (&str, i64), text: &str) -> Result<Arc<Workflow>> {
        if let Some(compiled) = self.inner.cache.compiled(tenant, name, revision) {
            return Ok(compiled);
        }
        let compiled = self.read(text).map_err(|flaws| {
            let message = format!("revision {revision} of the workflow `{name}` cannot be read by this program");
            Error::new(ErrorCode::FailedPrecondition, message).with_source(error_of(&flaws))
        })?;
        Ok(self.inner.cache.keep(tenant, (name, revision), Arc::new(compiled)))
    }

    /// Reads a tenant's workflows anew.
    async fn refresh(&self, tenant: &TenantId) -> Result<cache::Shelf> {
        let Inner { db, clock, cache, .. } = &*self.inner;
        let generation = cache.generation();
        let mut all = Vec::new();
        for row in store::all(db, tenant).await? {
            let definition = match self.compile(tenant, (&row.name, row.revision), &row.text) {
                Ok(definition) => definition,
                Err(error) => {
                    // One that a later program has saved must not keep the others from running.
                    tracing::error!(workflow.name = row.name, error.cause = error.cause(), "{}", error.message());
                    continue;
                }
            };
            let (name, revision, state) = (row.name, row.revision, row.state);
            let (acting, published_ms) = (row.acting, row.published_ms);
            all.push(Known { name, revision, state, definition, text: row.text.into(), acting, published_ms });
        }
        Ok(cache.put(tenant, all, (generation, clock.now_ms())))
    }
}

impl Workflows for Library {
    fn triggered<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Triggered]>> {
        Box::pin(async move {
            match self.inner.cache.shelf(tenant, self.inner.clock.now_ms()) {
                Some(kept) => Ok(kept.triggered),
                None => Ok(self.refresh(tenant).await?.triggered),
            }
        })
    }

    fn current<'a>(&'a self, tenant: &'a TenantId, workflow: &'a str) -> Answering<'a, Option<Current>> {
        Box::pin(async move {
            let all = self.all(tenant).await?;
            let found = all.iter().find(|known| known.name == workflow && known.state == WorkflowState::Published);
            Ok(found.map(|known| Current { revision: known.revision, acting: known.acting.clone() }))
        })
    }
}

impl Definitions for Library {
    fn get<'a>(&'a self, tenant: &'a TenantId, name: &'a str, revision: i64) -> Answering<'a, Arc<Workflow>> {
        Box::pin(self.revision(tenant, name, revision))
    }

    fn current<'a>(&'a self, tenant: &'a TenantId, name: &'a str, version: Option<&'a str>) -> Answering<'a, i64> {
        Box::pin(async move {
            let known = self.published(tenant, name).await?;
            let Some(version) = version.filter(|version| *version != known.definition.version && *version != "latest")
            else {
                return Ok(known.revision);
            };
            store::of_version(&self.inner.db, tenant, name, version).await?.ok_or_else(|| {
                Error::new(ErrorCode::NotFound, format!("the workflow `{name}` has no version `{version}`"))
                    .with_hint(format!("its current one is {}", known.definition.version))
            })
        })
    }
}

/// Where a workflow can be read.
pub(crate) fn workflow_uri(name: &str) -> String {
    format!("orchestrator://workflows/{name}")
}

pub(crate) fn digest_of(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn no_such_workflow(name: &str, all: &[Known]) -> Error {
    let names = || all.iter().map(|known| known.name.as_str());
    let close = nearest(name.trim(), names(), CANDIDATES_MAX);
    let shown: Vec<&str> = if close.is_empty() { names().take(CANDIDATES_MAX).collect() } else { close };
    let candidate = |name: &str| {
        let title = all.iter().find(|known| known.name == name).map(|known| known.definition.title.clone());
        Candidate { id: name.to_owned(), name: title.unwrap_or_default() }
    };
    Error::new(ErrorCode::NotFound, "there is no workflow of this name")
        .with_hint("list_workflows names them all, save_workflow makes one")
        .with_candidates(shown.into_iter().map(candidate).collect())
}
