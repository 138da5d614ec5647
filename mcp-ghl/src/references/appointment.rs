//! Appointments as tools change them: found by id or by their contact, told in words, changed once.

use std::sync::Arc;

use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::Call;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::answer::appointment::{AppointmentRow, CalendarNames, title};
use crate::answer::contact::reference;
use crate::answer::{RecordRef, contact_uri, line, owner};
use crate::calendar::{Appointment, AppointmentChange, Calendar};
use crate::client::{Site, may_have_happened, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::local_time::spoken;
use crate::record_id::RecordId;
use crate::references;
use crate::references::free_slots;

/// How far back an appointment is looked for whose outcome is to be noted, in hours.
const PAST_HOURS: i64 = 7 * 24;

/// Most appointments named where a contact has several.
const CANDIDATES_MAX: usize = 5;

/// Which of a contact's appointments is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    /// One to come.
    Upcoming,
    /// One that has begun in the last seven days.
    Past,
}

/// An appointment with all that is needed to change it.
pub(crate) struct Agreed {
    pub(crate) site: Site,
    /// The location's clock; UTC where it is not known.
    pub(crate) zone: TimeZone,
    pub(crate) appointment: Appointment,
    /// Absent for one without a contact.
    pub(crate) contact: Option<Contact>,
    calendars: Arc<Vec<Calendar>>,
}

impl Agreed {
    /// The appointment of an id, or the one that a contact has.
    ///
    /// # Errors
    /// `not_found`; `invalid_argument` with candidates where the contact has several.
    pub(crate) async fn of(
        deps: &Deps,
        call: &Call,
        location: Option<&str>,
        text: &str,
        sought: Sought,
    ) -> Result<Self> {
        let site = deps.directory.site(call, location).await?;
        let zone = site.zone().unwrap_or(TimeZone::UTC);
        let calendars = deps.directory.calendars(&site).await?;
        let text = text.trim();
        if RecordId::looks_like(text)
            && let Ok(id) = text.parse()
        {
            let appointment = deps.client.appointment(&site, &id).await?;
            let contact_id = appointment.contact_id.as_deref().and_then(|id| id.parse::<RecordId>().ok());
            let contact = match contact_id {
                Some(id) => Some(deps.client.contact(&site, &id).await?),
                None => None,
            };
            return Ok(Self { site, zone, appointment, contact, calendars });
        }
        let contact = references::contact(deps, &site, text).await?;
        let all = deps.client.appointments(&site, &contact.id).await?;
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let appointment = only(all, sought, now, &zone)?;
        Ok(Self { site, zone, appointment, contact: Some(contact), calendars })
    }

    /// Whose it is, as people call them.
    pub(crate) fn who(&self) -> String {
        self.contact.as_ref().map_or_else(|| "nobody".to_owned(), |contact| line(contact.label()))
    }

    /// `“Consultation” of Hugo Laurent on Mon 4 Jan 2027, 09:00 (America/Los_Angeles, UTC-08:00)`
    pub(crate) fn words(&self) -> String {
        let Self { appointment, zone, .. } = self;
        let what = appointment.title.as_deref().map_or_else(|| self.calendar(), title);
        let when = appointment.starts_at.map(|at| format!(" on {}", spoken(at, zone)));
        format!("“{what}” of {}{}", self.who(), when.unwrap_or_default())
    }

    /// The calendar's name.
    pub(crate) fn calendar(&self) -> String {
        CalendarNames { zone: None, calendars: &self.calendars, users: None }.calendar(&self.appointment.calendar_id)
    }

    /// Refuses a change to a time, or to a person, that is not free then.
    ///
    /// # Errors
    /// `conflict` with the next free slots.
    pub(crate) async fn require_free(&self, deps: &Deps, change: &AppointmentChange) -> Result<()> {
        if change.start.is_none() && change.owner_id.is_none() {
            return Ok(());
        }
        let (Some(start), Ok(calendar_id)) =
            (change.start.or(self.appointment.starts_at), self.appointment.calendar_id.parse::<RecordId>())
        else {
            return Ok(());
        };
        let own = self.appointment.owner_id.as_deref().and_then(|id| id.parse::<RecordId>().ok());
        let owner_id = change.owner_id.as_ref().or(own.as_ref());
        let slots = free_slots::from(deps, &self.site, &calendar_id, owner_id, start).await?;
        if free_slots::begins_with(&slots, start) { Ok(()) } else { Err(free_slots::taken(&slots, &self.zone)) }
    }

