//! The only source of time. Tests hold the other end of a manual clock and move it; nothing sleeps for real.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use uuid::Uuid;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMillis = i64;

/// Wall clock and timer in one, cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    manual: Option<Arc<Manual>>,
    /// How far the machine's clock is behind this one.
    ahead_ms: i64,
}

#[derive(Debug)]
struct Manual {
    now_ms: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until [`Clock::advance`].
    #[must_use]
    pub fn manual(now_ms: UnixMillis) -> Self {
        let manual = Manual { now_ms: AtomicI64::new(now_ms), moved: Notify::new() };
        Self { manual: Some(Arc::new(manual)), ahead_ms: 0 }
    }

    /// A clock that runs as the machine's does, but shows this instant now: for dates that have to stay as they are
    /// while pauses have to end.
    #[must_use]
    pub fn running_from(now_ms: UnixMillis) -> Self {
        Self { manual: None, ahead_ms: now_ms.saturating_sub(Self::system().now_ms()) }
    }

    /// The present instant.
    #[must_use]
    pub fn now_ms(&self) -> UnixMillis {
        match &self.manual {
            Some(manual) => manual.now_ms.load(Ordering::Acquire),
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| millis(elapsed).saturating_add(self.ahead_ms)),
        }
    }

    /// Waits for a span of this clock's time.
    pub async fn sleep(&self, span: Duration) {
        let Some(manual) = &self.manual else {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            return tokio::time::sleep(span).await;
        };
        let wakes_at_ms = manual.now_ms.load(Ordering::Acquire).saturating_add(millis(span));
        loop {
            let moved = manual.moved.notified();
            if manual.now_ms.load(Ordering::Acquire) >= wakes_at_ms {
                return;
            }
            moved.await;
        }
    }

    /// Moves a manual clock forward and wakes its sleepers; a system clock does not listen.
    pub fn advance(&self, span: Duration) {
        if let Some(manual) = &self.manual {
            manual.now_ms.fetch_add(millis(span), Ordering::AcqRel);
            manual.moved.notify_waiters();
        }
    }
}

/// UUIDv7 (RFC 9562) of an instant of our clock. Its randomness has to make it unique, not unpredictable.
#[must_use]
pub fn time_ordered_uuid(at_ms: UnixMillis) -> Uuid {
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &random).into_uuid()
}

/// The instant a span after another; the far end of time where there is none.
#[must_use]
pub fn after(at_ms: UnixMillis, span: Duration) -> UnixMillis {
    at_ms.saturating_add(millis(span))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_has_moved_far_enough() {
        let clock = Clock::manual(1_000);
        #[expect(clippy::disallowed_methods, reason = "a test has no task set")]
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_millis(50)).await;
                clock.now_ms()
            }
        });
        while !sleeper.is_finished() {
            clock.advance(Duration::from_millis(10));
            tokio::task::yield_now().await;
        }
        assert!(sleeper.await.unwrap() >= 1_050);
    }
}
