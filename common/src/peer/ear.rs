//! Our end of a connection as the other side sees it: who we are, and what it may tell us. It may ask us nothing: we
//! offer no sampling, no roots and no questions to people.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::model::{ClientCapabilities, ClientConfig, Implementation, ProtocolVersion};
use rmcp::service::NotificationContext;
use rmcp::{ClientHandler, RoleClient};

/// Hears that the list of tools has changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear {
    has_changed: Arc<AtomicBool>,
}

impl Ear {
    /// Whether the list of tools has changed since [`Ear::forget`].
    pub(super) fn has_heard(&self) -> bool {
        self.has_changed.load(Ordering::Acquire)
    }

    pub(super) fn forget(&self) {
        self.has_changed.store(false, Ordering::Release);
    }

    pub(super) fn hear(&self) {
        self.has_changed.store(true, Ordering::Release);
    }
}

impl ClientHandler for Ear {
    fn get_info(&self) -> ClientConfig {
        let us = Implementation::new("luminar", env!("CARGO_PKG_VERSION")).with_title("Luminar");
        ClientConfig::new(ClientCapabilities::default(), us)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.hear();
    }
}
