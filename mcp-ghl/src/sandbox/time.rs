//! The emulator's time: the machine's, moved by whoever rehearses.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use common::clock::{Clock, UnixMillis};
use tokio::sync::Notify;

/// The last instant of the year 9999: later ones have no written form.
pub(crate) const LAST_MS: UnixMillis = 253_402_300_799_999;

/// Tokens, slots, limits, timestamps and retries of webhooks all follow it. Moved in this process only.
#[derive(Debug)]
pub(crate) struct Time {
    clock: Clock,
    offset_ms: AtomicI64,
    moved: Notify,
}

impl Time {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, offset_ms: AtomicI64::new(0), moved: Notify::new() }
    }

    pub(crate) fn now_ms(&self) -> UnixMillis {
        self.clock.now_ms().saturating_add(self.offset_ms()).clamp(0, LAST_MS)
    }

    /// The machine's clock.
    pub(crate) fn machine(&self) -> &Clock {
        &self.clock
    }

    /// How far it is from the machine's.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Acquire)
    }

    /// Goes on from another instant, at the machine's pace.
    pub(crate) fn set(&self, now_ms: UnixMillis) {
        let offset_ms = now_ms.clamp(0, LAST_MS).saturating_sub(self.clock.now_ms());
        self.offset_ms.store(offset_ms, Ordering::Release);
        self.moved.notify_waiters();
    }

    /// Back to the machine's.
    pub(crate) fn reset(&self) {
        self.offset_ms.store(0, Ordering::Release);
        self.moved.notify_waiters();
    }

    /// Waits for a span of the machine's time, however this one is moved: what a client feels.
    pub(crate) async fn sleep(&self, span: Duration) {
        self.clock.sleep(span).await;
    }

    /// Waits until this time is there, whether it passes or is moved.
    pub(crate) async fn reaches(&self, at_ms: UnixMillis) {
        loop {
            let moved = self.moved.notified();
            let missing_ms = at_ms.saturating_sub(self.now_ms());
            let Some(missing_ms) = u64::try_from(missing_ms).ok().filter(|missing_ms| *missing_ms > 0) else { return };
            tokio::select! {
                () = self.clock.sleep(Duration::from_millis(missing_ms)) => {}
                () = moved => {}
            }
        }
    }
}
