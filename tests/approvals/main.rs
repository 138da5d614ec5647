//! Saying yes first: what happens to a call of each access class, in each mode, at each door, and to everybody who tries
//! to get round it.

#![cfg(test)]

mod caps;
mod classes;
mod cli;
mod door;
mod fit;
mod inbox;
mod matrix;
mod person;
mod rest;
mod sse;
mod stage;
mod state;
mod stop;
mod tools;
mod trail;
