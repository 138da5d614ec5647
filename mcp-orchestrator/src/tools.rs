//! The tools, in the order in which clients see them. One file each, named after it.

mod get_event;
mod list_events;
mod send_event;

use std::sync::Arc;

use common::clock::UnixMillis;
use common::tool::{Registry, Tools};

use crate::deps::Deps;

/// All of them.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    Tools::new(deps)
        .with::<send_event::SendEvent>()
        .with::<list_events::ListEvents>()
        .with::<get_event::GetEvent>()
        .build()
}

/// The toolsets, which clients can choose among.
pub(crate) mod toolset {
    /// What happened, and what it led to.
    pub(crate) const EVENTS: &str = "events";
}

/// An instant as tools show it: RFC 3339 in UTC, empty beyond its years.
fn instant(at_ms: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}
