//! The body of an event on its way in: bounded in size, in time, and in what all bodies together take of memory.
//!
//! A sender that trickles holds no more than what it has sent: none of the seats of those whose events are in hand.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use common::clock::Clock;
use futures_util::StreamExt as _;
use tokio::sync::{Semaphore, SemaphorePermit};

/// What bounds all bodies.
#[derive(Debug)]
pub(super) struct Intake {
    clock: Clock,
    bytes_max: usize,
    /// From the end of the head to the end of the body.
    patience: Duration,
    /// Bytes that may still come.
    memory: Semaphore,
}

/// A whole body, and its share of the memory.
#[derive(Debug)]
pub(super) struct Received<'a> {
    pub(super) bytes: Bytes,
    _share: Option<SemaphorePermit<'a>>,
}

/// Why there is no whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    TooLarge,
    BrokeOff,
    TooSlow,
    /// Others have taken all of the memory.
    NoRoom,
}

impl Intake {
    /// For so many bodies of the largest size at once.
    pub(super) fn new(clock: Clock, bytes_max: usize, patience: Duration, bodies_max: usize) -> Self {
        let memory = bytes_max.saturating_mul(bodies_max).clamp(1, Semaphore::MAX_PERMITS);
        Self { clock, bytes_max, patience, memory: Semaphore::new(memory) }
    }

    /// The largest body, in bytes.
    pub(super) const fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Reads it to its end.
    pub(super) async fn read(&self, body: Body) -> Result<Received<'_>, Refused> {
        tokio::select! {
            biased;
            read = self.collect(body) => read,
            () = self.clock.sleep(self.patience) => Err(Refused::TooSlow),
        }
    }

    async fn collect(&self, body: Body) -> Result<Received<'_>, Refused> {
        if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > self.bytes_max) {
            return Err(Refused::TooLarge);
        }
        let mut chunks = body.into_data_stream();
        let (mut whole, mut parts, mut share) = (Bytes::new(), Vec::new(), None);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refused::BrokeOff)?;
            let length = whole.len().max(parts.len()).saturating_add(chunk.len());
            if length > self.bytes_max {
                return Err(Refused::TooLarge);
            }
            let more = self.share(chunk.len())?;
            share = match share {
                None => Some(more),
                Some(mut share) => {
                    SemaphorePermit::merge(&mut share, more);
                    Some(share)
                }
            };
            // Nearly all come in one piece, which is not copied.
            if whole.is_empty() && parts.is_empty() {
                whole = chunk;
                continue;
            }
            if parts.is_empty() {
                parts.extend_from_slice(&std::mem::take(&mut whole));
            }
            parts.extend_from_slice(&chunk);
        }
        let bytes = if parts.is_empty() { whole } else { Bytes::from(parts) };
        Ok(Received { bytes, _share: share })
    }

    fn share(&self, length: usize) -> Result<SemaphorePermit<'_>, Refused> {
        let length = u32::try_from(length).map_err(|_| Refused::TooLarge)?;
        self.memory.try_acquire_many(length).map_err(|_| Refused::NoRoom)
    }
}
