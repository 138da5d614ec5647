//! Appointments and their notes.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Appointment {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) calendar_id: String,
    pub(crate) contact_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) address: Option<String>,
    pub(crate) starts_at_ms: UnixMillis,
    pub(crate) ends_at_ms: UnixMillis,
    pub(crate) added_at_ms: UnixMillis,
}

/// A note on an appointment.
#[derive(Debug, Clone)]
pub(crate) struct AppointmentNote {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) appointment_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) body: String,
    pub(crate) added_at_ms: UnixMillis,
}

/// A contact's appointments, by start.
pub(crate) async fn of_contact(
    connection: &mut Connection,
    location_id: &str,
    contact_id: &str,
) -> Result<Vec<Appointment>> {
    sqlx::query_as(
        "select location_id, id, calendar_id, contact_id, user_id, title, status, address, starts_at_ms, ends_at_ms,
            added_at_ms
        from appointments
        where location_id = ? and contact_id = ?
        order by starts_at_ms, id",
    )
    .bind(location_id)
    .bind(contact_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// What keeps people of a location busy between two instants.
pub(crate) async fn between(
    connection: &mut Connection,
    location_id: &str,
    from_ms: UnixMillis,
    to_ms: UnixMillis,
) -> Result<Vec<Appointment>> {
    sqlx::query_as(
        "select location_id, id, calendar_id, contact_id, user_id, title, status, address, starts_at_ms, ends_at_ms,
            added_at_ms
        from appointments
        where location_id = ? and starts_at_ms < ? and ends_at_ms > ? and status not in ('cancelled', 'invalid')
        order by starts_at_ms, id",
    )
    .bind(location_id)
    .bind(to_ms)
    .bind(from_ms)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// A location's appointments that begin between two instants, whatever became of them, by start.
pub(crate) async fn beginning_between(
    connection: &mut Connection,
    location_id: &str,
    from_ms: UnixMillis,
    to_ms: UnixMillis,
) -> Result<Vec<Appointment>> {
    sqlx::query_as(
        "select location_id, id, calendar_id, contact_id, user_id, title, status, address, starts_at_ms, ends_at_ms,
            added_at_ms
        from appointments
        where location_id = ? and starts_at_ms >= ? and starts_at_ms <= ?
        order by starts_at_ms, id",
    )
    .bind(location_id)
    .bind(from_ms)
    .bind(to_ms)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Appointment>> {
    sqlx::query_as(
        "select location_id, id, calendar_id, contact_id, user_id, title, status, address, starts_at_ms, ends_at_ms,
            added_at_ms
        from appointments
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, appointment: &Appointment) -> Result<()> {
    sqlx::query(
        "insert into appointments (
            location_id, id, calendar_id, contact_id, user_id, title, status, address, starts_at_ms, ends_at_ms,
            added_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&appointment.location_id)
    .bind(&appointment.id)
    .bind(&appointment.calendar_id)
    .bind(&appointment.contact_id)
    .bind(&appointment.user_id)
    .bind(&appointment.title)
    .bind(&appointment.status)
    .bind(&appointment.address)
    .bind(appointment.starts_at_ms)
    .bind(appointment.ends_at_ms)
    .bind(appointment.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Writes what can change of an appointment.
pub(crate) async fn update(connection: &mut Connection, appointment: &Appointment) -> Result<()> {
    sqlx::query(
        "update appointments
        set calendar_id = ?, user_id = ?, title = ?, status = ?, address = ?, starts_at_ms = ?, ends_at_ms = ?
        where location_id = ? and id = ?",
    )
    .bind(&appointment.calendar_id)
    .bind(&appointment.user_id)
    .bind(&appointment.title)
    .bind(&appointment.status)
    .bind(&appointment.address)
    .bind(appointment.starts_at_ms)
    .bind(appointment.ends_at_ms)
    .bind(&appointment.location_id)
    .bind(&appointment.id)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Takes an appointment away, its notes with it.
pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from appointments where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// The latest note on an appointment, which the contact's list shows.
pub(crate) async fn latest_note(
    connection: &mut Connection,
    location_id: &str,
    appointment_id: &str,
) -> Result<Option<String>> {
    sqlx::query_scalar(
        "select body
        from appointment_notes
        where location_id = ? and appointment_id = ?
        order by added_at_ms desc, id
        limit 1",
    )
    .bind(location_id)
    .bind(appointment_id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert_note(connection: &mut Connection, note: &AppointmentNote) -> Result<()> {
    sqlx::query(
        "insert into appointment_notes (location_id, id, appointment_id, user_id, body, added_at_ms)
        values (?, ?, ?, ?, ?, ?)",
    )
    .bind(&note.location_id)
    .bind(&note.id)
    .bind(&note.appointment_id)
    .bind(&note.user_id)
    .bind(&note.body)
    .bind(note.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
