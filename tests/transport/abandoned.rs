//! What becomes of a call while the vendor is slow: taken back by its client it is taken back from the vendor too, and
//! a server that is told to end answers it first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tests::http::open_stateless;
use tests::http_server::HttpServer;
use tests::message;
use tests::stdio::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything here may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A vendor that takes requests and never answers.
pub(crate) struct SilentVendor {
    listener: TcpListener,
}

impl SilentVendor {
    pub(crate) async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free") }
    }

    /// Settings of a server whose account is here.
    pub(crate) fn settings(&self, folder: &Path) -> PathBuf {
        let address = self.listener.local_addr().expect("a bound listener has an address");
        let text = format!(
            "[ghl]\nbase_url = 'http://{address}'\n[[ghl.connections]]\ntenant = 'local'\ntoken = 'pit-x'\n\
             location_id = 'abcdefghij0123456789'\n[http]\negress_allow = ['{address}']\n"
        );
        let file = folder.join("settings.toml");
        std::fs::write(&file, text).expect("the settings can be written");
        file
    }

    /// Waits for a request, of which it reads the head.
    pub(crate) async fn asked(&self) -> TcpStream {
        let asked = async {
            let (mut stream, _) = self.listener.accept().await.expect("a connection");
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.expect("a request") > 0);
            stream
        };
        tokio::time::timeout(LIMIT, asked).await.expect("the vendor is asked")
    }
}

/// Returns when the other side has closed.
pub(crate) async fn closed(mut stream: TcpStream) {
    let mut rest = [0; 4096];
    let closed = async { while stream.read(&mut rest).await.is_ok_and(|length| length > 0) {} };
    tokio::time::timeout(LIMIT, closed).await.expect("the request to the vendor is taken back");
}

#[tokio::test]
async fn over_stdio_by_a_notification() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let mut server = Server::start("mcp-ghl", data.path(), &["--config", &settings]);
    server.initialize().await;
    let id = server.ask("tools/call", message::tool_call("search_contacts", &json!({}))).await;
    let request = vendor.asked().await;
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})).await;
    closed(request).await;
    assert!(server.call("tools/list", json!({})).await["result"]["tools"].is_array(), "the connection lives");
}

#[tokio::test]
async fn over_http_by_closing_the_stream() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let server = HttpServer::start("mcp-ghl", data.path(), &["--config", &settings]).await;
    let client = call_over_http(&server).await;
    let request = vendor.asked().await;
    drop(client);
    closed(request).await;
}

#[tokio::test]
async fn more_calls_at_once_than_there_is_room_for_are_told_to_wait() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path());
    let with_room_for_one = std::fs::read_to_string(&settings).unwrap() + "[server]\nconcurrency_max = 1\n";
    std::fs::write(&settings, with_room_for_one).unwrap();
    let server = HttpServer::start("mcp-ghl", data.path(), &["--config", settings.to_str().unwrap()]).await;
    let first = call_over_http(&server).await;
    let request = vendor.asked().await;
    let mut second = call_over_http(&server).await;
    let mut answer = [0; 512];
    let length = tokio::time::timeout(LIMIT, second.read(&mut answer)).await.expect("it is told at once").unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).to_lowercase();
    assert!(answer.starts_with("http/1.1 429") && answer.contains("retry-after: 1"), "{answer}");
    drop(first);
    closed(request).await;
}

/// Sends a call that needs the vendor, and returns the connection on which its answer will come.
async fn call_over_http(server: &HttpServer) -> TcpStream {
    open_stateless(server.address, "tools/call", message::tool_call("search_contacts", &json!({}))).await
}

#[tokio::test]
async fn a_call_in_flight_is_answered_although_the_port_is_told_to_end() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let mut server = HttpServer::start("mcp-ghl", data.path(), &["--config", &settings]).await;
    let mut client = call_over_http(&server).await;
    let mut request = vendor.asked().await;
    server.terminate().await;
    while TcpStream::connect(server.address).await.is_ok() {
        // New connections are refused as soon as the port has heard.
        tokio::task::yield_now().await;
    }
    request.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}").await.expect("the vendor answers");
    let mut answer = String::new();
    let read = tokio::time::timeout(LIMIT, client.read_to_string(&mut answer)).await;
    assert!(read.is_ok() && answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"isError\":true"), "{answer}");
    assert!(server.ends_within(LIMIT).await);
}

#[tokio::test]
async fn a_call_in_flight_is_answered_although_the_pipe_is_told_to_end() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let mut server = Server::start("mcp-ghl", data.path(), &["--config", &settings]);
    server.initialize().await;
    let id = server.ask("tools/call", message::tool_call("search_contacts", &json!({}))).await;
    let mut request = vendor.asked().await;
    let killed = tokio::process::Command::new("kill").args(["-TERM", &server.id().to_string()]).status().await;
    assert!(killed.unwrap().success());
    request.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}").await.expect("the vendor answers");
    let answer = server.answer_to(id).await;
    assert_eq!(answer["result"]["structuredContent"]["error"]["code"], "not_found", "{answer}");
    assert!(server.exit_within(LIMIT).await.is_some_and(|status| status.success()));
}
