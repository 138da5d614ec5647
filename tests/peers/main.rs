//! Other servers as sources of tools: those of this process, one that others wrote, and those that misbehave.

#![cfg(test)]

mod broken;
mod companions;
mod everything;
mod notes;
mod stage;
mod suite;
mod uplink;
