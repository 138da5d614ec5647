//! The tables of this server itself: all of its SQL, but for the emulator's.

pub(crate) mod journal;

use common::db::Migrations;
use sqlx::migrate::Migrator;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// What has to be there before anything is kept.
pub(crate) const MIGRATIONS: Migrations = Migrations { table: "ghl_migrations", migrator: &MIGRATOR };
