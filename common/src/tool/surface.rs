//! Which of a server's tools a request sees: chosen by flag, config, endpoint path or token scope, never per connection.

use std::sync::Arc;

use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::tool::Registry;
use crate::tool::registry::Entry;

/// The part of a server that a request sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    shown: Shown,
    is_read_only: bool,
}

/// Which toolsets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Shown {
    /// Nobody has chosen: what each server shows at first.
    #[default]
    Usual,
    All,
    Toolsets(Arc<[String]>),
}

/// Stands for all toolsets wherever toolsets are named.
pub(crate) const ALL: &str = "all";

impl Surface {
    /// Everything.
    #[must_use]
    pub fn whole() -> Self {
        Self { shown: Shown::All, is_read_only: false }
    }

    /// What a server shows where nobody has chosen.
    #[must_use]
    pub fn usual() -> Self {
        Self::default()
    }

    /// Only what changes nothing.
    #[must_use]
    pub fn read_only() -> Self {
        Self { shown: Shown::Usual, is_read_only: true }
    }

    /// Only one toolset, whole.
    #[must_use]
    pub fn only(toolset: &str) -> Self {
        Self { shown: Shown::Toolsets([toolset.to_owned()].into()), is_read_only: false }
    }

    /// The named toolsets, whole, or `all`; an empty list means what is usual. Where several servers share a port, each
    /// shows its own of them.
    ///
    /// # Errors
    /// `invalid_argument` if none of the servers has a toolset of that name.
    pub fn of(toolsets: &[String], is_read_only: bool, registries: &[&Registry]) -> Result<Self> {
        let known: Vec<&str> = registries.iter().flat_map(|registry| registry.toolsets()).collect();
        if let Some(unknown) = toolsets.iter().find(|name| *name != ALL && !known.contains(&name.as_str())) {
            let expected = format!("`{ALL}`, or some of {}", known.join(", "));
            let problem = format!("`{unknown}` is not a toolset");
            return Err(Error::invalid_argument("toolsets", problem, expected, None));
        }
        let shown = match toolsets {
            [] => Shown::Usual,
            named if named.iter().any(|name| name == ALL) => Shown::All,
            named => Shown::Toolsets(named.into()),
        };
        Ok(Self { shown, is_read_only })
    }

    /// The part that both show. Where one has not chosen, the other's choice holds.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let shown = match (&self.shown, &other.shown) {
            (Shown::Toolsets(mine), Shown::Toolsets(theirs)) => {
                Shown::Toolsets(mine.iter().filter(|name| theirs.contains(name)).cloned().collect())
            }
            (Shown::Toolsets(named), _) | (_, Shown::Toolsets(named)) => Shown::Toolsets(Arc::clone(named)),
            (Shown::All, _) | (_, Shown::All) => Shown::All,
            (Shown::Usual, Shown::Usual) => Shown::Usual,
        };
        Self { shown, is_read_only: self.is_read_only || other.is_read_only }
    }

    /// For programs, which know what they want and read no definitions: everything, unless somebody has chosen.
    pub(crate) fn for_programs(&self) -> Self {
        self.and(&Self::whole())
    }

    pub(super) fn shows(&self, entry: &Entry, caller: &Caller) -> bool {
        let by_mode = !self.is_read_only || entry.access.is_read();
        let is_offered = entry.is_usual || self.shown != Shown::Usual || caller.chooses_toolsets();
        by_mode && is_offered && self.shows_toolset(entry.toolset, caller)
    }

    /// Whether anything of a toolset is shown to the caller.
    pub(crate) fn shows_toolset(&self, toolset: &str, caller: &Caller) -> bool {
        let by_surface = match &self.shown {
            Shown::Usual | Shown::All => true,
            Shown::Toolsets(named) => named.iter().any(|name| name == toolset),
        };
        by_surface && caller.may_see(toolset)
    }
}
