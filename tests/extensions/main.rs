//! The two extensions of the protocol that the product serves: tasks (SEP-2663) and skills (SEP-2640).
//! The official suite judges their form (`conformance`); here is what it cannot see: whose a task is, what survives.

#![cfg(test)]

mod bounds;
mod client;
mod ownership;
mod restarts;
mod skills;
mod stage;
mod two_databases;
