//! Blocked times: listed, made and changed. They are taken away as events are.

use std::collections::HashMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::routing::{get, post, put};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::blocked::{Blocked, KIND};
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::appointments::instant;
use crate::sandbox::routes::calendars::{calendar_of, zone_of};
use crate::sandbox::routes::events::Window;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::appointment::{BlockedAnswer, EventAnswer};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/calendars/blocked-slots", get(list))
        .route("/calendars/events/block-slots", post(create))
        .route("/calendars/events/block-slots/{id}", put(update))
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
    let mut events = Vec::new();
    for record in documents::list(&mut connection, &window.location_id, KIND.name).await? {
        let Some(blocked) = Blocked::of(&record) else { continue };
        if window.holds(blocked.starts_at_ms)
            && window.means(blocked.calendar_id.as_deref(), blocked.user_id.as_deref())
        {
            events.push((blocked.starts_at_ms, EventAnswer::blocked(&record, blocked, &zone)));
        }
    }
    events.sort_by_key(|(starts_at_ms, _)| *starts_at_ms);
    Ok(json(Many { events: events.into_iter().map(|(_, event)| event).collect() }))
}

/// What a body says; absent times stay.
struct Wanted {
    location_id: String,
    calendar_id: Option<String>,
    user_id: Option<String>,
    title: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

impl Wanted {
    /// The specification requires `calendarId` and says beside it that either it or `assignedUserId` is set, not both:
    /// the words are followed, as users have found them true (highlevel-api-docs issue 23).
    fn read(body: &mut Body) -> Self {
        let (calendar_id, user_id) = (body.text("calendarId"), body.text("assignedUserId"));
        if calendar_id.is_some() == user_id.is_some() {
            body.fault("calendarId", "or assignedUserId must be set, not both");
        }
        Self {
            location_id: body.required_text("locationId"),
            calendar_id,
            user_id,
            title: body.text("title"),
            start: body.text("startTime"),
            end: body.text("endTime"),
        }
    }

    async fn require_known(&self, connection: &mut Connection, call: &Call) -> Result<TimeZone, Refusal> {
        call.grant.require_location(&self.location_id)?;
        if let Some(id) = &self.calendar_id {
            calendar_of(&mut *connection, call, id).await?;
        }
        if let Some(id) = &self.user_id {
            let users = store::users::list(&mut *connection, call.grant.company_id()).await?;
            let is_here = |user: &store::users::User| user.id == *id && user.location_ids.0.contains(&self.location_id);
            users.iter().find(|user| is_here(user)).ok_or_else(|| Refusal::no_such("User", id))?;
        }
        zone_of(connection, &self.location_id).await
    }

    /// What becomes of `before`, which a new one has none of.
    fn over(self, before: Option<&Blocked>, zone: &TimeZone) -> Result<Blocked, Refusal> {
        let time = |text: Option<&str>, old: Option<i64>, field: &str| match (text, old) {
            (Some(text), _) => instant(text, zone, field),
            (None, Some(old)) => Ok(old),
            (None, None) => Err(Refusal::unprocessable(vec![format!("{field} must be a valid ISO 8601 date string")])),
        };
        let starts_at_ms = time(self.start.as_deref(), before.map(|before| before.starts_at_ms), "startTime")?;
        let ends_at_ms = time(self.end.as_deref(), before.map(|before| before.ends_at_ms), "endTime")?;
        if ends_at_ms <= starts_at_ms {
            // The wording is ours: what the vendor says is not documented.
            return Err(Refusal::bad_request("endTime must be after startTime"));
        }
        let old_title = before.map(|before| before.title.clone()).unwrap_or_default();
        let title = self.title.unwrap_or(old_title);
        Ok(Blocked { title, calendar_id: self.calendar_id, user_id: self.user_id, starts_at_ms, ends_at_ms })
    }
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let wanted = Wanted::read(&mut body);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let zone = wanted.require_known(&mut tx, &call).await?;
    let location_id = wanted.location_id.clone();
    let blocked = wanted.over(None, &zone)?;
    let record = KIND.fresh(&sandbox, &location_id, blocked.fields());
    save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(created(BlockedAnswer::new(record, blocked, &zone)))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let wanted = Wanted::read(&mut body);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let before = KIND.of(&mut tx, &call, &id).await?;
    let zone = wanted.require_known(&mut tx, &call).await?;
    let blocked = wanted.over(Blocked::of(&before).as_ref(), &zone)?;
    let record = Record { body: Document(blocked.fields()), updated_at_ms: sandbox.now_ms(), ..before };
    save(&mut tx, &record).await?;
    store::commit(tx).await?;
    Ok(created(BlockedAnswer::new(record, blocked, &zone)))
}

async fn save(connection: &mut Connection, record: &Record) -> Result<(), Refusal> {
    Ok(documents::save(connection, record).await?)
}
