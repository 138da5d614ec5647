//! The least HTTP client that can ask whether somebody is there.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a server on loopback may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The status of `GET path`, or 0 if nothing answered within 5 s.
pub async fn get_status(address: SocketAddr, path: &str) -> u16 {
    tokio::time::timeout(TIMEOUT, ask(address, path)).await.ok().flatten().unwrap_or(0)
}

async fn ask(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}
