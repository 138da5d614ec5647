//! Pipelines, their stages, and why opportunities are lost.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Pipeline {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) position: i64,
}

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Stage {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) pipeline_id: String,
    pub(crate) name: String,
    pub(crate) position: i64,
    /// Percent, 0 to 100.
    pub(crate) win_probability: f64,
}

#[derive(Debug, Clone, FromRow)]
pub(crate) struct LostReason {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) added_at_ms: UnixMillis,
}

pub(crate) async fn list(connection: &mut Connection, location_id: &str) -> Result<Vec<Pipeline>> {
    sqlx::query_as("select location_id, id, name, position from pipelines where location_id = ? order by position")
        .bind(location_id)
        .fetch_all(connection)
        .await
        .map_err(failed)
}

/// The stages of all of a location's pipelines, in their order.
pub(crate) async fn list_stages(connection: &mut Connection, location_id: &str) -> Result<Vec<Stage>> {
    sqlx::query_as(
        "select location_id, id, pipeline_id, name, position, win_probability
        from stages
        where location_id = ?
        order by pipeline_id, position",
    )
    .bind(location_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn list_lost_reasons(connection: &mut Connection, location_id: &str) -> Result<Vec<LostReason>> {
    sqlx::query_as("select location_id, id, name, added_at_ms from lost_reasons where location_id = ? order by name")
        .bind(location_id)
        .fetch_all(connection)
        .await
        .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, pipeline: &Pipeline) -> Result<()> {
    sqlx::query("insert into pipelines (location_id, id, name, position) values (?, ?, ?, ?)")
        .bind(&pipeline.location_id)
        .bind(&pipeline.id)
        .bind(&pipeline.name)
        .bind(pipeline.position)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(crate) async fn insert_stage(connection: &mut Connection, stage: &Stage) -> Result<()> {
    sqlx::query(
        "insert into stages (location_id, id, pipeline_id, name, position, win_probability)
        values (?, ?, ?, ?, ?, ?)",
    )
    .bind(&stage.location_id)
    .bind(&stage.id)
    .bind(&stage.pipeline_id)
    .bind(&stage.name)
    .bind(stage.position)
    .bind(stage.win_probability)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn insert_lost_reason(connection: &mut Connection, reason: &LostReason) -> Result<()> {
    sqlx::query("insert into lost_reasons (location_id, id, name, added_at_ms) values (?, ?, ?, ?)")
        .bind(&reason.location_id)
        .bind(&reason.id)
        .bind(&reason.name)
        .bind(reason.added_at_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
