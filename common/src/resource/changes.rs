//! News of changed records, for those who follow them.

use tokio::sync::broadcast;

use crate::tenant::TenantId;

/// How many changes a slow follower may be behind before it loses some; it is then told that everything may have changed.
const BACKLOG: usize = 256;

/// A record changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub tenant: TenantId,
    pub uri: String,
}

/// Stands for the list of tools where addresses of records stand; it is none.
pub(crate) const TOOLS: &str = "tools/list";

/// Where tools announce what they changed and subscriptions listen. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Changes {
    sender: broadcast::Sender<Change>,
}

impl Changes {
    #[must_use]
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG) }
    }

    /// Tells everybody who follows `uri` in this tenant. Nobody listening is fine.
    pub fn announce(&self, tenant: &TenantId, uri: String) {
        drop(self.sender.send(Change { tenant: tenant.clone(), uri }));
    }

    /// Tells everybody of this tenant that their list of tools is another one.
    pub fn announce_tools(&self, tenant: &TenantId) {
        self.announce(tenant, TOOLS.to_owned());
    }

    /// Whether anybody listens: what changes often need not be announced to nobody.
    #[must_use]
    pub fn are_followed(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// All changes from here on, of every tenant: the listener filters by its own.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}
