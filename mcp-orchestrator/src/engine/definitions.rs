//! Where definitions come from.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use common::error::Result;
use common::tenant::TenantId;

use super::Answering;
use crate::workflow::Workflow;

/// Most compiled definitions that a process keeps at hand.
const CACHED_MAX: usize = 1_024;

/// Definitions by name and revision. What a revision says never changes.
pub trait Definitions: fmt::Debug + Send + Sync {
    /// One revision, compiled. `not_found` if there is none.
    fn get<'a>(&'a self, tenant: &'a TenantId, name: &'a str, revision: i64) -> Answering<'a, Arc<Workflow>>;

    /// The revision that a new run gets: of a version, or the one that is current. `not_found` if there is none.
    fn current<'a>(&'a self, tenant: &'a TenantId, name: &'a str, version: Option<&'a str>) -> Answering<'a, i64>;
}

/// Compiles each revision once.
#[derive(Debug)]
pub(super) struct Cached {
    source: Arc<dyn Definitions>,
    compiled: Mutex<HashMap<(TenantId, String, i64), Arc<Workflow>>>,
}

impl Cached {
    pub(super) fn new(source: Arc<dyn Definitions>) -> Self {
        Self { source, compiled: Mutex::default() }
    }

    pub(super) fn source(&self) -> &dyn Definitions {
        &*self.source
    }

    pub(super) async fn get(&self, tenant: &TenantId, name: &str, revision: i64) -> Result<Arc<Workflow>> {
        let key = (tenant.clone(), name.to_owned(), revision);
        if let Some(workflow) = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(workflow));
        }
        let workflow = self.source.get(tenant, name, revision).await?;
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= CACHED_MAX {
            compiled.clear();
        }
        compiled.insert(key, Arc::clone(&workflow));
        Ok(workflow)
    }
}
