//! Standard input as the protocol layer may see it: no line longer than allowed, and an end when the server is to end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Stands in for a line that was too long: valid JSON that is no message, which the protocol layer answers with
/// `-32600 Invalid Request` and a null id.
const REFUSED: &[u8] = b"\n{\"jsonrpc\":\"2.0\",\"refused\":\"line too long\"}\n";

/// How much is read at once, in bytes.
const CHUNK_BYTES: usize = 8 * 1024;

/// Passes bytes through until a line exceeds the limit; the rest of that line is dropped.
#[derive(Debug)]
pub(super) struct LineLimit<R> {
    inner: R,
    line_bytes_max: usize,
    line_bytes: usize,
    is_dropping: bool,
    chunk: Box<[u8]>,
    /// What may be handed out, from `handed` on.
    passed: Vec<u8>,
    handed: usize,
    /// Makes the input end.
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Fires at the end of the input.
    ended: CancellationToken,
}

impl<R> LineLimit<R> {
    /// Ends when `stopping` fires, and fires `ended` when it ends.
    pub(super) fn new(inner: R, line_bytes_max: usize, stopping: CancellationToken, ended: CancellationToken) -> Self {
        Self {
            inner,
            line_bytes_max,
            line_bytes: 0,
            is_dropping: false,
            chunk: vec![0; CHUNK_BYTES].into_boxed_slice(),
            passed: Vec::new(),
            handed: 0,
            stopping: Box::pin(stopping.cancelled_owned()),
            ended,
        }
    }

    /// Appends what may pass of the chunk's first `length` bytes.
    fn pass(&mut self, length: usize) {
        self.passed.clear();
        self.handed = 0;
        let read = self.chunk.get(..length).unwrap_or_default();
        for piece in read.split_inclusive(|byte| *byte == b'\n') {
            let ends_line = piece.ends_with(b"\n");
            self.line_bytes += piece.len() - usize::from(ends_line);
            if !self.is_dropping && self.line_bytes > self.line_bytes_max {
                self.is_dropping = true;
                tracing::warn!(line.bytes_max = self.line_bytes_max, "refused a line that is too long");
                self.passed.extend_from_slice(REFUSED);
            } else if !self.is_dropping {
                self.passed.extend_from_slice(piece);
            }
            if ends_line {
                self.line_bytes = 0;
                self.is_dropping = false;
            }
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for LineLimit<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let waiting = this.passed.get(this.handed..).unwrap_or_default();
            if !waiting.is_empty() {
                let (now, _) = waiting.split_at(waiting.len().min(out.remaining()));
                out.put_slice(now);
                this.handed += now.len();
                return Poll::Ready(Ok(()));
            }
            if this.stopping.as_mut().poll(context).is_ready() {
                this.ended.cancel();
                return Poll::Ready(Ok(()));
            }
            let mut read = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut read))?;
            let length = read.filled().len();
            if length == 0 {
                this.ended.cancel();
                return Poll::Ready(Ok(()));
            }
            this.pass(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    async fn through(input: &str, line_bytes_max: usize) -> String {
        let mut output = String::new();
        let (stopping, ended) = (CancellationToken::new(), CancellationToken::new());
        let mut limited = LineLimit::new(input.as_bytes(), line_bytes_max, stopping, ended);
        limited.read_to_string(&mut output).await.unwrap();
        output
    }

    #[tokio::test]
    async fn it_ends_when_it_is_told_to_and_says_so() {
        let (stopping, ended) = (CancellationToken::new(), CancellationToken::new());
        let (_open, input) = tokio::io::duplex(64);
        let mut limited = LineLimit::new(input, 4, stopping.clone(), ended.clone());
        let mut output = String::new();
        let (read, ()) = tokio::join!(limited.read_to_string(&mut output), async { stopping.cancel() });
        assert_eq!(read.unwrap(), 0);
        assert!(ended.is_cancelled());
    }

    #[tokio::test]
    async fn lines_within_the_limit_pass_unchanged() {
        assert_eq!(through("abcd\n\nab\n", 4).await, "abcd\n\nab\n");
    }

    #[tokio::test]
    async fn a_longer_line_is_replaced_and_the_next_one_passes() {
        let refused = std::str::from_utf8(REFUSED).unwrap();
        assert_eq!(through("abcde\nok\n", 4).await, format!("{refused}ok\n"));
        let long = "x".repeat(CHUNK_BYTES * 3);
        let output = through(&format!("{long}\nok\n"), CHUNK_BYTES + 5).await;
        assert!(output.ends_with(&format!("{refused}ok\n")));
        assert!(output.len() < CHUNK_BYTES * 2 + refused.len() + 4);
    }
}
