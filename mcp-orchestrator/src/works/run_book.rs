//! The runs there are, for whoever does not keep them.

use std::collections::HashSet;

use common::db::Db;
use common::tenant::TenantId;

use crate::engine::Answering;
use crate::follow_up::{RunBook, RunFacts};
use crate::run::RunId;
use crate::store::traces;

#[derive(Debug)]
pub(super) struct StoredRuns(pub(super) Db);

impl RunBook for StoredRuns {
    fn find<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId) -> Answering<'a, Option<RunFacts>> {
        Box::pin(async move {
            let found = traces::origin(&self.0, tenant, run).await?;
            Ok(found.map(|(started_by, acting)| RunFacts { started_by, acting }))
        })
    }

    fn known<'a>(&'a self, tenant: &'a TenantId, runs: &'a [RunId]) -> Answering<'a, HashSet<RunId>> {
        Box::pin(traces::known(&self.0, tenant, runs))
    }
}
