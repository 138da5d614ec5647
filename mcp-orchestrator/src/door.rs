//! What is answered beside MCP: webhooks of vendors, which are signed, and programs that start workflows with a token.

mod answer;
mod start;
mod webhooks;

pub use start::{StartDoor, routes as start_routes};
pub(crate) use webhooks::{WebhookDoor, routes as webhook_routes};
