//! The oldest transport (MCP 2024-11-05) as the official client's pipe: its lines are posted, the stream's events are its lines.

use std::net::SocketAddr;

use tests::http::exchange;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf};
use tokio::net::TcpStream;

type Stream = Lines<BufReader<TcpStream>>;

/// Opens a session as a caller; it ends when the pipe is dropped.
pub(crate) async fn connect(address: SocketAddr, caller: &str) -> DuplexStream {
    let authorization = format!("Bearer {caller}-token");
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = format!(
        "GET /sse HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nAuthorization: {authorization}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut events = BufReader::new(stream).lines();
    let messages = data(&mut events).await.expect("where to send messages");
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (from_client, to_client) = tokio::io::split(ours);
    let sending = send(address, messages, authorization, from_client);
    #[expect(clippy::disallowed_methods, reason = "it ends with the pipe, and no process waits for it")]
    tokio::spawn(async move {
        tokio::select! {
            () = sending => {}
            () = receive(events, to_client) => {}
        }
    });
    theirs
}

/// The data of the next event; `None` once the stream has ended.
async fn data(events: &mut Stream) -> Option<String> {
    loop {
        let line = events.next_line().await.ok()??;
        if let Some(data) = line.strip_prefix("data: ") {
            return Some(data.to_owned());
        }
    }
}

async fn send(address: SocketAddr, messages: String, authorization: String, client: ReadHalf<DuplexStream>) {
    let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
    let mut lines = BufReader::new(client).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = exchange(address, "POST", &messages, &headers, &line).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
}

async fn receive(mut events: Stream, mut client: WriteHalf<DuplexStream>) {
    while let Some(message) = data(&mut events).await {
        if client.write_all(format!("{message}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}
