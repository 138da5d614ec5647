//! The demo's custom values.

use common::clock::UnixMillis;
use common::error::Result;

use crate::sandbox::documents::slug;
use crate::sandbox::routes::custom_values::{KIND, fields};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::store::documents::{self, Record};
use crate::sandbox::store::{Connection, Document};

/// What each business says, by its slug.
const VALUES: &[(&str, &[(&str, &str)])] = &[
    (
        "dental",
        &[
            ("Opening hours", "Mon-Thu 8-18, Fri 8-14"),
            ("Booking link", "https://dental.example.com/book"),
            ("New patient offer", "Check-up and X-rays for $89"),
            ("Emergency phone", "+15035550199"),
        ],
    ),
    (
        "gym",
        &[
            ("Opening hours", "Every day 5:30-22:30"),
            ("Trial offer", "Seven days free, no card needed"),
            ("Class timetable", "https://gym.example.com/classes"),
        ],
    ),
    (
        "courses",
        &[
            ("Webinar date", "first Tuesday of the month, 12:00 Central"),
            ("Core course price", "$997"),
            ("Support email", "hello@courses.example.com"),
        ],
    ),
];

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let values = VALUES.iter().filter(|(of_slug, _)| *of_slug == business.slug).flat_map(|(_, values)| *values);
    for (position, (name, value)) in (0..).zip(values) {
        let added_at_ms = now_ms - 200 * DAY_MS + position;
        let record = Record {
            location_id: location_id.to_owned(),
            kind: KIND.name.to_owned(),
            id: business.id(&format!("custom_value/{}", slug(name))),
            parent_id: String::new(),
            body: Document(fields(location_id, name, value)),
            added_at_ms,
            updated_at_ms: added_at_ms,
        };
        documents::save(&mut *connection, &record).await?;
    }
    Ok(())
}
