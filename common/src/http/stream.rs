//! An answer whose body is still to come.

use std::fmt;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, StatusCode};
use reqwest::Response;

use super::broken::broken;
use crate::error::{Error, Result};

/// The head of an answer, and its body as it comes. Dropped, the connection is closed.
pub struct HttpStream {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Ends with the first error.
    pub body: BoxStream<'static, Result<Bytes, Error>>,
}

impl HttpStream {
    pub(super) fn new(host: &str, mut answer: Response) -> Self {
        let (status, headers, host) = (answer.status(), std::mem::take(answer.headers_mut()), host.to_owned());
        let body = answer.bytes_stream().map(move |chunk| chunk.map_err(|source| broken(&host, source).into_error()));
        Self { status, headers, body: body.boxed() }
    }
}

impl fmt::Debug for HttpStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpStream").field("status", &self.status).finish_non_exhaustive()
    }
}
