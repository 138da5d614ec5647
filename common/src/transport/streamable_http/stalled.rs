//! Clients that do not take their answer, or never come to the end of their first request's head: each would keep a
//! connection, and what waits to be sent, for as long as it likes.

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

/// How long a client may take for the head of its first request: as hyper has it, which counts only with a timer of its own
/// (hyper 1, `http1::Builder::header_read_timeout`).
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// What ends a head (RFC 9112, section 2.1), and the preface of HTTP/2.
const HEAD_END: &[u8] = b"\r\n\r\n";

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
        (Connection::new(stream, self.clock.clone()), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

pub(super) struct Connection<S> {
    stream: S,
    /// Runs out while the client takes nothing.
    stalled: Option<Timer>,
    /// Runs out while the first head does not come; none once it is there.
    head: Option<Head>,
    clock: Clock,
}

/// Once it has run out, it has: connections are asked again after they have broken.
struct Timer(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Timer {
    fn new(clock: &Clock, span: Duration) -> Self {
        let clock = clock.clone();
        Self(Some(Box::pin(async move { clock.sleep(span).await })))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(sleep) = &mut self.0 {
            ready!(sleep.as_mut().poll(context));
            self.0 = None;
        }
        Poll::Ready(())
    }
}

struct Head {
    timer: Timer,
    /// How much of [`HEAD_END`] has come last.
    matched: usize,
}

impl Head {
    /// Whether it ends within these bytes.
    fn ends_in(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            let is_next = HEAD_END.get(self.matched) == Some(byte);
            self.matched = if is_next { self.matched + 1 } else { usize::from(HEAD_END.first() == Some(byte)) };
            if self.matched == HEAD_END.len() {
                return true;
            }
        }
        false
    }
}

impl<S> Connection<S> {
    fn new(stream: S, clock: Clock) -> Self {
        let timer = Timer::new(&clock, HEAD_PATIENCE);
        Self { stream, stalled: None, head: Some(Head { timer, matched: 0 }), clock }
    }

    fn watched<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let clock = &self.clock;
        let stalled = self.stalled.get_or_insert_with(|| Timer::new(clock, PATIENCE));
        ready!(stalled.poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Some(head) = &mut self.head else { return outcome };
        if outcome.is_ready() {
            if head.ends_in(buffer.filled().get(before..).unwrap_or_default()) {
                self.head = None;
            }
            return outcome;
        }
        ready!(head.timer.poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
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
        let mut connection = Connection::new(stream, clock.clone());
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

    #[tokio::test]
    async fn a_head_that_trickles_is_given_up_and_what_follows_one_is_not() {
        let clock = Clock::manual(0);
        let (stream, mut client) = tokio::io::duplex(64);
        let mut connection = Connection::new(stream, clock.clone());
        let mut byte = [0; 1];
        let trickling = async {
            for _ in 0..3 {
                client.write_all(b"G").await.unwrap();
                clock.advance(HEAD_PATIENCE / 3);
                tokio::task::yield_now().await;
            }
        };
        let reading = async { while connection.read_exact(&mut byte).await.is_ok() {} };
        tokio::join!(reading, trickling);
        assert_eq!(connection.read(&mut byte).await.unwrap_err().kind(), io::ErrorKind::TimedOut);

        let (stream, mut client) = tokio::io::duplex(64);
        let mut connection = Connection::new(stream, clock.clone());
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut head = [0; 27];
        connection.read_exact(&mut head).await.unwrap();
        let late = async {
            tokio::task::yield_now().await;
            clock.advance(HEAD_PATIENCE * 2);
            tokio::task::yield_now().await;
            client.write_all(b"x").await.unwrap();
        };
        let (read, ()) = tokio::join!(connection.read_exact(&mut byte), late);
        read.unwrap();
    }
}
