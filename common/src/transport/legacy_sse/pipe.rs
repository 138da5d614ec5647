//! What the SDK takes for a transport: messages come from the POSTs, answers go to the stream.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rmcp::RoleServer;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::transport::legacy_sse::session::{Message, Session};

/// Events that wait for a slow reader; with `tools.result_bytes_max` each, this bounds what it can make us keep.
const OUTBOX_MAX: usize = 8;

/// How long the outbox may stay full before the reader is given up.
const PATIENCE: Duration = Duration::from_secs(10);

pub(in crate::transport) struct Pipe {
    session: Arc<Session>,
    inbox: mpsc::Receiver<Message>,
    outbox: mpsc::Sender<Bytes>,
    clock: Clock,
}

impl Pipe {
    /// The pipe of a session, and the events that come out of it.
    pub(super) fn new(
        session: Arc<Session>,
        inbox: mpsc::Receiver<Message>,
        clock: Clock,
    ) -> (Self, mpsc::Receiver<Bytes>) {
        let (outbox, events) = mpsc::channel(OUTBOX_MAX);
        (Self { session, inbox, outbox, clock }, events)
    }
}

impl Transport<RoleServer> for Pipe {
    type Error = Gone;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Gone>> + Send + 'static {
        let (session, outbox, clock) = (Arc::clone(&self.session), self.outbox.clone(), self.clock.clone());
        async move {
            let Ok(json) = serde_json::to_string(&message) else { return Err(Gone) };
            let event = Bytes::from(format!("event: message\ndata: {json}\n\n"));
            let sent = tokio::select! {
                biased;
                sent = outbox.send(event) => sent.map_err(|_| Gone),
                () = clock.sleep(PATIENCE) => Err(Gone),
            };
            if sent.is_err() {
                session.end();
            }
            session.told(&message);
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        self.inbox.recv().await.map(|message| *message)
    }

    async fn close(&mut self) -> Result<(), Gone> {
        self.inbox.close();
        Ok(())
    }
}

/// Nobody reads the stream.
#[derive(Debug)]
pub(in crate::transport) struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nobody reads the event stream")
    }
}

impl std::error::Error for Gone {}
