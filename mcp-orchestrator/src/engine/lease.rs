//! The name under which this process has runs, and until when nobody else may take them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use common::clock::UnixMillis;
use tokio::sync::Notify;

/// What this process is called among workers, while it serves.
#[derive(Debug, Default)]
pub(super) struct Lease {
    worker: Mutex<Option<Arc<str>>>,
    alive_until_ms: AtomicI64,
    renewed: Notify,
}

impl Lease {
    /// None: this process keeps no runs going.
    pub(super) fn worker(&self) -> Option<Arc<str>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn take(&self, worker: Option<Arc<str>>) {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = worker;
    }

    pub(super) fn renew(&self, alive_until_ms: UnixMillis) {
        self.alive_until_ms.store(alive_until_ms, Ordering::Release);
        self.renewed.notify_waiters();
    }

    /// Returns once the lease holds at the instant that `now_ms` tells. A process that was paused does not call anybody
    /// before it knows that its runs are still its own.
    pub(super) async fn held(&self, now_ms: impl Fn() -> UnixMillis) {
        loop {
            let renewed = self.renewed.notified();
            if now_ms() <= self.alive_until_ms.load(Ordering::Acquire) {
                return;
            }
            renewed.await;
        }
    }
}
