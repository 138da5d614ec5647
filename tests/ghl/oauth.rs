//! Logging in to GoHighLevel with the real program, and what the logins then do.

mod login;
mod operations;
mod processes;
mod renewal;
mod stage;
