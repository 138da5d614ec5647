//! One server's endpoint on the port, with the narrower ones beside it.

use std::fmt;
use std::sync::Arc;

use axum::{Extension, Router};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::tool::{ALL_TOOLSETS, Surface};
use crate::transport::Handler;
use crate::transport::face::Face;
use crate::transport::legacy_sse::{self, Greet};

type Open = Box<dyn Fn(Arc<LocalSessionManager>, StreamableHttpServerConfig) -> Router + Send>;

/// A server that a port can open: `/mcp` shows all of it, `/mcp/readonly` what changes nothing, `/mcp/<toolset>` one toolset.
pub struct Door {
    pub(super) name: &'static str,
    pub(super) toolsets: Vec<&'static str>,
    open: Open,
    /// The same for clients of the oldest transport.
    pub(super) greet: Greet,
    /// The same for programs without MCP.
    pub(super) face: Option<Face>,
}

impl Door {
    /// The endpoint of a server.
    #[must_use]
    pub fn new(handler: Handler) -> Self {
        let (name, toolsets, face) = (handler.name(), handler.toolsets(), handler.face());
        Self { face: Some(face), ..Self::decorated(name, toolsets, move || handler.fresh()) }
    }

    /// The endpoint of whatever `make` makes, once for each session or stateless request: a conformance suite puts its
    /// fixtures beside the real server this way.
    #[must_use]
    pub fn decorated<H: ServerHandler>(
        name: &'static str,
        toolsets: Vec<&'static str>,
        make: impl Fn() -> H + Send + Sync + 'static,
    ) -> Self {
        let make = Arc::new(make);
        let greet = legacy_sse::greet({
            let make = Arc::clone(&make);
            move || make()
        });
        let parts = toolsets.clone();
        let open: Open = Box::new(move |sessions, config| {
            let service = StreamableHttpService::new(
                {
                    let make = Arc::clone(&make);
                    move || Ok(make())
                },
                sessions,
                config,
            );
            let narrowed = |path: &str, surface: Surface| {
                Router::new().route_service(path, service.clone()).layer(Extension(surface))
            };
            let mut routes =
                Router::new().route_service("/", service.clone()).merge(narrowed("/readonly", Surface::read_only()));
            routes = routes.merge(narrowed(&format!("/{ALL_TOOLSETS}"), Surface::whole()));
            for toolset in &parts {
                routes = routes.merge(narrowed(&format!("/{toolset}"), Surface::only(toolset)));
            }
            routes
        });
        Self { name, toolsets, open, greet, face: None }
    }

    pub(super) fn open(&self, sessions: Arc<LocalSessionManager>, config: StreamableHttpServerConfig) -> Router {
        (self.open)(sessions, config)
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Door").field(&self.name).finish()
    }
}
