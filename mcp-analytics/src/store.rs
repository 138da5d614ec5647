//! The tables of this server: all of its SQL.

pub(crate) mod datasets;
pub(crate) mod features;
pub(crate) mod loads;
pub(crate) mod people;
pub(crate) mod records;
pub(crate) mod results;
pub(crate) mod sweeping;

use common::db::Migrations;
use sqlx::migrate::Migrator;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// What has to be there before anything is kept.
pub(crate) const MIGRATIONS: Migrations = Migrations { table: "analytics_migrations", migrator: &MIGRATOR };
