//! The door for programs of this very process: messages over a pipe in memory, each with the caller that it is sent for.

use rmcp::RoleServer;
use rmcp::service::serve_server_with_ct;
use tokio_util::sync::CancellationToken;

use crate::peer::Pipe;
use crate::transport::Handler;

/// Serves one end of a pipe until it closes or `stopping` fires.
pub async fn serve(handler: Handler, end: Pipe<RoleServer>, stopping: CancellationToken) {
    let handler = handler.within_process();
    match Box::pin(serve_server_with_ct(handler, end, stopping)).await {
        Ok(running) => drop(running.waiting().await),
        Err(error) => tracing::debug!("a pipe within the process was never spoken through: {error}"),
    }
}
