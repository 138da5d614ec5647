//! The tables of this server: all of its SQL.

pub(crate) mod callbacks;
pub(crate) mod events;
pub(crate) mod failures;
pub(crate) mod inputs;
pub(crate) mod json;
pub(crate) mod reconciliations;
mod run_key;
pub(crate) mod runs;
pub(crate) mod schedules;
pub(crate) mod steps;
pub(crate) mod tags;
mod ten_ids;
pub(crate) mod traces;
pub(crate) mod unseen;
pub(crate) mod waits;
pub(crate) mod workers;
pub(crate) mod workflows;

use common::db::Migrations;
use sqlx::migrate::Migrator;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// What has to be there before anything is kept.
pub(crate) const MIGRATIONS: Migrations = Migrations { table: "orchestrator_migrations", migrator: &MIGRATOR };
