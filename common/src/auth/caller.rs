//! The proof of who acts, carried through every signature.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tenant::TenantId;

/// What a caller may do at most; each includes the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, writes and sends.
    Member,
    /// Also destroys and spends, and administers the tenant.
    Admin,
}

/// A named permission, such as `ghl:read` or `toolset:pipeline`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Scope(pub String);

/// Who acts, for whom, and within what bounds. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    identity: Arc<Identity>,
}

#[derive(Debug, PartialEq, Eq)]
struct Identity {
    subject: String,
    tenant: TenantId,
    role: Role,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Only `auth` calls this, after it has established the identity.
    pub(super) fn new(subject: String, tenant: TenantId, role: Role, scopes: Vec<Scope>) -> Self {
        Self { identity: Arc::new(Identity { subject, tenant, role, scopes }) }
    }

    /// The one caller of a process that serves whoever started it (stdio, tests): the identity its configuration gives.
    #[must_use]
    pub fn local(subject: &str, tenant: TenantId, role: Role) -> Self {
        Self::new(subject.to_owned(), tenant, role, Vec::new())
    }

    /// The installation itself, when it looks after a tenant's records.
    pub(crate) fn installation(tenant: TenantId) -> Self {
        Self::new("luminar".to_owned(), tenant, Role::Admin, Vec::new())
    }

    /// Who acts: a person, a service or `local`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.identity.tenant
    }

    #[must_use]
    pub fn role(&self) -> Role {
        self.identity.role
    }

    /// The scopes granted; empty means no restriction beyond the role.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.identity.scopes
    }
}

/// Scopes with this prefix name the toolsets a caller sees.
const TOOLSET_SCOPE: &str = "toolset:";

impl Caller {
    /// Whether the scopes let it see a toolset: those that name any name all of them.
    #[must_use]
    pub fn may_see(&self, toolset: &str) -> bool {
        !self.chooses_toolsets() || self.toolsets().any(|name| name == toolset)
    }

    /// Whether the scopes name toolsets, which are then shown whole.
    #[must_use]
    pub fn chooses_toolsets(&self) -> bool {
        self.toolsets().next().is_some()
    }

    fn toolsets(&self) -> impl Iterator<Item = &str> {
        self.scopes().iter().filter_map(|scope| scope.0.strip_prefix(TOOLSET_SCOPE))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.identity.subject, self.identity.tenant)
    }
}
