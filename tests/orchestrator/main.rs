//! The orchestrator from the outside: events, workflows and runs, on both databases.

#[test]
fn the_server_is_called_orchestrator() {
    assert_eq!(mcp_orchestrator::SERVER.name, "orchestrator");
}
