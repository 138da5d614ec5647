//! Routes of a server's own beside MCP: what vendors call, which bring a signature in place of a token, and what programs
//! call that speak no MCP.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;

/// What servers answer beside MCP. Cheap to clone; all clones share one list.
#[derive(Clone, Default)]
pub struct SideDoors {
    open: Arc<Mutex<Vec<Router>>>,
    gated: Arc<Mutex<Vec<Router>>>,
}

impl SideDoors {
    /// Adds routes that are open to everybody: they find out by themselves who calls, and bound what they read. Their
    /// paths must be nobody else's.
    pub fn add(&self, router: Router) {
        lock(&self.open).push(router);
    }

    /// Adds routes behind the gate of the port: host, origin, token and budget are checked, and each request has its
    /// [`crate::auth::Caller`] as an extension. They bound what they read.
    pub fn add_gated(&self, router: Router) {
        lock(&self.gated).push(router);
    }

    /// All open ones in one.
    pub(super) fn open(&self) -> Router {
        merged(&self.open)
    }

    /// All gated ones in one, still without the gate.
    pub(super) fn gated(&self) -> Router {
        merged(&self.gated)
    }
}

type Routers = Mutex<Vec<Router>>;

fn lock(routers: &Routers) -> MutexGuard<'_, Vec<Router>> {
    routers.lock().unwrap_or_else(PoisonError::into_inner)
}

fn merged(routers: &Routers) -> Router {
    lock(routers).iter().cloned().fold(Router::new(), Router::merge)
}

impl fmt::Debug for SideDoors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, gated) = (lock(&self.open).len(), lock(&self.gated).len());
        formatter.debug_struct("SideDoors").field("open", &open).field("gated", &gated).finish()
    }
}
