//! What follows from a tool's access class: annotations, role, approval.

use rmcp::model::ToolAnnotations;

use crate::audit::Access;
use crate::auth::Role;

/// Whether it cannot be taken back, so that somebody has to say yes before it happens.
pub(super) const fn is_irreversible(access: Access) -> bool {
    match access {
        Access::Read | Access::Write => false,
        Access::Send | Access::Destroy | Access::Spend => true,
    }
}

/// The least role that may call it.
pub(super) const fn least_role(access: Access) -> Role {
    match access {
        Access::Read => Role::Viewer,
        Access::Write | Access::Send => Role::Member,
        Access::Destroy | Access::Spend => Role::Admin,
    }
}

/// The four MCP annotations, all stated: their defaults are pessimistic (MCP 2026-07-28, `ToolAnnotations`).
pub(super) fn annotations(access: Access, title: &str, is_idempotent: bool, is_open_world: bool) -> ToolAnnotations {
    ToolAnnotations::with_title(title)
        .read_only(access.is_read())
        .destructive(is_irreversible(access))
        .idempotent(access.is_read() || is_idempotent)
        .open_world(is_open_world)
}
