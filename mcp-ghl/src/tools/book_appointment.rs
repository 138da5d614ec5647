//! Books a contact into a free slot of a calendar. It reaches a person: GoHighLevel confirms it to the contact.

use common::clock::UnixMillis;
use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line, owner};
use crate::calendar::{Appointment, Calendar};
use crate::client::{Booking, Site, may_have_happened, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::local_time::{Moment, spoken, written};
use crate::record_id::RecordId;
use crate::references;
use crate::references::free_slots;
use crate::tools::toolset;

pub(crate) struct BookAppointment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Name or id; may be left out if there is one.
    calendar: Option<String>,
    /// A free slot: local time, or RFC 3339.
    #[schemars(extend("examples" = ["2026-11-24T15:00:00-05:00"]))]
    start: String,
    /// User name, email or id; default anybody free.
    owner: Option<String>,
    /// What the appointment is called.
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    /// For the team, not the contact.
    #[schemars(length(min = 1, max = 5000))]
    note: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// Id of the appointment.
    appointment_id: String,
    /// The contact.
    contact: RecordRef,
    /// The calendar.
    calendar: RecordRef,
    /// RFC 3339, on the location's clock.
    starts_at: String,
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
    /// GoHighLevel's word, such as confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Who meets the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// False if it was booked but the note could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    note_written: Option<bool>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for BookAppointment {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "book_appointment";
    const TITLE: &'static str = "Book appointment";
    const DESCRIPTION: &'static str = "Book a contact into a free slot (find_free_slots); they may be notified. If it is taken, the next free ones are named.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CALENDAR;

    /// A slot that is not free fails here already: nobody is asked about what cannot be done.
    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let visit = Visit::of(deps, call, args).await?;
        visit.require_free(deps).await?;
        let users = deps.directory.users_naming(&visit.site, [args.owner.as_ref()].into_iter()).await?;
        let who = visit.owner_id.as_ref().map(|id| format!(" with {}", owner((*users).as_deref(), id.as_str())));
        let title = args.title.as_deref().map(|title| format!(" as “{}”", line(title)));
        let contact = line(visit.contact.label());
        let summary = format!(
            "book {contact} into “{}” on {}{}{}; GoHighLevel may notify them",
            line(&visit.calendar.name),
            spoken(visit.start, &visit.zone),
            who.unwrap_or_default(),
            title.unwrap_or_default(),
        );
        Ok(Plan::of_one(summary, contact))
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let visit = Visit::of(deps, call, &args).await?;
        visit.require_free(deps).await?;
        let appointment = visit.book(deps, args.title).await?;
        let note_written = match &args.note {
            Some(text) => Some(note(deps, &visit.site, &appointment.id, text).await),
            None => None,
        };
        deps.changes.announce(call.tenant(), contact_uri(&visit.site, &visit.contact.id));
        let change_id = visit.note(deps, call, &appointment).await;
        Ok(Output { change_id, ..visit.output(deps, &appointment, note_written).await? })
    }

    /// The contact's appointment at this time is the one: nobody is booked into one slot of a calendar twice.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let visit = Visit::of(deps, call, args).await?;
        match visit.booked(deps).await? {
            Some(appointment) => {
                let change_id = visit.note(deps, call, &appointment).await;
                Ok(ReadBack::Done(Output { change_id, ..visit.output(deps, &appointment, None).await? }))
            }
            None if visit.is_free(&visit.slots(deps).await?) => Ok(ReadBack::NotDone),
            // Taken, but not seen with the contact: perhaps by somebody else, perhaps not shown yet.
            None => Ok(ReadBack::Unknown),
        }
    }
}

/// What the arguments mean.
struct Visit {
    site: Site,
    /// The location's clock; UTC where it is not known.
    zone: TimeZone,
    contact: Contact,
    calendar: Calendar,
    start: Timestamp,
    owner_id: Option<RecordId>,
}

impl Visit {
    async fn of(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.zone();
        let start = match references::moment("start", &args.start, zone.as_ref()) {
            Ok(Moment::Instant(start)) => start,
            Ok(Moment::Day(_)) => {
                let expected = "a date with its time";
                let example = Some("\"2026-11-24T15:00:00-05:00\"");
                return Err(Error::invalid_argument("start", "is a whole day", expected, example));
            }
            Err(fault) => return Err(Error::invalid_arguments(vec![fault])),
        };
        let calendars = deps.directory.calendars(&site).await?;
        let calendar = references::calendar(&calendars, args.calendar.as_deref())?.clone();
        let owner_id = match &args.owner {
            Some(text) => Some(deps.directory.owner(&site, text).await?),
            None => None,
        };
        let contact = references::contact(deps, &site, &args.contact).await?;
        Ok(Self { site, zone: zone.unwrap_or(TimeZone::UTC), contact, calendar, start, owner_id })
    }

