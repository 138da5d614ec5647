//! A call that its client takes back is taken back from the vendor too: the connection to it is closed, not left to end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tests::http_server::HttpServer;
use tests::message;
use tests::stdio::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything here may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A vendor that takes requests and never answers.
struct SilentVendor {
    listener: TcpListener,
}

impl SilentVendor {
    async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free") }
    }

    /// Settings of a server whose account is here.
    fn settings(&self, folder: &Path) -> PathBuf {
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
    async fn asked(&self) -> TcpStream {
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
async fn closed(mut stream: TcpStream) {
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
    let call = message::with_stateless_meta(message::tool_call("search_contacts", &json!({})));
    let body = message::request(1, "tools/call", call).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: search_contacts\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    let mut client = TcpStream::connect(server.address).await.expect("the server listens");
    client.write_all(format!("{head}{body}").as_bytes()).await.expect("the call is sent");
    let request = vendor.asked().await;
    drop(client);
    closed(request).await;
}
