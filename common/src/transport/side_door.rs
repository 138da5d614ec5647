//! Routes of a server's own beside MCP: what vendors call, which bring a signature in place of a token.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;

/// What servers answer beside MCP. Cheap to clone; all clones share one list.
#[derive(Clone, Default)]
pub struct SideDoors {
    routers: Arc<Mutex<Vec<Router>>>,
}

impl SideDoors {
    /// Adds routes that are open to everybody: they find out by themselves who calls, and bound what they read. Their
    /// paths must be nobody else's.
    pub fn add(&self, router: Router) {
        self.routers.lock().unwrap_or_else(PoisonError::into_inner).push(router);
    }

    /// All of them in one.
    pub(super) fn router(&self) -> Router {
        let routers = self.routers.lock().unwrap_or_else(PoisonError::into_inner);
        routers.iter().cloned().fold(Router::new(), Router::merge)
    }
}

impl fmt::Debug for SideDoors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routers = self.routers.lock().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_struct("SideDoors").field("routers", &routers.len()).finish()
    }
}
