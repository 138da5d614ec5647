//! The demo's calendars, and a few appointments in them.

use common::clock::UnixMillis;
use common::error::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::sandbox::blocked::{self, Blocked};
use crate::sandbox::ids::Scramble;
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::slots::{Busy, Wanted, free, who_is_free, working_days};
use crate::sandbox::store::appointments::Appointment;
use crate::sandbox::store::calendars::{Calendar, OpenHours};
use crate::sandbox::store::tasks::Task;
use crate::sandbox::store::{self, Connection, Document};

/// How far ahead the demo's appointments lie.
const APPOINTMENT_DAYS: i64 = 14;

/// Of so many people one has an appointment, and the next an open task.
const EVERY: usize = 15;

/// A calendar of one business.
struct Offer {
    name: &'static str,
    slot_minutes: i64,
    interval_minutes: i64,
    /// Hours of the day.
    opens: i64,
    closes: i64,
    /// Whether it is open on Saturday too.
    has_saturday: bool,
    /// Positions of the business's owners.
    team: &'static [usize],
    /// What contacts are to be called about.
    task: &'static str,
}

const fn offer(name: &'static str, slot_minutes: i64, opens: i64, closes: i64, team: &'static [usize]) -> Offer {
    Offer {
        name,
        slot_minutes,
        interval_minutes: slot_minutes,
        opens,
        closes,
        has_saturday: false,
        team,
        task: "Call back",
    }
}

const DENTAL: &[Offer] = &[
    Offer { task: "Send treatment plan", ..offer("Consultation", 30, 9, 17, &[0, 1]) },
    offer("Recall visit", 60, 8, 16, &[2]),
];
const GYM: &[Offer] =
    &[Offer { has_saturday: true, task: "Confirm trial", ..offer("Free trial class", 60, 7, 20, &[1]) }];
const COURSES: &[Offer] = &[
    Offer { interval_minutes: 30, ..offer("Strategy call", 45, 10, 18, &[0, 1, 2]) },
    offer("Mastermind interview", 60, 13, 17, &[0]),
    offer("Student support", 15, 9, 12, &[2]),
];

fn offers(business: &Business) -> &'static [Offer] {
    match business.slug {
        "dental" => DENTAL,
        "gym" => GYM,
        _ => COURSES,
    }
}

/// Calendars, appointments in the first of them, and tasks.
pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    for (position, offer) in (0..).zip(offers(business)) {
        let calendar = calendar(business, offer, location_id, position);
        store::calendars::insert(&mut *connection, &calendar).await?;
        if position == 0 {
            seed_blocked(&mut *connection, business, (location_id, now_ms)).await?;
            seed_appointments(&mut *connection, business, &calendar, now_ms).await?;
            seed_tasks(&mut *connection, business, offer.task, (location_id, now_ms)).await?;
        }
    }
    Ok(())
}

fn calendar(business: &Business, offer: &Offer, location_id: &str, position: i64) -> Calendar {
    let (opens, closes) = (offer.opens * 60, offer.closes * 60);
    let mut open_hours = vec![OpenHours { days: working_days(), opens, closes }];
    if offer.has_saturday {
        open_hours.push(OpenHours { days: vec![6], opens: opens + 60, closes: opens + 5 * 60 });
    }
    Calendar {
        location_id: location_id.to_owned(),
        id: business.id(&format!("calendar/{}", offer.name)),
        name: offer.name.to_owned(),
        slug: format!("{}-{}", business.slug, offer.name.to_lowercase().replace(' ', "-")),
        description: String::new(),
        position,
        slot_minutes: offer.slot_minutes,
        interval_minutes: offer.interval_minutes,
        booking_days: 180,
        open_hours: Document(open_hours),
        team: Document(offer.team.iter().map(|owner| business.owner_id(*owner)).collect()),
    }
}

