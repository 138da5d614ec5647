//! What holds of everything stored, on SQLite and on PostgreSQL.

mod audit;
mod database;
mod tampering;
