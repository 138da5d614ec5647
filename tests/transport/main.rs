//! The doors of the built program: stdio, which the official suite does not judge, and the checks before MCP over HTTP.

mod abandoned;
mod aliases;
mod cancellation;
mod door;
mod eras;
mod framing;
mod legacy_memory;
mod legacy_sse;
mod openapi;
mod products;
mod programs;
mod rest;
mod secrets_command;
mod shutdown;
mod subscriptions;
