//! What stands in calendars between two instants, and taking it away: appointments and blocked times are events.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{delete, get};
use common::clock::UnixMillis;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::blocked::KIND;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::appointments::appointment_of;
use crate::sandbox::routes::calendars::zone_of;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents;
use crate::sandbox::wire::appointment::EventAnswer;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/calendars/events", get(list)).route("/calendars/events/{id}", delete(remove))
}

/// Which events are asked for.
pub(crate) struct Window {
    pub(crate) location_id: String,
    user_id: Option<String>,
    calendar_id: Option<String>,
    from_ms: UnixMillis,
    to_ms: UnixMillis,
}

impl Window {
    pub(crate) fn read(params: &Params, call: &Call) -> Result<Self, Refusal> {
        let location_id = params.location(call)?.to_owned();
        params.required("startTime")?;
        params.required("endTime")?;
        let text = |name: &str| params.text(name).map(str::to_owned);
        if ["userId", "calendarId", "groupId"].iter().all(|name| params.text(name).is_none()) {
            // The specification says so of each of them; the wording is ours.
            return Err(Refusal::unprocessable(vec!["Either of userId, calendarId or groupId is required".to_owned()]));
        }
        Ok(Self {
            location_id,
            user_id: text("userId"),
            calendar_id: text("calendarId"),
            from_ms: params.number("startTime")?.unwrap_or_default(),
            to_ms: params.number("endTime")?.unwrap_or_default(),
        })
    }

    /// Whether something that begins then is meant.
    pub(crate) fn holds(&self, starts_at_ms: UnixMillis) -> bool {
        (self.from_ms..=self.to_ms).contains(&starts_at_ms)
    }

    /// Whether something of this calendar and user is. The emulator has no groups: one holds nothing.
    pub(crate) fn means(&self, calendar_id: Option<&str>, user_id: Option<&str>) -> bool {
        let is = |wanted: Option<&str>, held: Option<&str>| wanted.is_none() || wanted == held;
        (self.calendar_id.is_some() || self.user_id.is_some())
            && is(self.calendar_id.as_deref(), calendar_id)
            && is(self.user_id.as_deref(), user_id)
    }
}

#[derive(Debug, Serialize)]
struct Many {
    events: Vec<EventAnswer>,
}

async fn list(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
) -> Answer {
    let params = Params::of(query);
    let window = Window::read(&params, &call)?;
    let mut connection = store::read(sandbox.db()).await?;
    let zone = zone_of(&mut connection, &window.location_id).await?;
    let (from_ms, to_ms) = (window.from_ms, window.to_ms);
    let found = store::appointments::beginning_between(&mut connection, &window.location_id, from_ms, to_ms).await?;
    let meant = found.into_iter().filter(|event| window.means(Some(&event.calendar_id), event.user_id.as_deref()));
    Ok(json(Many { events: meant.map(|event| EventAnswer::shown(event, &zone)).collect() }))
}

#[derive(Debug, Serialize)]
struct Removed {
    succeeded: bool,
}

/// The specification lists 201 for it, and requires a body that holds nothing.
async fn remove(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    Body::parse(&bytes)?.finish()?;
    let mut tx = sandbox.begin().await?;
    if documents::find(&mut tx, KIND.name, &id).await?.is_some() {
        let blocked = KIND.of(&mut tx, &call, &id).await?;
        documents::delete(&mut tx, &blocked.location_id, KIND.name, &blocked.id).await?;
    } else {
        let appointment = appointment_of(&mut tx, &call, &id).await?;
        store::appointments::delete(&mut tx, &appointment.location_id, &appointment.id).await?;
    }
    store::commit(tx).await?;
    Ok(created(Removed { succeeded: true }))
}
