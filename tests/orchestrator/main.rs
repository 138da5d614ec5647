//! The orchestrator from the outside: events, workflows and runs, on both databases.

mod booking;
mod engine;
mod failures;
mod inbox;
mod inbox_callbacks;
mod inbox_emulator;
mod inbox_fsync;
mod inbox_routing;
mod inbox_signed;
mod inbox_slow;
mod inbox_start;
mod inbox_storm;
mod inbox_tools;
mod over_http;
mod reconciliation;
mod reconciliation_emulator;
mod schedules;
mod storm;
mod tools;

pub(crate) use engine::flow;

#[test]
fn the_server_is_called_orchestrator() {
    assert_eq!(mcp_orchestrator::SERVER.name, "orchestrator");
}
