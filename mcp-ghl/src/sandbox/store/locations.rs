//! The agency's sub-accounts.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) company_id: String,
    /// Ends the demo token: `pit-demo-<slug>`.
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) country: String,
    pub(crate) postal_code: String,
    pub(crate) website: String,
    pub(crate) timezone: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    /// 0 or 1.
    pub(crate) allows_duplicate_contact: i64,
    /// 0 or 1.
    pub(crate) allows_duplicate_opportunity: i64,
    pub(crate) added_at_ms: UnixMillis,
}

/// All of the agency's locations by name. A handful: there is no operation that adds one.
pub(crate) async fn list(connection: &mut Connection, company_id: &str) -> Result<Vec<Location>> {
    sqlx::query_as(
        "select id, company_id, slug, name, address, city, state, country, postal_code, website, timezone, email,
            phone, allows_duplicate_contact, allows_duplicate_opportunity, added_at_ms
        from locations
        where company_id = ?
        order by name",
    )
    .bind(company_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Location>> {
    sqlx::query_as(
        "select id, company_id, slug, name, address, city, state, country, postal_code, website, timezone, email,
            phone, allows_duplicate_contact, allows_duplicate_opportunity, added_at_ms
        from locations
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn exist(connection: &mut Connection) -> Result<bool> {
    let count: i64 =
        sqlx::query_scalar("select count(*) from locations").fetch_one(connection).await.map_err(failed)?;
    Ok(count > 0)
}

pub(crate) async fn insert(connection: &mut Connection, location: &Location) -> Result<()> {
    sqlx::query(
        "insert into locations (
            id, company_id, slug, name, address, city, state, country, postal_code, website, timezone, email, phone,
            allows_duplicate_contact, allows_duplicate_opportunity, added_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&location.id)
    .bind(&location.company_id)
    .bind(&location.slug)
    .bind(&location.name)
    .bind(&location.address)
    .bind(&location.city)
    .bind(&location.state)
    .bind(&location.country)
    .bind(&location.postal_code)
    .bind(&location.website)
    .bind(&location.timezone)
    .bind(&location.email)
    .bind(&location.phone)
    .bind(location.allows_duplicate_contact)
    .bind(location.allows_duplicate_opportunity)
    .bind(location.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Removes everything, so that seeding begins anew.
pub(crate) async fn delete_all(connection: &mut Connection) -> Result<()> {
    for statement in [
        "delete from opportunities",
        "delete from notes",
        "delete from contacts",
        "delete from users",
        "delete from oauth_refresh_tokens",
        "delete from oauth_codes",
        "delete from tokens",
        "delete from locations",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}
