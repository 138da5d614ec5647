//! One session: whose it is, what of its is under way, and when it was last used.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::request::Parts;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, GetExtensions, JsonRpcMessage, RequestId,
    ServerJsonRpcMessage,
};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::clock::{Clock, UnixMillis};
use crate::error::{Error, ErrorCode, Result};
use crate::tool::Surface;

/// Messages that wait to be read by the protocol, which reads at once.
const INBOX_MAX: usize = 16;

/// Requests of one session under way at once.
const IN_FLIGHT_MAX: usize = 64;

/// A message of a client, in a box: queues keep room for dozens of them.
pub(super) type Message = Box<ClientJsonRpcMessage>;

pub(super) struct Session {
    caller: Caller,
    surface: Surface,
    inbox: mpsc::Sender<Message>,
    in_flight: Mutex<HashSet<RequestId>>,
    settled: Notify,
    used_at_ms: AtomicI64,
    until: CancellationToken,
    clock: Clock,
}

impl Session {
    /// A session that ends with `until`, and what is sent to it.
    pub(super) fn new(
        caller: Caller,
        surface: Surface,
        until: CancellationToken,
        clock: Clock,
    ) -> (Arc<Self>, mpsc::Receiver<Message>) {
        let (inbox, messages) = mpsc::channel(INBOX_MAX);
        let session = Self {
            caller,
            surface,
            inbox,
            in_flight: Mutex::default(),
            settled: Notify::new(),
            used_at_ms: AtomicI64::new(clock.now_ms()),
            until,
            clock,
        };
        (Arc::new(session), messages)
    }

    /// Whether this caller opened it and it still goes on.
    pub(super) fn is_open_to(&self, caller: &Caller) -> bool {
        self.caller == *caller && !self.until.is_cancelled()
    }

    /// What its endpoint shows.
    pub(super) fn surface(&self) -> &Surface {
        &self.surface
    }

    /// Fires when it ends.
    pub(super) fn until(&self) -> &CancellationToken {
        &self.until
    }

    pub(super) fn end(&self) {
        self.until.cancel();
    }

    /// Takes a message to the protocol, with the request that brought it.
    ///
    /// # Errors
    /// `rate_limited` if too much is under way; `conflict` if a request with this id is; `not_found` if it has just ended.
    pub(super) fn take(
        &self,
        mut message: ClientJsonRpcMessage,
        mut parts: Parts,
        room: &Arc<Semaphore>,
    ) -> Result<()> {
        self.touch();
        match &mut message {
            JsonRpcMessage::Request(request) => {
                // What lasts as long as its client listens is bounded by the streams.
                if !matches!(request.request, ClientRequest::SubscriptionsListenRequest(_)) {
                    // Lives in the request's context, and so for as long as it is being served.
                    let seat = Arc::clone(room).try_acquire_owned().map_err(|_| full())?;
                    parts.extensions.insert(Arc::new(seat));
                }
                self.note(request.id.clone())?;
                request.request.extensions_mut().insert(parts);
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    // What is cancelled is never answered.
                    self.forget(id);
                }
                notification.notification.extensions_mut().insert(parts);
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        let id = match &message {
            JsonRpcMessage::Request(request) => Some(request.id.clone()),
            JsonRpcMessage::Notification(_) | JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => None,
        };
        self.inbox.try_send(Box::new(message)).map_err(|unsent| {
            if let Some(id) = id {
                self.forget(&id);
            }
            match unsent {
                mpsc::error::TrySendError::Full(_) => full(),
                mpsc::error::TrySendError::Closed(_) => Error::new(ErrorCode::NotFound, "this session has just ended"),
            }
        })
    }

    /// A message has gone out to the client.
    pub(super) fn told(&self, message: &ServerJsonRpcMessage) {
        self.touch();
        match message {
            JsonRpcMessage::Response(response) => self.forget(&response.id),
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.forget(id);
                }
            }
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {}
        }
    }

    /// How long it may go on unused; nothing is left once it is idle. What is under way is use.
    pub(super) fn time_left(&self, idle: Duration, now_ms: UnixMillis) -> Duration {
        if !self.lock().is_empty() {
            return idle;
        }
        let unused_ms = now_ms.saturating_sub(self.used_at_ms.load(Ordering::Relaxed));
        idle.saturating_sub(Duration::from_millis(u64::try_from(unused_ms).unwrap_or(0)))
    }

    /// Returns once nothing is under way.
    pub(super) async fn settled(&self) {
        while !self.lock().is_empty() {
            self.settled.notified().await;
        }
    }

    fn note(&self, id: RequestId) -> Result<()> {
        let mut in_flight = self.lock();
        if in_flight.len() >= IN_FLIGHT_MAX {
            return Err(full());
        }
        if !in_flight.insert(id) {
            return Err(Error::new(ErrorCode::Conflict, "a request with this id is under way"));
        }
        Ok(())
    }

    fn forget(&self, id: &RequestId) {
        let mut in_flight = self.lock();
        in_flight.remove(id);
        if in_flight.is_empty() {
            // Kept for whoever waits next.
            self.settled.notify_one();
        }
    }

    fn touch(&self) {
        self.used_at_ms.store(self.clock.now_ms(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn full() -> Error {
    Error::new(ErrorCode::RateLimited, "too many requests are under way").with_retry_after(Duration::from_secs(1))
}
