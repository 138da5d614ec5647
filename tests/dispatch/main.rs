//! The path that every call takes, walked with tools made for it: what is let through, what is recorded, what comes back.

#![cfg(test)]

mod answers;
mod arguments;
mod bench;
mod bounds;
mod idempotency;
mod permission;
mod trail;
