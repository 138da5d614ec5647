//! The least HTTP client that can knock at a door in every way, well-behaved or not.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::message;

/// How long a server on loopback may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What came back, as it came: a chunked body keeps its chunk lengths.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// 0 if nothing came.
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// The status of `GET path`, or 0 if nothing answered within 5 s.
pub async fn get_status(address: SocketAddr, path: &str) -> u16 {
    exchange(address, "GET", path, &[], "").await.status
}

/// One request on a connection of its own. `Host` names the address unless `headers` do.
pub async fn exchange(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let asked = ask(address, method, path, headers, body);
    tokio::time::timeout(TIMEOUT, asked).await.ok().flatten().unwrap_or_default()
}

async fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let names_host = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = if names_host { String::new() } else { format!("Host: {address}\r\n") };
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = lines.concat();
    let length = body.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{host}{headers}\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    // A server may refuse a body while it is still being sent; its answer counts all the same.
    drop(stream.write_all(body.as_bytes()).await);
    let mut text = Vec::new();
    drop(stream.read_to_end(&mut text).await);
    let text = String::from_utf8_lossy(&text);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Sends a request of MCP 2026-07-28 to `/mcp` and returns the connection on which its answer comes, or streams.
///
/// # Panics
/// If nobody listens.
pub async fn open_stateless(address: SocketAddr, method: &str, params: Value) -> TcpStream {
    let name = params["name"].as_str().map(|name| format!("Mcp-Name: {name}\r\n")).unwrap_or_default();
    let body = message::stateless_request(1, method, params).to_string();
    let length = body.len();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: {}\r\nMcp-Method: {method}\r\n{name}Content-Length: {length}\r\n\r\n",
        message::STATELESS_REVISION,
    );
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("the request is sent");
    stream
}

/// Sends a request with a JSON body and returns the connection on which its answer comes.
///
/// # Panics
/// If nobody listens.
pub async fn open_request(address: SocketAddr, method: &str, path: &str, body: &str) -> TcpStream {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("the request is sent");
    stream
}
