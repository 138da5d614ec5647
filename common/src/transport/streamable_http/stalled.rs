//! Clients that do not take their answer: each would keep a connection, and what waits to be sent, for as long as it likes.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::clock::Clock;

/// How long a client may take nothing while something waits for it. TCP itself would wait for ever, as long as the client's
/// machine says that it lives.
const PATIENCE: Duration = Duration::from_secs(30);

/// A listener whose connections break when their client takes nothing for too long.
pub(super) struct Impatient {
    pub(super) listener: TcpListener,
    pub(super) clock: Clock,
}

impl Listener for Impatient {
    type Io = Connection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Two small writes make one answer; with Nagle's algorithm each answer takes some 40 ms longer.
        drop(stream.set_nodelay(true));
        (Connection { stream, stalled: None, clock: self.clock.clone() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

pub(super) struct Connection<S> {
    stream: S,
    /// Runs out while the client takes nothing.
    stalled: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    clock: Clock,
}

impl<S> Connection<S> {
    fn watched<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let clock = &self.clock;
        let stalled = self.stalled.get_or_insert_with(|| {
            let clock = clock.clone();
            Box::pin(async move { clock.sleep(PATIENCE).await })
        });
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watched(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let clock = Clock::manual(0);
        let (stream, mut client) = tokio::io::duplex(4);
        let mut connection = Connection { stream, stalled: None, clock: clock.clone() };
        let slow = async {
            for _ in 0..4 {
                clock.advance(PATIENCE / 2);
                tokio::task::yield_now().await;
                let mut bytes = [0; 4];
                client.read_exact(&mut bytes).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(connection.write_all(&[0; 16]), slow);
        written.unwrap();
        let nobody = async {
            tokio::task::yield_now().await;
            clock.advance(PATIENCE);
        };
        let (written, ()) = tokio::join!(connection.write_all(&[0; 16]), nobody);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
