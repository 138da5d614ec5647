//! What holds of everything stored, on SQLite and on PostgreSQL.

mod audit;
mod backup;
mod changes;
mod database;
mod retention;
mod secret_keys;
mod secret_rotation;
mod secrets;
mod tampering;
