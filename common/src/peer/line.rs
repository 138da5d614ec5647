//! Whose connection to a server it is.

use crate::auth::Role;
use crate::tenant::TenantId;

/// Whose connection it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Line {
    pub(super) tenant: TenantId,
    /// Who acts, where the server is told so when it is started.
    pub(super) acting: Option<(String, Role)>,
}
