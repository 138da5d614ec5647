//! The emergency stop: set by an operator in the database, it holds for every process at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::{Clock, UnixMillis};
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::store::approvals as store;
use crate::tenant::TenantId;

/// How long a process may go on without looking again, in milliseconds; only for changes that can be taken back.
const FRESH_FOR_MS: i64 = 1_000;

/// Most tenants remembered; beyond, all are forgotten and looked up again.
const TENANTS_MAX: usize = 4_096;

/// When each tenant was last seen free to go.
#[derive(Debug, Default)]
pub(super) struct Brake {
    seen_free: Mutex<HashMap<TenantId, UnixMillis>>,
}

impl Brake {
    /// Refuses a tenant that is stopped, by what was known a second ago at most.
    pub(super) async fn check_lately(&self, db: &Db, clock: &Clock, tenant: &TenantId) -> Result<()> {
        let now_ms = clock.now_ms();
        if self.lock().get(tenant).is_some_and(|seen_ms| now_ms.saturating_sub(*seen_ms) < FRESH_FOR_MS) {
            return Ok(());
        }
        check(db, tenant).await?;
        let mut seen_free = self.lock();
        if seen_free.len() >= TENANTS_MAX {
            seen_free.clear();
        }
        seen_free.insert(tenant.clone(), now_ms);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, UnixMillis>> {
        self.seen_free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a tenant that is stopped.
pub(super) async fn check(db: &Db, tenant: &TenantId) -> Result<()> {
    if !store::is_stopped(db, tenant).await? {
        return Ok(());
    }
    let message = "an operator has stopped everything that changes anything";
    let hint = format!("do not try again; an operator lifts it with `approvals resume --tenant {tenant}`");
    Err(Error::new(ErrorCode::PermissionDenied, message).with_hint(hint))
}
