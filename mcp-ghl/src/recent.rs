//! What was read a moment ago, kept decoded, per tenant.
//!
//! `common::http` can keep answers too; directories are kept here instead, decoded, since reading one costs more than
//! the call that needs it. Never both for one answer: their ages would add up.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::clock::{Clock, UnixMillis};
use common::error::Result;
use common::tenant::TenantId;
use tokio::sync::OnceCell;

/// Most values kept of one kind; beyond it all are dropped.
const ENTRIES_MAX: usize = 1_000;

/// Values of one kind, by tenant and key. Many who ask at once share one load; a failed load is not kept.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    clock: Clock,
    fresh_for: Duration,
    entries: Mutex<HashMap<TenantId, HashMap<String, Entry<T>>>>,
}

#[derive(Debug)]
struct Entry<T> {
    began_at_ms: UnixMillis,
    value: Arc<OnceCell<Arc<T>>>,
}

impl<T> Recent<T> {
    pub(crate) fn new(clock: Clock, fresh_for: Duration) -> Self {
        Self { clock, fresh_for, entries: Mutex::default() }
    }

    /// The value of `key`, loaded if it is unknown or no longer fresh.
    ///
    /// # Errors
    /// Those of `load`.
    pub(crate) async fn get<F>(&self, tenant: &TenantId, key: &str, load: impl FnOnce() -> F) -> Result<Arc<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let cell = self.cell(tenant, key);
        // Boxed, and made only where it is needed: the caller's future is moved about, and loading makes it large.
        let value = cell.get_or_try_init(|| Box::pin(async { load().await.map(Arc::new) })).await?;
        Ok(Arc::clone(value))
    }

    /// Drops a value, so that the next one who asks loads it.
    pub(crate) fn forget(&self, tenant: &TenantId, key: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_tenant) = entries.get_mut(tenant) {
            of_tenant.remove(key);
        }
    }

    fn cell(&self, tenant: &TenantId, key: &str) -> Arc<OnceCell<Arc<T>>> {
        let now_ms = self.clock.now_ms();
        let fresh_for_ms = i64::try_from(self.fresh_for.as_millis()).unwrap_or(i64::MAX);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(tenant).and_then(|of_tenant| of_tenant.get(key))
            && now_ms.saturating_sub(entry.began_at_ms) < fresh_for_ms
        {
            return Arc::clone(&entry.value);
        }
        if entries.values().map(HashMap::len).sum::<usize>() >= ENTRIES_MAX {
            entries.clear();
        }
        let value = Arc::new(OnceCell::new());
        let entry = Entry { began_at_ms: now_ms, value: Arc::clone(&value) };
        entries.entry(tenant.clone()).or_default().insert(key.to_owned(), entry);
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use common::error::{Error, ErrorCode};

    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().unwrap()
    }

    #[tokio::test]
    async fn a_value_is_loaded_once_while_it_is_fresh() {
        let clock = Clock::manual(0);
        let recent = Recent::new(clock.clone(), Duration::from_mins(1));
        let loads = AtomicU32::new(0);
        let load = || async { Ok(loads.fetch_add(1, Ordering::SeqCst)) };
        assert_eq!(*recent.get(&tenant("a"), "tags", load).await.unwrap(), 0);
        clock.advance(Duration::from_secs(59));
        assert_eq!(*recent.get(&tenant("a"), "tags", load).await.unwrap(), 0);
        clock.advance(Duration::from_secs(1));
        assert_eq!(*recent.get(&tenant("a"), "tags", load).await.unwrap(), 1);
        recent.forget(&tenant("a"), "tags");
        assert_eq!(*recent.get(&tenant("a"), "tags", load).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn tenants_and_keys_share_nothing() {
        let recent = Recent::new(Clock::manual(0), Duration::from_mins(1));
        for (name, key) in [("a", "x"), ("b", "x"), ("a", "y")] {
            let value = recent.get(&tenant(name), key, || async { Ok(format!("{name}{key}")) }).await.unwrap();
            assert_eq!(*value, format!("{name}{key}"));
        }
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let recent = Recent::new(Clock::manual(0), Duration::from_mins(1));
        let down = || async { Err(Error::new(ErrorCode::UpstreamUnavailable, "down")) };
        assert!(recent.get(&tenant("a"), "x", down).await.is_err());
        assert_eq!(*recent.get(&tenant("a"), "x", || async { Ok(1) }).await.unwrap(), 1);
    }
}
