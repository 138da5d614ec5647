//! Calendars and their open hours.

use common::error::Result;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Calendar {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) description: String,
    pub(crate) position: i64,
    /// How long an appointment takes.
    pub(crate) slot_minutes: i64,
    /// From one offered start to the next.
    pub(crate) interval_minutes: i64,
    /// How many days ahead can be booked.
    pub(crate) booking_days: i64,
    #[sqlx(try_from = "String")]
    pub(crate) open_hours: Document<Vec<OpenHours>>,
    /// The users who can be booked, in the order in which they are.
    #[sqlx(try_from = "String")]
    pub(crate) team: Document<Vec<String>>,
}

/// When a calendar is open, by the wall clock of its location.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenHours {
    /// 0 is Sunday.
    pub(crate) days: Vec<i8>,
    /// Minutes since midnight.
    pub(crate) opens: i64,
    /// Minutes since midnight.
    pub(crate) closes: i64,
}

/// A location's calendars in their order. A handful: there is no operation that adds one.
pub(crate) async fn list(connection: &mut Connection, location_id: &str) -> Result<Vec<Calendar>> {
    sqlx::query_as(
        "select location_id, id, name, slug, description, position, slot_minutes, interval_minutes, booking_days,
            open_hours, team
        from calendars
        where location_id = ?
        order by position",
    )
    .bind(location_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Calendar>> {
    sqlx::query_as(
        "select location_id, id, name, slug, description, position, slot_minutes, interval_minutes, booking_days,
            open_hours, team
        from calendars
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, calendar: &Calendar) -> Result<()> {
    sqlx::query(
        "insert into calendars (
            location_id, id, name, slug, description, position, slot_minutes, interval_minutes, booking_days,
            open_hours, team
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&calendar.location_id)
    .bind(&calendar.id)
    .bind(&calendar.name)
    .bind(&calendar.slug)
    .bind(&calendar.description)
    .bind(calendar.position)
    .bind(calendar.slot_minutes)
    .bind(calendar.interval_minutes)
    .bind(calendar.booking_days)
    .bind(calendar.open_hours.text()?)
    .bind(calendar.team.text()?)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
