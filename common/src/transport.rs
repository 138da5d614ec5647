//! The doors: stdio and streamable HTTP. Everything behind them is the same.

mod approvals_inbox;
mod body;
mod face;
mod handler;
pub mod in_process;
mod legacy_sse;
mod line_limit;
mod openapi;
mod refusal;
mod rest;
mod side_door;
pub mod stdio;
pub mod streamable_http;

pub use handler::Handler;
pub use side_door::SideDoors;
