//! The methods of mcp-analytics, held against published and reference answers on whole data sets.

mod bad_input;
mod cdnow;
mod classification;
mod data;
mod determinism;
mod lifetime_value;
