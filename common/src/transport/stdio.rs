//! The door of a client that started this process: one JSON message per line on standard input and output.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rmcp::service::{QuitReason, ServerInitializeError, serve_server_with_ct};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::io::stdio_pipes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::transport::Handler;
use crate::transport::line_limit::LineLimit;

/// `[stdio]`: bounds of the pipe.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StdioSettings {
    /// Longest accepted line, in bytes.
    pub line_bytes_max: usize,
}

impl Default for StdioSettings {
    fn default() -> Self {
        Self { line_bytes_max: 4 * 1024 * 1024 }
    }
}

/// Serves until the client closes its end, vanishes, or `stopping` fires; calls in flight are answered first, unless
/// nobody is left to read the answers.
///
/// # Errors
/// `internal` if the protocol task breaks.
pub async fn serve(handler: Handler, settings: &StdioSettings, stopping: CancellationToken) -> Result<()> {
    let (reader, writer) = stdio_pipes();
    // Subscriptions end with the input: they would hold up the end for as long as they are open.
    let ended = CancellationToken::new();
    let handler = handler.following_until(ended.clone());
    // And with a client that has vanished, whose input need not have ended.
    let _ended = ended.clone().drop_guard();
    let reader = LineLimit::new(reader, settings.line_bytes_max, stopping, ended);
    let gone = CancellationToken::new();
    let writer = Watched { inner: writer, gone: gone.clone() };
    // The limit is kept before this reader, which therefore needs none of its own.
    let transport = AsyncRwTransport::new_server(reader, writer).with_max_line_length(usize::MAX);
    let running = match Box::pin(serve_server_with_ct(handler, transport, gone)).await {
        Ok(running) => running,
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => return Ok(()),
        Err(source) => return Err(Error::internal("the client could not be greeted", source)),
    };
    match running.waiting().await {
        Ok(QuitReason::JoinError(source)) | Err(source) => Err(Error::internal("the protocol task broke", source)),
        Ok(_) => Ok(()),
    }
}

/// Standard output that notices when nobody reads it any more.
struct Watched<W> {
    inner: W,
    gone: CancellationToken,
}

impl<W> Watched<W> {
    fn notice<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if matches!(outcome, Poll::Ready(Err(_))) {
            self.gone.cancel();
        }
        outcome
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Watched<W> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.notice(outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(context);
        self.notice(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
