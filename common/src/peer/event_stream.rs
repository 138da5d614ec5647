//! Server-sent events out of an answer that is still coming, none of them larger than allowed.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use sse_stream::{Error as SseError, Sse, SseStream};

use super::link::TooLarge;
use crate::error::{Error, Result};

/// The events of a body, until one is larger than `event_bytes_max`, the body breaks off, or it ends.
pub(super) fn events(
    body: BoxStream<'static, Result<Bytes, Error>>,
    event_bytes_max: usize,
    too_large: TooLarge,
) -> BoxStream<'static, Result<Sse, SseError>> {
    let mut limit = EventLimit { bytes_max: event_bytes_max, bytes: 0, is_line_empty: true };
    let bounded = body.map(move |chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        if limit.admits(&chunk) {
            return Ok(chunk);
        }
        too_large.happened();
        Err(io::Error::other("an event is too large"))
    });
    SseStream::from_bytes_stream(bounded).boxed()
}

/// Counts the bytes since the last empty line, with which an event ends.
#[derive(Debug)]
struct EventLimit {
    bytes_max: usize,
    bytes: usize,
    is_line_empty: bool,
}

impl EventLimit {
    fn admits(&mut self, chunk: &[u8]) -> bool {
        for byte in chunk {
            self.bytes = self.bytes.saturating_add(1);
            match byte {
                b'\n' | b'\r' if self.is_line_empty => self.bytes = 0,
                b'\n' | b'\r' => self.is_line_empty = true,
                _ => self.is_line_empty = false,
            }
            if self.bytes > self.bytes_max {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: &[&str], event_bytes_max: usize) -> Vec<Option<String>> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from((*chunk).to_owned()))).collect();
        let body = futures_util::stream::iter(chunks).boxed();
        events(body, event_bytes_max, TooLarge::default())
            .take(8)
            .map(|event| event.ok().and_then(|event| event.data))
            .collect()
            .await
    }

    #[tokio::test]
    async fn many_small_events_pass_and_one_large_one_does_not() {
        let small = ["data: one\n\n", "data: t", "wo\r\n\r\ndata: three\n\n"];
        let found = read(&small, 16).await;
        assert_eq!(found, ["one", "two", "three"].map(|text| Some(text.to_owned())));
        assert_eq!(read(&["data: one\n\n", "data: 0123456789abcdef"], 16).await, [Some("one".to_owned()), None]);
    }
}
