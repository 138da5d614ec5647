//! Serves a router on a random loopback port for as long as a suite needs it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tests::http;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::decorated::Decorated;
use crate::fixtures::Fixtures;

/// A running server; it ends when dropped.
pub(crate) struct Host {
    address: SocketAddr,
    serving: JoinSet<std::io::Result<()>>,
}

impl Host {
    /// Serves `router`, which answers `/health` and `/mcp`, and returns once it is healthy.
    pub(crate) async fn serve(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        // Nagle's algorithm delays the second half of every SSE answer by about 44 ms.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("TCP_NODELAY is supported"));
        let mut serving = JoinSet::new();
        serving.spawn(axum::serve(listener, router).into_future());
        let host = Self { address, serving };
        host.check_health().await;
        host
    }

    /// A dead server still passes about 45 checks of the suite, so health is asked before and after.
    pub(crate) async fn check_health(&self) {
        assert_eq!(http::get_status(self.address, "/health").await, 200, "the server is not healthy");
    }

    /// Kills the server, as a crash would.
    pub(crate) async fn stop(&mut self) {
        self.serving.shutdown().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

/// The SDK's own HTTP face over a handler with the fixtures, with the options that the product must have too.
pub(crate) fn router<H: ServerHandler>(real: impl Fn() -> H + Send + Sync + 'static) -> Router {
    let fixtures = Arc::new(Fixtures::new());
    let config = StreamableHttpServerConfig::default()
        .enforce_origin_validation()
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*"]);
    let service = StreamableHttpService::new(
        move || Ok(Decorated::new(real(), Arc::clone(&fixtures))),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    Router::new().route("/health", get(|| async {})).nest_service("/mcp", service)
}
