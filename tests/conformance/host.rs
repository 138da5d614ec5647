//! Serves a product's server, decorated, on a random loopback port of the product's own HTTP door.

use std::net::SocketAddr;
use std::sync::Arc;

use common::bootstrap::{Foundation, ServerEntry, Settings};
use common::clock::Clock;
use common::config::Config;
use common::tool::Surface;
use common::transport::Handler;
use common::transport::streamable_http::{Door, Port};
use tempfile::TempDir;
use tests::{http, long_tools};
use tokio::task::JoinSet;

use crate::decorated::Decorated;
use crate::fixtures::Fixtures;

/// A running server; it ends when dropped.
pub(crate) struct Host {
    address: SocketAddr,
    serving: JoinSet<common::error::Result<()>>,
    _state: TempDir,
}

impl Host {
    /// Serves the server that `entry` builds with its default settings, and returns once it is healthy.
    pub(crate) async fn serve(entry: &ServerEntry) -> Self {
        let state = tempfile::tempdir().expect("a temporary folder");
        let mut settings = Settings::default();
        settings.server.port = 0;
        let foundation =
            Foundation::lay_for(std::slice::from_ref(entry), &settings, state.path().to_owned(), Clock::system())
                .expect("the defaults are accepted");
        let mut config = Config::load(&[entry.default_config], None).expect("the defaults can be read");
        let mut server = (entry.build)(&foundation, &mut config).expect("the server can be built");
        // Long tools are real ones: the suite judges the product's own tasks.
        server.tools = server.tools.and(long_tools::all());
        let surroundings = foundation.surroundings(server.checks.clone());
        let dispatch = foundation.dispatch(settings.tools);
        let handler = Handler::new(Arc::new(server), Arc::new(dispatch), Surface::whole(), None, foundation.tasks);
        let fixtures = Arc::new(Fixtures::new());
        let door = Door::decorated(entry.name, handler.toolsets(), move || {
            Decorated::new(handler.fresh(), Arc::clone(&fixtures))
        });
        let port = Port::open(settings.server, surroundings).await.expect("a loopback port is free");
        let address = port.address();
        let mut serving = JoinSet::new();
        serving.spawn(port.serve(vec![door]));
        let host = Self { address, serving, _state: state };
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
