//! The methods of mcp-analytics: arithmetic on columns of numbers, and nothing else.
//!
//! No database, no protocol, no clock: each function gives the same bytes for the same input, seed and version, whatever the
//! number of threads. Each module names the paper or the definition that it follows, and its tests hold it against the
//! reference implementation.

#![expect(clippy::inline_always, reason = "what takes a `Simd` has its instructions only where it is inlined")]

#[cfg(test)]
mod any_input;
pub mod classification;
pub mod clustering;
mod convert;
pub mod fault;
mod lanes;
pub mod lifetime_value;
pub mod matrix;
pub mod optimisation;
pub mod random;
#[cfg(test)]
mod samples;
pub mod scaling;
pub mod validation;
