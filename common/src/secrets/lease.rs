//! The right to be the only one who changes a secret for a while, among all processes of a database.

use std::time::Duration;

use super::SecretName;
use super::envelope::Place;
use super::store;
use super::vault::{Vault, time_ordered_id};
use crate::clock::{UnixMillis, after};
use crate::db::Db;
use crate::error::Result;
use crate::tenant::TenantId;

/// Held until [`Lease::release`] or until its time is over, whichever is first. Dropped, it ends with its time.
#[derive(Debug)]
pub struct Lease {
    db: Db,
    tenant: TenantId,
    name: SecretName,
    holder_id: String,
    until_ms: UnixMillis,
}

impl Lease {
    pub(super) async fn take(vault: &Vault, place: Place<'_>, span: Duration) -> Result<Option<Self>> {
        let now_ms = vault.clock.now_ms();
        let holder_id = time_ordered_id("lse", now_ms);
        let until_ms = after(now_ms, span);
        let Place { tenant, name } = place;
        if !store::take_lease(&vault.db, (tenant, name), &holder_id, (now_ms, until_ms)).await? {
            return Ok(None);
        }
        Ok(Some(Self { db: vault.db.clone(), tenant: tenant.clone(), name: name.clone(), holder_id, until_ms }))
    }

    /// When somebody else may have it.
    #[must_use]
    pub fn until_ms(&self) -> UnixMillis {
        self.until_ms
    }

    /// Lets the next one in. Returns whether it was still held.
    ///
    /// # Errors
    /// Those of the database; the lease then ends with its time.
    pub async fn release(self) -> Result<bool> {
        store::release_lease(&self.db, &self.tenant, &self.name, &self.holder_id).await
    }
}
