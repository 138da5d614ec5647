//! The doors: stdio and streamable HTTP. Everything behind them is the same.

mod approvals_inbox;
mod handler;
mod line_limit;
pub mod stdio;
pub mod streamable_http;

pub use handler::Handler;
