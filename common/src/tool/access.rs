//! What a tool may do to the world, from harmless to costly.

use rmcp::model::ToolAnnotations;
use serde::Serialize;

use crate::auth::Role;

/// The access class of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Changes nothing.
    Read,
    /// Changes records, reversibly.
    Write,
    /// Reaches a person: cannot be taken back.
    Send,
    /// Removes something for good.
    Destroy,
    /// Costs money.
    Spend,
}

impl Access {
    /// The spelling in audit events, metrics and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Send => "send",
            Self::Destroy => "destroy",
            Self::Spend => "spend",
        }
    }

    /// Whether the world is as before after the call.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether somebody has to say yes before it happens.
    pub(super) const fn needs_approval(self) -> bool {
        match self {
            Self::Read | Self::Write => false,
            Self::Send | Self::Destroy | Self::Spend => true,
        }
    }

    /// The least role that may call it.
    pub(super) const fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Write | Self::Send => Role::Member,
            Self::Destroy | Self::Spend => Role::Admin,
        }
    }

    /// The four MCP annotations, all stated: their defaults are pessimistic (MCP 2026-07-28, `ToolAnnotations`).
    pub(super) fn annotations(self, title: &str, is_idempotent: bool, is_open_world: bool) -> ToolAnnotations {
        let is_irreversible = match self {
            Self::Read | Self::Write => false,
            Self::Send | Self::Destroy | Self::Spend => true,
        };
        ToolAnnotations::with_title(title)
            .read_only(self.is_read())
            .destructive(is_irreversible)
            .idempotent(self.is_read() || is_idempotent)
            .open_world(is_open_world)
    }
}