async fn seed_appointments(
    connection: &mut Connection,
    business: &Business,
    calendar: &Calendar,
    now_ms: UnixMillis,
) -> Result<()> {
    let zone = TimeZone::get(business.timezone).unwrap_or(TimeZone::UTC);
    let to_ms = now_ms + APPOINTMENT_DAYS * DAY_MS;
    let mut booked: Vec<Busy> = Vec::new();
    for number in (0..business.contacts).step_by(EVERY) {
        let mut draw = Scramble::of(&format!("{}/appointment/{number}", business.slug));
        let id = contact_id(business, number);
        let Some(contact) = store::contacts::find(&mut *connection, &id).await? else { continue };
        let wanted = Wanted { from_ms: now_ms, to_ms, now_ms, user_id: None };
        let start_ms = draw.pick(&free(calendar, &zone, wanted, &booked));
        let Some(user_id) = who_is_free(calendar, start_ms, None, &booked).filter(|_| start_ms > 0) else { continue };
        let appointment = Appointment {
            location_id: calendar.location_id.clone(),
            id: business.id(&format!("appointment/{number}")),
            calendar_id: calendar.id.clone(),
            contact_id: contact.id.clone(),
            user_id: Some(user_id.to_owned()),
            title: format!("{} - {}", calendar.name, contact.name()),
            status: "confirmed".to_owned(),
            address: None,
            starts_at_ms: start_ms,
            ends_at_ms: start_ms + calendar.slot_minutes * 60_000,
            added_at_ms: contact.added_at_ms,
        };
        store::appointments::insert(&mut *connection, &appointment).await?;
        booked.push(Busy::from(&appointment));
    }
    Ok(())
}

/// Whoever administers has no time over one lunch, three weeks from now.
async fn seed_blocked(
    connection: &mut Connection,
    business: &Business,
    (location_id, now_ms): (&str, UnixMillis),
) -> Result<()> {
    let zone = TimeZone::get(business.timezone).unwrap_or(TimeZone::UTC);
    let day = Timestamp::from_millisecond(now_ms + 21 * DAY_MS).unwrap_or_default();
    let noon = zone.to_datetime(day).date().at(12, 0, 0, 0).to_zoned(zone.clone());
    let starts_at_ms = noon.map_or(now_ms, |noon| noon.timestamp().as_millisecond());
    let lunch = Blocked {
        title: "Lunch with the bank".to_owned(),
        calendar_id: None,
        user_id: Some(business.owner_id(0)),
        starts_at_ms,
        ends_at_ms: starts_at_ms + 3_600_000,
    };
    let record = blocked::record(&lunch, (location_id, &business.id("blocked/0")), now_ms);
    store::documents::save(connection, &record).await
}

/// Due at noon where the business is, a few days from now.
async fn seed_tasks(
    connection: &mut Connection,
    business: &Business,
    title: &str,
    (location_id, now_ms): (&str, UnixMillis),
) -> Result<()> {
    let zone = TimeZone::get(business.timezone).unwrap_or(TimeZone::UTC);
    for number in (1..business.contacts).step_by(EVERY) {
        let mut draw = Scramble::of(&format!("{}/task/{number}", business.slug));
        let id = contact_id(business, number);
        let Some(contact) = store::contacts::find(&mut *connection, &id).await? else { continue };
        let days = 1 + i64::try_from(draw.below(7)).unwrap_or(0);
        let due = Timestamp::from_millisecond(now_ms + days * DAY_MS).unwrap_or_default();
        let noon = zone.to_datetime(due).date().at(12, 0, 0, 0).to_zoned(zone.clone());
        let task = Task {
            location_id: location_id.to_owned(),
            id: business.id(&format!("task/{number}")),
            contact_id: contact.id.clone(),
            title: title.to_owned(),
            body: None,
            due_at_ms: noon.map_or(now_ms, |noon| noon.timestamp().as_millisecond()),
            assigned_to: contact.assigned_to.clone(),
            is_completed: 0,
            added_at_ms: contact.added_at_ms,
        };
        store::tasks::save(&mut *connection, &task).await?;
    }
    Ok(())
}
