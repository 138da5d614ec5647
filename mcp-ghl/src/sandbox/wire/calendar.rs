//! A calendar in answers.

use serde::Serialize;

use crate::sandbox::store::calendars::{Calendar, OpenHours};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CalendarAnswer {
    id: String,
    location_id: String,
    name: String,
    description: String,
    slug: String,
    widget_slug: String,
    is_active: bool,
    calendar_type: &'static str,
    event_type: &'static str,
    event_title: &'static str,
    slot_duration: i64,
    slot_duration_unit: &'static str,
    slot_interval: i64,
    slot_interval_unit: &'static str,
    #[serde(rename = "appoinmentPerSlot")]
    appointments_per_slot: i64,
    allow_booking_for: i64,
    allow_booking_for_unit: &'static str,
    auto_confirm: bool,
    team_members: Vec<TeamMember>,
    open_hours: Vec<OpenHoursAnswer>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TeamMember {
    user_id: String,
    priority: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenHoursAnswer {
    days_of_the_week: Vec<i8>,
    hours: [Hours; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hours {
    open_hour: i64,
    open_minute: i64,
    close_hour: i64,
    close_minute: i64,
}

impl From<Calendar> for CalendarAnswer {
    fn from(calendar: Calendar) -> Self {
        let members = calendar.team.0.into_iter().map(|user_id| TeamMember { user_id, priority: 0.5 });
        Self {
            id: calendar.id,
            location_id: calendar.location_id,
            name: calendar.name,
            description: calendar.description,
            widget_slug: calendar.slug.clone(),
            slug: calendar.slug,
            is_active: true,
            calendar_type: "round_robin",
            event_type: "RoundRobin_OptimizeForAvailability",
            event_title: "{{contact.name}}",
            slot_duration: calendar.slot_minutes,
            slot_duration_unit: "mins",
            slot_interval: calendar.interval_minutes,
            slot_interval_unit: "mins",
            appointments_per_slot: 1,
            allow_booking_for: calendar.booking_days,
            allow_booking_for_unit: "days",
            auto_confirm: true,
            team_members: members.collect(),
            open_hours: calendar.open_hours.0.into_iter().map(OpenHoursAnswer::from).collect(),
        }
    }
}

impl From<OpenHours> for OpenHoursAnswer {
    fn from(hours: OpenHours) -> Self {
        let OpenHours { days, opens, closes } = hours;
        let hours = Hours {
            open_hour: opens / 60,
            open_minute: opens % 60,
            close_hour: closes / 60,
            close_minute: closes % 60,
        };
        Self { days_of_the_week: days, hours: [hours] }
    }
}
