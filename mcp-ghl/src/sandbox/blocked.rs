//! Times in which nobody, or one person, can be booked. Kept as documents, in the vendor's form.

use common::clock::UnixMillis;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::sandbox::documents::Kind;
use crate::sandbox::errors::Refusal;
use crate::sandbox::slots::Busy;
use crate::sandbox::store::calendars::Calendar;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{self, Connection, Document};

pub(crate) const KIND: Kind = Kind { name: "blocked_slot", noun: "Event" };

/// A blocked time: of a calendar, or of a user in all calendars.
#[derive(Debug, Clone)]
pub(crate) struct Blocked {
    pub(crate) title: String,
    pub(crate) calendar_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) starts_at_ms: UnixMillis,
    pub(crate) ends_at_ms: UnixMillis,
}

impl Blocked {
    /// `None` for a record without its times.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let instant = |name: &str| record.text(name)?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
        Some(Self {
            title: record.text("title").unwrap_or_default().to_owned(),
            calendar_id: record.text("calendarId").map(str::to_owned),
            user_id: record.text("assignedUserId").map(str::to_owned),
            starts_at_ms: instant("startTime")?,
            ends_at_ms: instant("endTime")?,
        })
    }

    /// Its fields, to be kept.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let instant = |at_ms: UnixMillis| Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string();
        let fields = [
            ("title", Some(self.title.clone())),
            ("calendarId", self.calendar_id.clone()),
            ("assignedUserId", self.user_id.clone()),
            ("startTime", Some(instant(self.starts_at_ms))),
            ("endTime", Some(instant(self.ends_at_ms))),
        ];
        fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?)))).collect()
    }

    fn overlaps(&self, from_ms: UnixMillis, to_ms: UnixMillis) -> bool {
        self.starts_at_ms < to_ms && self.ends_at_ms > from_ms
    }

    /// Who of a calendar's team it keeps busy: the whole team where the calendar itself is blocked.
    fn busy(&self, calendar: &Calendar) -> Vec<Busy> {
        let busy = |user: &String| Busy {
            user_id: Some(user.clone()),
            starts_at_ms: self.starts_at_ms,
            ends_at_ms: self.ends_at_ms,
        };
        let is_whole = self.calendar_id.as_ref() == Some(&calendar.id);
        calendar.team.0.iter().filter(|user| is_whole || self.user_id.as_ref() == Some(*user)).map(busy).collect()
    }
}

/// A blocked time of a location under an id.
pub(crate) fn record(blocked: &Blocked, (location_id, id): (&str, &str), now_ms: UnixMillis) -> Record {
    Record {
        location_id: location_id.to_owned(),
        kind: KIND.name.to_owned(),
        id: id.to_owned(),
        parent_id: String::new(),
        body: Document(blocked.fields()),
        added_at_ms: now_ms,
        updated_at_ms: now_ms,
    }
}

/// What keeps the people of a calendar busy between two instants: appointments, but for the one of the id `besides`, and
/// what is blocked.
pub(crate) async fn busy(
    connection: &mut Connection,
    calendar: &Calendar,
    (from_ms, to_ms): (UnixMillis, UnixMillis),
    besides: Option<&str>,
) -> Result<Vec<Busy>, Refusal> {
    let location_id = &calendar.location_id;
    let appointments = store::appointments::between(&mut *connection, location_id, from_ms, to_ms).await?;
    let others = appointments.iter().filter(|appointment| Some(appointment.id.as_str()) != besides);
    let mut busy: Vec<Busy> = others.map(Busy::from).collect();
    for record in documents::list(connection, location_id, KIND.name).await? {
        let blocked = Blocked::of(&record).filter(|blocked| blocked.overlaps(from_ms, to_ms));
        busy.extend(blocked.into_iter().flat_map(|blocked| blocked.busy(calendar)));
    }
    Ok(busy)
}
