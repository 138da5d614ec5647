//! The tags a location knows; contacts carry them by name.

use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::ids;
use crate::sandbox::store::{Connection, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Tag {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
}

pub(crate) async fn list(connection: &mut Connection, location_id: &str) -> Result<Vec<Tag>> {
    sqlx::query_as("select location_id, id, name from tags where location_id = ? order by name")
        .bind(location_id)
        .fetch_all(connection)
        .await
        .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, location_id: &str, id: &str) -> Result<Option<Tag>> {
    sqlx::query_as("select location_id, id, name from tags where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(failed)
}

pub(crate) async fn find_by_name(connection: &mut Connection, location_id: &str, name: &str) -> Result<Option<Tag>> {
    sqlx::query_as("select location_id, id, name from tags where location_id = ? and name = ?")
        .bind(location_id)
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, tag: &Tag) -> Result<()> {
    sqlx::query("insert into tags (location_id, id, name) values (?, ?, ?) on conflict (location_id, name) do nothing")
        .bind(&tag.location_id)
        .bind(&tag.id)
        .bind(&tag.name)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Makes every name known to the location, as the vendor does when a contact is given an unknown tag.
pub(crate) async fn ensure(connection: &mut Connection, location_id: &str, names: &[String]) -> Result<()> {
    for name in names {
        let tag = Tag { location_id: location_id.to_owned(), id: ids::fresh(), name: name.clone() };
        insert(&mut *connection, &tag).await?;
    }
    Ok(())
}

pub(crate) async fn rename(connection: &mut Connection, tag: &Tag) -> Result<()> {
    sqlx::query("update tags set name = ? where location_id = ? and id = ?")
        .bind(&tag.name)
        .bind(&tag.location_id)
        .bind(&tag.id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from tags where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
