//! The emulator's tables. Everything SQL is in here; the rest of the emulator sees structs and a [`Connection`].
//!
//! Always SQLite: search reaches into JSON documents with its functions.

pub(crate) mod appointments;
pub(crate) mod calendars;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod custom_fields;
pub(crate) mod documents;
pub(crate) mod locations;
pub(crate) mod messages;
pub(crate) mod notes;
pub(crate) mod opportunities;
pub(crate) mod past;
pub(crate) mod pipelines;
pub(crate) mod search;
pub(crate) mod tags;
pub(crate) mod tasks;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod webhooks;

use common::db::{Db, Tx};
use common::error::{Error, ErrorCode, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};

/// What a store function works on: a connection for reading, or a change in progress.
pub(crate) type Connection = AnyConnection;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sandbox");

/// Brings the emulator's tables up to date, in a migrations table of its own.
pub(crate) async fn migrate(db: &Db) -> Result<()> {
    db.migrate(&MIGRATIONS, "sandbox_migrations").await
}

/// A connection for queries that change nothing.
pub(crate) async fn read(db: &Db) -> Result<PoolConnection<Any>> {
    db.read().await?.acquire().await.map_err(failed)
}

pub(crate) async fn commit(tx: Tx) -> Result<()> {
    tx.commit().await.map_err(failed)
}

fn failed(source: sqlx::Error) -> Error {
    Error::new(ErrorCode::Internal, "the emulator's database refused a statement").with_source(source)
}

/// A JSON document in a text column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Document<T>(pub(crate) T);

impl<T: DeserializeOwned> TryFrom<String> for Document<T> {
    type Error = serde_json::Error;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl<T: Serialize> Document<T> {
    fn text(&self) -> Result<String> {
        serde_json::to_string(&self.0).map_err(|source| Error::internal("a document could not be written", source))
    }
}
