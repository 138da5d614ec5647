//! Both ends of a connection within this process. Messages change hands as they are, not as JSON.

use std::fmt;

use rmcp::model::JsonRpcMessage;
use rmcp::service::{RoleClient, RoleServer, RxJsonRpcMessage, ServiceRole, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::mpsc;

/// Messages that wait for their reader; beyond, writers wait.
const BACKLOG_MAX: usize = 64;

/// One end.
#[derive(Debug)]
pub struct Pipe<R: ServiceRole> {
    outbox: mpsc::Sender<TxJsonRpcMessage<R>>,
    inbox: mpsc::Receiver<RxJsonRpcMessage<R>>,
}

/// The two ends of a new connection.
pub(super) fn pipe() -> (Pipe<RoleClient>, Pipe<RoleServer>) {
    let (to_server, from_client) = mpsc::channel(BACKLOG_MAX);
    let (to_client, from_server) = mpsc::channel(BACKLOG_MAX);
    let client = Pipe { outbox: to_server, inbox: from_server };
    (client, Pipe { outbox: to_client, inbox: from_client })
}

impl<R: ServiceRole> Transport<R> for Pipe<R> {
    type Error = Gone;

    fn send(&mut self, message: TxJsonRpcMessage<R>) -> impl Future<Output = Result<(), Gone>> + Send + 'static {
        let outbox = self.outbox.clone();
        async move { outbox.send(message).await.map_err(|_: mpsc::error::SendError<JsonRpcMessage<_, _, _>>| Gone) }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<R>> {
        self.inbox.recv().await
    }

    async fn close(&mut self) -> Result<(), Gone> {
        self.inbox.close();
        Ok(())
    }
}

/// Nobody is at the other end.
#[derive(Debug)]
pub struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nobody is at the other end of the pipe")
    }
}

impl std::error::Error for Gone {}
