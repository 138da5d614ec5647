//! Wakes whoever watches the rows, when this process knows that there is something before they would look.

use std::sync::atomic::{AtomicI64, Ordering};

use common::clock::UnixMillis;
use tokio::sync::Notify;

/// When the next look is due.
#[derive(Debug)]
pub(super) struct Alarm {
    next_ms: AtomicI64,
    moved: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { next_ms: AtomicI64::new(UnixMillis::MAX), moved: Notify::new() }
    }
}

impl Alarm {
    /// Something is due then.
    pub(super) fn set(&self, due_ms: UnixMillis) {
        if self.next_ms.fetch_min(due_ms, Ordering::AcqRel) > due_ms {
            self.moved.notify_one();
        }
    }

    /// The instant of the next look; the end of time if there is none.
    pub(super) fn next_ms(&self) -> UnixMillis {
        self.next_ms.load(Ordering::Acquire)
    }

    /// A look begins: what is set from here on is for the next one.
    pub(super) fn clear(&self) {
        self.next_ms.store(UnixMillis::MAX, Ordering::Release);
    }

    /// Returns when an earlier instant has been set.
    pub(super) async fn moved(&self) {
        self.moved.notified().await;
    }
}
