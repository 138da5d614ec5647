//! What is asked of the location's books, in people's words: whose entries, how they stand, on which of its days.

use common::error::{Error, Fault, Result};
use common::page::Page;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::answer::entry::{EntryRow, TotalRow, totals};
use crate::client::{ENTRIES_MAX, EntryQuery, Site};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::payment::{Book, Entry};
use crate::references;

/// What the tools over books ask alike.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) contact: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) since: Option<&'a str>,
    pub(crate) until: Option<&'a str>,
    pub(crate) payment_status: Option<&'static str>,
}

/// What they answer alike.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) page: Page<EntryRow>,
    pub(crate) total: usize,
    pub(crate) totals: Vec<TotalRow>,
    /// There are more than are looked at: the totals are not those of all.
    pub(crate) is_partial: bool,
}

/// Reads a book.
///
/// # Errors
/// Those of days and contacts; the vendor's refusals.
pub(crate) async fn read(deps: &Deps, site: &Site, book: Book, ask: &Ask<'_>) -> Result<Vec<Entry>> {
    let days = Days::parse(ask)?;
    let contact_id = match ask.contact {
        Some(text) => Some(references::contact(deps, site, text).await?.id),
        None => None,
    };
    // A day more at both ends: the vendor's days need not be the location's. What is too much is left out here.
    let query = EntryQuery {
        contact_id,
        since: days.since.map(|day| day.yesterday().unwrap_or(day)),
        until: days.until.map(|day| day.tomorrow().unwrap_or(day)),
        payment_status: ask.payment_status,
    };
    let mut entries = deps.client.entries(site, book, &query).await?;
    let zone = site.zone().unwrap_or(TimeZone::UTC);
    let is_wanted = |entry: &Entry| ask.status.is_none_or(|status| entry.status.eq_ignore_ascii_case(status.trim()));
    entries.retain(|entry| is_wanted(entry) && days.hold(entry, &zone));
    Ok(entries)
}

/// A page of what was read, newest first, and what all of it comes to.
///
/// # Errors
/// `invalid_argument` if the cursor is none of this question's.
pub(crate) fn found(mut entries: Vec<Entry>, question: &Question, cursor: Option<&str>, limit: u32) -> Result<Found> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at_ms));
    Ok(Found {
        page: question.cut(&entries, cursor, limit)?.map(EntryRow::of),
        total: entries.len(),
        totals: totals(&entries),
        is_partial: entries.len() >= ENTRIES_MAX,
    })
}

/// The location's days that are asked about, both ends included.
#[derive(Debug, Default)]
struct Days {
    since: Option<Date>,
    until: Option<Date>,
}

impl Days {
    /// Every fault at once.
    fn parse(ask: &Ask<'_>) -> Result<Self> {
        let mut faults = Vec::new();
        let mut day = |field: &str, text: Option<&str>| {
            let date = text?.trim().parse::<Date>();
            if date.is_err() {
                faults.push(Fault {
                    field: format!("/{field}"),
                    problem: "is not a date".to_owned(),
                    expected: "a day of the location's calendar".to_owned(),
                    example: Some("\"2026-11-01\"".to_owned()),
                });
            }
            date.ok()
        };
        let days = Self { since: day("since", ask.since), until: day("until", ask.until) };
        if faults.is_empty() { Ok(days) } else { Err(Error::invalid_arguments(faults)) }
    }

    fn hold(&self, entry: &Entry, zone: &TimeZone) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let at = entry.at_ms.and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok());
        let Some(day) = at.map(|at| zone.to_datetime(at).date()) else { return false };
        self.since.is_none_or(|since| day >= since) && self.until.is_none_or(|until| day <= until)
    }
}
