//! The event stream of one session (WHATWG server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::transport::legacy_sse::sessions::Stay;

/// How often a silent stream says that it lives. The standard advises every 15 s, for proxies that drop silent ones.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A comment, which clients skip.
const COMMENT: &[u8] = b":\n\n";

pub(super) struct Events {
    greeting: Option<Bytes>,
    outbox: mpsc::Receiver<Bytes>,
    stay: Stay,
    clock: Clock,
    idle: Duration,
}

impl Events {
    pub(super) fn new(
        greeting: String,
        outbox: mpsc::Receiver<Bytes>,
        stay: Stay,
        clock: Clock,
        idle: Duration,
    ) -> Self {
        Self { greeting: Some(greeting.into()), outbox, stay, clock, idle }
    }

    /// Ends when the protocol has, with everything it said, or when nobody has used the session for too long.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut events| async move { events.next().await.map(|event| (Ok(event), events)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        let left = self.stay.session().time_left(self.idle, self.clock.now_ms());
        tokio::select! {
            biased;
            event = self.outbox.recv() => event,
            () = self.clock.sleep(left.min(KEEP_ALIVE)) => {
                let is_idle = self.stay.session().time_left(self.idle, self.clock.now_ms()).is_zero();
                (!is_idle).then(|| Bytes::from_static(COMMENT))
            }
        }
    }
}
