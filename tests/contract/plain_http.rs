//! As little HTTP as the test needs: one request for each connection, HTTP/1.0, so that no body comes in chunks.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Calls a server with a token and an API version.
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
    version: String,
}

pub(crate) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, version: &str) -> Self {
        Self { address, token: crate::emulator::location_token().to_owned(), version: version.to_owned() }
    }

    #[must_use]
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { address: self.address, token: token.to_owned(), version: self.version.clone() }
    }

    #[must_use]
    pub(crate) fn with_version(&self, version: &str) -> Self {
        Self { address: self.address, token: self.token.clone(), version: version.to_owned() }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send_as("application/json", method, path, body).await
    }

    pub(crate) async fn send_as(&self, content_type: &str, method: &str, path: &str, body: &str) -> Answer {
        let Self { address, token, version } = self;
        let content = if body.is_empty() {
            String::new()
        } else {
            format!("content-type: {content_type}\r\ncontent-length: {}\r\n", body.len())
        };
        let request = format!(
            "{method} {path} HTTP/1.0\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nversion: {version}\r\n\
             accept: application/json\r\n{content}\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }
}