    /// The free slots from the start on.
    async fn slots(&self, deps: &Deps) -> Result<Vec<Timestamp>> {
        free_slots::from(deps, &self.site, &self.calendar.id, self.owner_id.as_ref(), self.start).await
    }

    fn is_free(&self, slots: &[Timestamp]) -> bool {
        free_slots::begins_with(slots, self.start)
    }

    /// Refuses a slot that is taken, and one that the contact has already.
    async fn require_free(&self, deps: &Deps) -> Result<()> {
        // Asked even if the slot is free: with somebody else of the team, the contact would be there twice.
        let (slots, booked) = tokio::try_join!(self.slots(deps), self.booked(deps))?;
        if let Some(appointment) = booked {
            let name = appointment.title.as_deref().map_or_else(|| "the appointment".to_owned(), line);
            return Err(Error::new(ErrorCode::Conflict, "the contact is booked into this slot already")
                .with_hint("nothing is left to do; for a second appointment choose another slot")
                .with_candidates(vec![Candidate { id: appointment.id.to_string(), name }]));
        }
        if self.is_free(&slots) { Ok(()) } else { Err(free_slots::taken(&slots, &self.zone)) }
    }

    /// The contact's appointment at this time.
    async fn booked(&self, deps: &Deps) -> Result<Option<Appointment>> {
        let all = deps.client.appointments(&self.site, &self.contact.id).await?;
        Ok(all.into_iter().find(|appointment| appointment.is_at(&self.calendar, self.start)))
    }

    /// Books once. Before it is reported as failed, the appointment is looked for, and then the slot: somebody may have
    /// been faster.
    async fn book(&self, deps: &Deps, title: Option<String>) -> Result<Appointment> {
        let booking = Booking {
            calendar_id: self.calendar.id.clone(),
            contact_id: self.contact.id.clone(),
            start: self.start,
            owner_id: self.owner_id.clone(),
            title,
        };
        let error = match deps.client.book(&self.site, &booking, &self.zone).await {
            Ok(appointment) => return Ok(appointment),
            Err(error) => error,
        };
        if !may_have_happened(&error) {
            return Err(error);
        }
        if let Some(appointment) = self.booked(deps).await? {
            tracing::warn!(error.code = %error.code(), "an appointment was booked although the vendor did not say so");
            return Ok(appointment);
        }
        let slots = self.slots(deps).await?;
        if error.code() == ErrorCode::UpstreamRejected && !self.is_free(&slots) {
            return Err(free_slots::taken(&slots, &self.zone));
        }
        Err(error)
    }

    /// Notes what was booked.
    async fn note(&self, deps: &Deps, call: &Call, appointment: &Appointment) -> Option<ChangeId> {
        let start = written(appointment.starts_at.unwrap_or(self.start), Some(&self.zone));
        let (who, calendar) = (line(self.contact.label()), line(&self.calendar.name));
        let change = Change {
            tool: BookAppointment::NAME,
            summary: format!("booked {who} into “{calendar}” on {}", spoken(self.start, &self.zone)),
            record: ("appointment".into(), appointment.id.to_string()),
            contact: Some(self.contact.id.clone()),
            undo: vec![reversals::booking(appointment, &start)],
        };
        deps.journal.note(call, &self.site, change).await
    }

    async fn output(&self, deps: &Deps, appointment: &Appointment, note_written: Option<bool>) -> Result<Output> {
        let users = deps.directory.users_naming(&self.site, [appointment.owner_id.as_ref()].into_iter()).await?;
        let starts_at = appointment.starts_at.unwrap_or(self.start);
        Ok(Output {
            location: LocationAnswer::of(&self.site),
            appointment_id: appointment.id.to_string(),
            contact: reference(&self.contact),
            calendar: RecordRef::new(&self.calendar.id, &self.calendar.name),
            starts_at: written(starts_at, Some(&self.zone)),
            ends_at: appointment.ends_at.map(|ends_at| written(ends_at, Some(&self.zone))),
            status: appointment.status.as_deref().map(line),
            title: appointment.title.as_deref().map(line),
            owner: appointment.owner_id.as_deref().map(|id| owner((*users).as_deref(), id)),
            note_written,
            link: contact_link(&self.site, &self.contact.id),
            change_id: None,
        })
    }
}

/// Whether the note was written: the appointment stands either way, so that a failure here must not look like one of it.
async fn note(deps: &Deps, site: &Site, appointment_id: &RecordId, text: &str) -> bool {
    let written = deps.client.add_appointment_note(site, appointment_id, text).await;
    if let Err(error) = &written {
        tracing::warn!(error.code = %error.code(), "the note of an appointment was not written");
    }
    written.is_ok()
}
