//! What is kept at hand of definitions: compiled ones for good, since a revision never changes; what counts for a moment,
//! since other processes save too.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use common::clock::UnixMillis;
use common::tenant::TenantId;

use super::Known;
use crate::router::Triggered;
use crate::workflow::state::WorkflowState;
use crate::workflow::{Trigger, Workflow};

/// Most compiled definitions at hand.
const COMPILED_MAX: usize = 1_024;

/// How long it may take until what another process has saved counts in this one, in milliseconds.
const FRESH_MS: i64 = 1_000;

/// Most tenants whose workflows are at hand.
const TENANTS_MAX: usize = 1_024;

/// The workflows of one tenant.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    pub(super) all: Arc<[Known]>,
    /// Those that events start.
    pub(super) triggered: Arc<[Triggered]>,
    read_ms: UnixMillis,
}

type Revision = (TenantId, String, i64);

#[derive(Debug, Default)]
pub(super) struct Cache {
    compiled: Mutex<HashMap<Revision, Arc<Workflow>>>,
    shelves: Mutex<HashMap<TenantId, Shelf>>,
    /// One more with each change in this process: what was read before one is not kept after it.
    generation: AtomicU64,
}

impl Cache {
    pub(super) fn compiled(&self, tenant: &TenantId, name: &str, revision: i64) -> Option<Arc<Workflow>> {
        lock(&self.compiled).get(&(tenant.clone(), name.to_owned(), revision)).cloned()
    }

    pub(super) fn keep(
        &self,
        tenant: &TenantId,
        (name, revision): (&str, i64),
        compiled: Arc<Workflow>,
    ) -> Arc<Workflow> {
        let mut kept = lock(&self.compiled);
        if kept.len() >= COMPILED_MAX {
            kept.clear();
        }
        Arc::clone(kept.entry((tenant.clone(), name.to_owned(), revision)).or_insert(compiled))
    }

    pub(super) fn shelf(&self, tenant: &TenantId, now_ms: UnixMillis) -> Option<Shelf> {
        let is_fresh = |shelf: &&Shelf| (0..FRESH_MS).contains(&now_ms.saturating_sub(shelf.read_ms));
        lock(&self.shelves).get(tenant).filter(is_fresh).cloned()
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Keeps what was read in a generation, unless something has changed since.
    pub(super) fn put(&self, tenant: &TenantId, all: Vec<Known>, (generation, read_ms): (u64, UnixMillis)) -> Shelf {
        let triggered =
            all.iter().filter(|known| known.state == WorkflowState::Published).filter_map(triggered).collect();
        let read = Shelf { all: all.into(), triggered, read_ms };
        let mut shelves = lock(&self.shelves);
        if shelves.len() >= TENANTS_MAX {
            shelves.clear();
        }
        if self.generation() == generation {
            shelves.insert(tenant.clone(), read.clone());
        }
        read
    }

    pub(super) fn forget(&self, tenant: &TenantId) {
        let mut shelves = lock(&self.shelves);
        self.generation.fetch_add(1, Ordering::AcqRel);
        shelves.remove(tenant);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A workflow as routing sees it, if events start it.
fn triggered(known: &Known) -> Option<Triggered> {
    let filters: Vec<_> = known
        .definition
        .triggers
        .iter()
        .filter_map(|trigger| match trigger {
            Trigger::Event(filter) => Some(filter.clone()),
            Trigger::Cron { .. } | Trigger::Every(_) => None,
        })
        .collect();
    let (workflow, revision, acting) = (known.name.clone(), known.revision, known.acting.clone());
    (!filters.is_empty()).then_some(Triggered { workflow, revision, filters, acting })
}
