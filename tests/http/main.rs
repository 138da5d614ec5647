//! The outbound stack against a server that misbehaves on cue, layer by layer and then all at once.

#![cfg(test)]

mod any_seed;
mod cache;
mod circuit_breaker;
mod egress;
mod rate_limit;
mod retry;
mod send;
mod stage;
mod timeout;
