//! The agency's people.

use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct User {
    pub(crate) company_id: String,
    pub(crate) id: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    /// `agency` or `account`.
    pub(crate) kind: String,
    /// `admin` or `user`.
    pub(crate) role: String,
    #[sqlx(try_from = "String")]
    pub(crate) location_ids: Document<Vec<String>>,
}

/// All of the agency's users. A few dozen at most: there is no operation that adds one.
pub(crate) async fn list(connection: &mut Connection, company_id: &str) -> Result<Vec<User>> {
    sqlx::query_as(
        "select company_id, id, first_name, last_name, email, phone, kind, role, location_ids
        from users
        where company_id = ?
        order by first_name, last_name, id",
    )
    .bind(company_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, user: &User) -> Result<()> {
    sqlx::query(
        "insert into users (company_id, id, first_name, last_name, email, phone, kind, role, location_ids)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&user.company_id)
    .bind(&user.id)
    .bind(&user.first_name)
    .bind(&user.last_name)
    .bind(&user.email)
    .bind(&user.phone)
    .bind(&user.kind)
    .bind(&user.role)
    .bind(user.location_ids.text()?)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
