//! What holds of everything stored, on SQLite and on PostgreSQL.

mod audit;
mod backup;
mod database;
mod retention;
mod tampering;
