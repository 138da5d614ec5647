//! The official MCP conformance suite against our servers, for both revisions that it scores.
//!
//! The suite asks for tools, prompts and resources of its own by name. [`decorated::Decorated`] puts them beside the
//! real server's, so that every other line of the way, from the socket to the answer, is the real server's.

mod decorated;
mod fixtures;
mod host;
mod suite;

use common::bootstrap::ServerEntry;
use host::Host;

async fn conforms(entry: &ServerEntry, revision: &str) {
    let host = Host::serve(entry).await;
    suite::check(&host, entry.name, revision).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ghl_conforms_to_2025_11_25() {
    conforms(&mcp_ghl::SERVER, "2025-11-25").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ghl_conforms_to_2026_07_28() {
    conforms(&mcp_ghl::SERVER, "2026-07-28").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orchestrator_conforms_to_2025_11_25() {
    conforms(&mcp_orchestrator::SERVER, "2025-11-25").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orchestrator_conforms_to_2026_07_28() {
    conforms(&mcp_orchestrator::SERVER, "2026-07-28").await;
}

#[tokio::test]
#[should_panic(expected = "the server is not healthy")]
async fn dead_server_is_not_judged() {
    let mut host = Host::serve(&mcp_ghl::SERVER).await;
    host.stop().await;
    suite::check(&host, "ghl", "2026-07-28").await;
}