    /// Changes it once, and notes that. Before it is reported as failed, the appointment is looked at again.
    pub(crate) async fn change(
        &self,
        deps: &Deps,
        call: &Call,
        (tool, change): (&'static str, &AppointmentChange),
        takes_any_slot: bool,
    ) -> Result<(Appointment, Option<ChangeId>)> {
        let changed = deps.client.change_appointment(&self.site, &self.appointment, change, takes_any_slot).await;
        let changed = match changed {
            Err(error) if may_have_happened(&error) => {
                let now = deps.client.appointment(&self.site, &self.appointment.id).await?;
                if !change.against(&now).fields().is_empty() {
                    return Err(error);
                }
                tracing::warn!(error.code = %error.code(), "an appointment was changed although the vendor did not say so");
                now
            }
            settled => settled?,
        };
        if let Some(contact) = &self.contact {
            deps.changes.announce(call.tenant(), contact_uri(&self.site, &contact.id));
        }
        let change_id = self.note(deps, call, (tool, change), &changed).await;
        Ok((changed, change_id))
    }

    /// Notes what was changed.
    async fn note(
        &self,
        deps: &Deps,
        call: &Call,
        (tool, change): (&'static str, &AppointmentChange),
        after: &Appointment,
    ) -> Option<ChangeId> {
        let undo = reversals::appointment_update(change, &self.appointment, after, &self.zone);
        let change = Change {
            tool,
            summary: format!("changed {} of {}", change.fields().join(", "), self.words()),
            record: ("appointment".into(), self.appointment.id.to_string()),
            contact: self.contact.as_ref().map(|contact| contact.id.clone()),
            undo: vec![undo],
        };
        deps.journal.note(call, &self.site, change).await
    }

    /// What is shown of it, or of what became of it.
    pub(crate) async fn row(&self, deps: &Deps, appointment: &Appointment) -> Result<AppointmentRow> {
        let users = deps.directory.users_naming(&self.site, [appointment.owner_id.as_ref()].into_iter()).await?;
        let names = CalendarNames { zone: Some(&self.zone), calendars: &self.calendars, users: (*users).as_deref() };
        Ok(AppointmentRow { contact_id: None, ..AppointmentRow::of(appointment, names) })
    }

    /// The name of a user; the id where it is not known.
    pub(crate) async fn owner(&self, deps: &Deps, id: &str) -> Result<String> {
        let users = deps.directory.users(&self.site).await?;
        Ok(owner((*users).as_deref(), id))
    }

    /// Its contact.
    pub(crate) fn contact(&self) -> Option<RecordRef> {
        self.contact.as_ref().map(reference)
    }
}

/// The one that is sought; among those that take place, if there are any.
fn only(all: Vec<Appointment>, sought: Sought, now: Timestamp, zone: &TimeZone) -> Result<Appointment> {
    let earliest = now.checked_sub(PAST_HOURS.hours()).unwrap_or(Timestamp::MIN);
    let is_sought = |appointment: &Appointment| {
        appointment.starts_at.is_some_and(|start| match sought {
            Sought::Upcoming => start >= now,
            Sought::Past => (earliest..now).contains(&start),
        })
    };
    let (off, on): (Vec<_>, Vec<_>) = all.into_iter().filter(is_sought).partition(Appointment::is_off);
    let mut found = if on.is_empty() { off } else { on };
    found.sort_by_key(|appointment| appointment.starts_at);
    if found.len() > 1 {
        return Err(several(&found, zone));
    }
    found.pop().ok_or_else(|| {
        let which = match sought {
            Sought::Upcoming => "the contact has no appointment to come",
            Sought::Past => "the contact had no appointment in the last seven days",
        };
        Error::new(ErrorCode::NotFound, which)
            .with_hint("call `list_appointments` with the contact, and give the id of the one that is meant")
    })
}

fn several(found: &[Appointment], zone: &TimeZone) -> Error {
    let candidate = |appointment: &Appointment| {
        let what = appointment.title.as_deref().map_or_else(|| "appointment".to_owned(), title);
        let when = appointment.starts_at.map(|at| spoken(at, zone)).unwrap_or_default();
        Candidate { id: appointment.id.to_string(), name: format!("{what}, {when}") }
    };
    Error::new(ErrorCode::InvalidArgument, format!("the contact has {} of these appointments", found.len()))
        .with_hint("give the id of one of the candidates as `appointment`")
        .with_candidates(found.iter().take(CANDIDATES_MAX).map(candidate).collect())
}
