//! The run of a tenant, as the rows of every table name it.

use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::run::RunId;

/// The run of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RunKey {
    pub(crate) tenant: TenantId,
    pub(crate) run_id: RunId,
}

pub(crate) fn run_key(row: &AnyRow) -> Result<RunKey> {
    let tenant: String = row.try_get("tenant_id")?;
    let tenant: TenantId = tenant.parse().map_err(|source| Error::internal("a kept tenant is none", source))?;
    Ok(RunKey { tenant, run_id: RunId(row.try_get("run_id")?) })
}

/// A run, and whether nobody has it.
pub(super) fn keyed(row: &AnyRow) -> Result<(RunKey, bool)> {
    let owner: Option<String> = row.try_get("owner")?;
    Ok((run_key(row)?, owner.is_none()))
}
