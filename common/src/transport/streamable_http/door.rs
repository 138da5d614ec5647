//! One server's endpoint on the port, with the narrower ones beside it.

use std::fmt;
use std::sync::Arc;

use axum::{Extension, Router};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::tool::Surface;
use crate::transport::Handler;

type Open = Box<dyn FnOnce(Arc<LocalSessionManager>, StreamableHttpServerConfig) -> Router + Send>;

/// A server that a port can open: `/mcp` shows all of it, `/mcp/readonly` what changes nothing, `/mcp/<toolset>` one toolset.
pub struct Door {
    name: &'static str,
    open: Open,
}

impl Door {
    /// The endpoint of a server.
    #[must_use]
    pub fn new(handler: Handler) -> Self {
        let (name, toolsets) = (handler.name(), handler.toolsets());
        Self::decorated(name, toolsets, move || handler.fresh())
    }

    /// The endpoint of whatever `make` makes, once for each session or stateless request: a conformance suite puts its
    /// fixtures beside the real server this way.
    #[must_use]
    pub fn decorated<H: ServerHandler>(
        name: &'static str,
        toolsets: Vec<&'static str>,
        make: impl Fn() -> H + Send + Sync + 'static,
    ) -> Self {
        let open: Open = Box::new(move |sessions, config| {
            let service = StreamableHttpService::new(move || Ok(make()), sessions, config);
            let narrowed = |path: &str, surface: Surface| {
                Router::new().route_service(path, service.clone()).layer(Extension(surface))
            };
            let mut routes =
                Router::new().route_service("/", service.clone()).merge(narrowed("/readonly", Surface::read_only()));
            for toolset in toolsets {
                routes = routes.merge(narrowed(&format!("/{toolset}"), Surface::only(toolset)));
            }
            routes
        });
        Self { name, open }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn open(self, sessions: Arc<LocalSessionManager>, config: StreamableHttpServerConfig) -> Router {
        (self.open)(sessions, config)
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Door").field(&self.name).finish()
    }
}
