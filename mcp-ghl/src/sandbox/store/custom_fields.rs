//! The custom fields a location defines; records hold their values by field id.

use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct CustomField {
    pub(crate) location_id: String,
    pub(crate) id: String,
    /// `contact` or `opportunity`.
    pub(crate) model: String,
    pub(crate) name: String,
    /// `contact.lead_score`
    pub(crate) field_key: String,
    /// `TEXT`, `NUMERICAL`, `SINGLE_OPTIONS`, …
    pub(crate) data_type: String,
    pub(crate) placeholder: String,
    pub(crate) position: i64,
    #[sqlx(try_from = "String")]
    pub(crate) options: Document<Vec<String>>,
}

/// A location's fields in their order, of all models.
pub(crate) async fn list(connection: &mut Connection, location_id: &str) -> Result<Vec<CustomField>> {
    sqlx::query_as(
        "select location_id, id, model, name, field_key, data_type, placeholder, position, options
        from custom_fields
        where location_id = ?
        order by position, id",
    )
    .bind(location_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, field: &CustomField) -> Result<()> {
    sqlx::query(
        "insert into custom_fields (
            location_id, id, model, name, field_key, data_type, placeholder, position, options
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&field.location_id)
    .bind(&field.id)
    .bind(&field.model)
    .bind(&field.name)
    .bind(&field.field_key)
    .bind(&field.data_type)
    .bind(&field.placeholder)
    .bind(field.position)
    .bind(field.options.text()?)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// The field of an id, if the location has it.
pub(crate) async fn find(connection: &mut Connection, location_id: &str, id: &str) -> Result<Option<CustomField>> {
    Ok(list(connection, location_id).await?.into_iter().find(|field| field.id == id))
}

/// Writes what may change of a field.
pub(crate) async fn update(connection: &mut Connection, field: &CustomField) -> Result<()> {
    sqlx::query(
        "update custom_fields
        set name = ?, placeholder = ?, position = ?, options = ?
        where location_id = ? and id = ?",
    )
    .bind(&field.name)
    .bind(&field.placeholder)
    .bind(field.position)
    .bind(field.options.text()?)
    .bind(&field.location_id)
    .bind(&field.id)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from custom_fields where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
