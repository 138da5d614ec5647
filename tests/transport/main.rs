//! The doors of the built program: stdio, which the official suite does not judge, and the checks before MCP over HTTP.

mod abandoned;
mod cancellation;
mod door;
mod eras;
mod framing;
mod programs;
mod secrets_command;
mod shutdown;
mod subscriptions;
