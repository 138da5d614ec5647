//! News of changed records, for those who follow them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Addresses that are followed, by tenant, each by how many.
    followed: Arc<Mutex<Followed>>,
}

type Followed = BTreeMap<(String, TenantId), usize>;

/// Somebody follows an address, until this is dropped.
#[derive(Debug)]
pub(crate) struct Follow {
    followed: Arc<Mutex<Followed>>,
    what: (String, TenantId),
}

impl Drop for Follow {
    fn drop(&mut self) {
        let mut followed = lock(&self.followed);
        let left = followed.get_mut(&self.what).map_or(0, |count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == 0 {
            followed.remove(&self.what);
        }
    }
}

impl Changes {
    #[must_use]
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG), followed: Arc::default() }
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

    /// Says that somebody follows an address, for those who have to look elsewhere for its changes.
    pub(crate) fn follow(&self, tenant: &TenantId, uri: String) -> Follow {
        let what = (uri, tenant.clone());
        let mut followed = lock(&self.followed);
        let count = followed.entry(what.clone()).or_default();
        *count = count.saturating_add(1);
        Follow { followed: Arc::clone(&self.followed), what }
    }

    /// The addresses with this beginning that somebody follows, of all tenants, at most `limit`.
    #[must_use]
    pub fn followed(&self, beginning: &str, limit: usize) -> Vec<Change> {
        let followed = lock(&self.followed);
        let some = followed.keys().filter(|(uri, _)| uri.starts_with(beginning)).take(limit);
        some.map(|(uri, tenant)| Change { tenant: tenant.clone(), uri: uri.clone() }).collect()
    }

    /// All changes from here on, of every tenant: the listener filters by its own.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}

fn lock(followed: &Mutex<Followed>) -> MutexGuard<'_, Followed> {
    followed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_followed_until_the_last_of_its_followers_is_gone() {
        let (changes, tenant) = (Changes::new(), TenantId::local());
        let uris = || changes.followed("runs/", 10).into_iter().map(|change| change.uri).collect::<Vec<_>>();
        let one = changes.follow(&tenant, "runs/1".to_owned());
        let again = changes.follow(&tenant, "runs/1".to_owned());
        let _other = changes.follow(&tenant, "workflows/1".to_owned());
        drop(one);
        assert_eq!(uris(), ["runs/1"]);
        drop(again);
        assert!(uris().is_empty());
    }
}
