//! A caller written down, for what goes on without them: later calls are let through or refused as if they made them.

use serde::{Deserialize, Serialize};

use super::{Caller, Role, Scope};
use crate::tenant::TenantId;

/// Who acts, apart from the tenant, which is in the key of whatever row this is kept in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    pub subject: String,
    pub role: Role,
    pub scopes: Vec<Scope>,
}

impl Acting {
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        Self { subject: caller.subject().to_owned(), role: caller.role(), scopes: caller.scopes().to_vec() }
    }

    /// The caller again, in the tenant of the row that it was kept in.
    #[must_use]
    pub fn caller(&self, tenant: &TenantId) -> Caller {
        Caller::new(self.subject.clone(), tenant.clone(), self.role, self.scopes.clone())
    }
}
