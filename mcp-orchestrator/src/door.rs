//! What is answered beside MCP: webhooks of vendors, which are signed, and programs that start workflows, with a token
//! or a signature.

mod answer;
mod body;
mod signed;
mod start;
mod webhooks;

pub(crate) use signed::{SignedDoor, routes as signed_routes};
pub use start::{StartDoor, routes as start_routes};
pub(crate) use webhooks::{WebhookDoor, routes as webhook_routes};
