//! `/calendars/…`: calendars and the slots they offer.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::get;
use common::clock::UnixMillis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::blocked;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::{Answer, CallOf, Params, json};
use crate::sandbox::slots::{Wanted, free};
use crate::sandbox::store::calendars::Calendar;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::wire::appointment::with_offset;
use crate::sandbox::wire::calendar::CalendarAnswer;

/// Longest range of one request: 31 days (specification of `GET /calendars/{calendarId}/free-slots`).
const RANGE_MS_MAX: i64 = 31 * 86_400_000;

const MINUTE_MS: i64 = 60_000;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/calendars/", get(list)).route("/calendars/{calendar_id}/free-slots", get(free_slots))
}

#[derive(Debug, Serialize)]
struct Many {
    calendars: Vec<CalendarAnswer>,
}

#[derive(Debug, Default, Serialize)]
struct Day {
    slots: Vec<String>,
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let calendars = store::calendars::list(&mut connection, location_id).await?;
    Ok(json(Many { calendars: calendars.into_iter().map(CalendarAnswer::from).collect() }))
}

/// A map keyed by date, both by the clock of the zone asked for. Days without a slot are left out.
async fn free_slots(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(calendar_id): Path<String>,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let (from_ms, to_ms) = range(&params)?;
    let shown_in = params.text("timezone").map(zone_named).transpose()?;
    let mut connection = store::read(sandbox.db()).await?;
    let (calendar, zone) = calendar_of(&mut connection, &call, &calendar_id).await?;
    // The last slot begins at the end of the range and lies behind it.
    let end_ms = to_ms + calendar.slot_minutes * MINUTE_MS;
    let busy = blocked::busy(&mut connection, &calendar, (from_ms, end_ms), None).await?;
    let wanted = Wanted { from_ms, to_ms, now_ms: sandbox.now_ms(), user_id: params.text("userId") };
    let shown_in = shown_in.as_ref().unwrap_or(&zone);
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    for start_ms in free(&calendar, &zone, wanted, &busy) {
        let date = shown_in.to_datetime(Timestamp::from_millisecond(start_ms).unwrap_or_default()).date();
        days.entry(date.to_string()).or_default().slots.push(with_offset(start_ms, shown_in));
    }
    Ok(json(days))
}

fn range(params: &Params) -> Result<(UnixMillis, UnixMillis), Refusal> {
    params.required("startDate")?;
    params.required("endDate")?;
    let from_ms: UnixMillis = params.number("startDate")?.unwrap_or_default();
    let to_ms: UnixMillis = params.number("endDate")?.unwrap_or_default();
    // The wording is ours: the specification only says that it is so.
    match to_ms.checked_sub(from_ms) {
        Some(0..=RANGE_MS_MAX) => Ok((from_ms, to_ms)),
        Some(_) | None => Err(Refusal::bad_request("Date range cannot be more than 31 days")),
    }
}

fn zone_named(name: &str) -> Result<TimeZone, Refusal> {
    TimeZone::get(name).map_err(|_| Refusal::unprocessable(vec!["timezone must be a valid timezone".to_owned()]))
}

/// A calendar that the token reaches, and the clock of its location.
pub(crate) async fn calendar_of(
    connection: &mut Connection,
    call: &Call,
    id: &str,
) -> Result<(Calendar, TimeZone), Refusal> {
    let calendar = store::calendars::find(&mut *connection, id).await?;
    let calendar = calendar.ok_or_else(|| Refusal::no_such("Calendar", id))?;
    call.grant.require_location(&calendar.location_id)?;
    let zone = zone_of(connection, &calendar.location_id).await?;
    Ok((calendar, zone))
}

/// The clock of a location.
pub(crate) async fn zone_of(connection: &mut Connection, location_id: &str) -> Result<TimeZone, Refusal> {
    let location = store::locations::find(connection, location_id).await?;
    Ok(location.and_then(|location| TimeZone::get(&location.timezone).ok()).unwrap_or(TimeZone::UTC))
}
