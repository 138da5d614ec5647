//! Whether a start can be booked, and what can be instead.

use common::error::{Candidate, Error, ErrorCode, Result};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::client::{Site, SlotQuery};
use crate::deps::Deps;
use crate::local_time::{spoken, written};
use crate::record_id::RecordId;

/// How far the next free slots are looked for, in hours.
const NEXT_HOURS: i64 = 14 * 24;

/// Most free slots proposed in place of one that is taken.
const NEXT_MAX: usize = 5;

/// The free slots of a calendar from a start on, the first few of the next 14 days; of one user's time, if one is named.
pub(crate) async fn from(
    deps: &Deps,
    site: &Site,
    calendar_id: &RecordId,
    owner_id: Option<&RecordId>,
    start: Timestamp,
) -> Result<Vec<Timestamp>> {
    let to = start.checked_add(NEXT_HOURS.hours()).unwrap_or(Timestamp::MAX);
    let query = SlotQuery { from: start, to, owner_id: owner_id.cloned(), count_max: NEXT_MAX };
    deps.client.free_slots(site, calendar_id, &query).await
}

/// Whether the first of them is the start itself.
pub(crate) fn begins_with(slots: &[Timestamp], start: Timestamp) -> bool {
    slots.first().is_some_and(|slot| slot.as_second() == start.as_second())
}

/// A start that is not free is answered by those that are.
pub(crate) fn taken(slots: &[Timestamp], zone: &TimeZone) -> Error {
    let next = |slot: &Timestamp| Candidate { id: written(*slot, Some(zone)), name: spoken(*slot, zone) };
    let hint = if slots.is_empty() {
        "there is none in the next 14 days: look further with `find_free_slots`, or for another `owner`"
    } else {
        "the next ones are listed: give the id of one as `start`, or look further with `find_free_slots`"
    };
    Error::new(ErrorCode::Conflict, "this is not a free slot of the calendar")
        .with_hint(hint)
        .with_candidates(slots.iter().take(NEXT_MAX).map(next).collect())
}
