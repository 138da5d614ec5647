//! Arguments that mean a record or a moment: the contact, opportunity, pipeline, stage, calendar, field or time that a
//! text names.

pub(crate) mod audience;
pub(crate) mod books;
mod contact_filter;
mod conversation;
mod records;
pub(crate) mod tags;

pub(crate) mod appointment;
pub(crate) mod blocking;
pub(crate) mod days;
pub(crate) mod free_slots;

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Fault, Result};
use jiff::tz::TimeZone;

use crate::calendar::Calendar;
use crate::client::{ContactQuery, OpportunityQuery, Site};
use crate::contact::{Contact, Email, Phone};
use crate::custom_field::{CustomField, FieldValue, Misfit, Model};
use crate::deps::Deps;
use crate::local_time::{Moment, Unclear};
use crate::names::{Named, Wanted, find, undecided};
use crate::opportunity::{LostReason, Opportunity, Status};
use crate::pipeline::{Pipeline, Stage};
use crate::record_id::RecordId;

pub(crate) use contact_filter::{ContactFilter, Span};
pub(crate) use conversation::ConversationWanted;
pub(crate) use records::{Linked, association, linked, object, record, record_values};

/// How many records of a name are looked at; ambiguity shows sooner.
const LOOKED_AT: u32 = 20;

/// Longest free text that the vendor searches for, in characters (specification of `POST /contacts/search`).
pub(crate) const QUERY_LENGTH_MAX: usize = 75;

/// The contact that an id, email, phone number or name means, with all that is kept about it.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates where a name means several.
pub(crate) async fn contact(deps: &Deps, site: &Site, text: &str) -> Result<Contact> {
    let text = text.trim();
    let found = if let Ok(email) = text.parse::<Email>() {
        deps.client.contact_by_email(site, &email).await?.ok_or_else(|| unknown("contact", "email"))?
    } else if let Ok(phone) = text.parse::<Phone>() {
        deps.client.contact_by_phone(site, &phone).await?.ok_or_else(|| unknown("contact", "phone number"))?
    } else if let Some(id) = id_of(text) {
        return deps.client.contact(site, &id).await;
    } else {
        let query = ContactQuery { text: Some(searchable("contact", text)?), ..ContactQuery::default() };
        let slice = deps.client.search_contacts(site, &query, None, LOOKED_AT).await?;
        only("contact", text, slice.records)?
    };
    // Searches leave consent and other parts out.
    deps.client.contact(site, &found.id).await
}

/// The opportunity that an id or name means.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates where a name means several.
pub(crate) async fn opportunity(deps: &Deps, site: &Site, text: &str) -> Result<Opportunity> {
    let text = text.trim();
    if let Some(id) = id_of(text) {
        return deps.client.opportunity(site, &id).await;
    }
    let query = OpportunityQuery { text: Some(searchable("opportunity", text)?), ..OpportunityQuery::default() };
    let slice = deps.client.search_opportunities(site, &query, None, LOOKED_AT).await?;
    let found = only("opportunity", text, slice.records)?;
    deps.client.opportunity(site, &found.id).await
}

/// The pipeline that a name or id means, or the only one.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates.
pub(crate) fn pipeline<'all>(all: &'all [Pipeline], text: Option<&str>) -> Result<&'all Pipeline> {
    match (text, all) {
        (Some(text), _) => find(Wanted { noun: "pipeline", text }, all),
        (None, [only]) => Ok(only),
        (None, []) => Err(Error::new(ErrorCode::FailedPrecondition, "this location has no pipeline")
            .with_hint("pipelines are created in GoHighLevel: Opportunities, Pipelines")),
        (None, several) => Err(undecided("pipeline", several)),
    }
}

/// The stage of a pipeline that a name or id means.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates.
pub(crate) fn stage<'all>(pipeline: &'all Pipeline, text: &str) -> Result<&'all Stage> {
    find(Wanted { noun: "stage", text }, &pipeline.stages)
}

/// The reason for losing a deal that a name or id means; `None` if none is named.
///
/// # Errors
/// `invalid_argument` for a deal that is not lost; `not_found` or `invalid_argument`, with candidates.
pub(crate) async fn lost_reason(
    deps: &Deps,
    site: &Site,
    text: Option<&str>,
    status: Option<Status>,
) -> Result<Option<LostReason>> {
    let Some(text) = text else { return Ok(None) };
    if status != Some(Status::Lost) {
        let expected = "nothing, or the status `lost` with it";
        return Err(Error::invalid_argument("lost_reason", "is of deals that are lost", expected, None));
    }
    let all = deps.directory.lost_reasons(site).await?;
    find(Wanted { noun: "lost reason", text }, &all).map(|reason| Some(reason.clone()))
}

/// The calendar that a name or id means, or the only one.
///
/// # Errors
/// `not_found` or `invalid_argument`, with candidates.
pub(crate) fn calendar<'all>(all: &'all [Calendar], text: Option<&str>) -> Result<&'all Calendar> {
    match (text, all) {
        (Some(text), _) => find(Wanted { noun: "calendar", text }, all),
        (None, [only]) => Ok(only),
        (None, []) => Err(Error::new(ErrorCode::FailedPrecondition, "this location has no calendar in use")
            .with_hint("calendars are created in GoHighLevel: Settings, Calendars")),
        (None, several) => Err(undecided("calendar", several)),
    }
}

/// When an argument says that something is, by the clocks of `zone`.
pub(crate) fn moment(field: &str, text: &str, zone: Option<&TimeZone>) -> Result<Moment, Fault> {
    const TIME: &str = "a date, a time of the location such as 2026-11-24T15:00, or an RFC 3339 instant";
    Moment::read(text, zone).map_err(|unclear| {
        let (problem, expected) = match unclear {
            Unclear::NoTime => ("is not a date or time", TIME),
            Unclear::NoZone => ("has no offset, and the location's time zone is not known", "an RFC 3339 instant"),
            Unclear::Skipped => ("does not exist: the clocks go forward over it", TIME),
            Unclear::Twice => ("comes twice that day: the clocks go back", "an RFC 3339 instant with its offset"),
        };
        let example = Some("\"2026-11-24T15:00:00-05:00\"".to_owned());
        Fault { field: format!("/{field}"), problem: problem.to_owned(), expected: expected.to_owned(), example }
    })
}

/// Values of contact fields, given by key, name or id.
///
/// # Errors
/// Every fault at once: unknown or ambiguous fields, values that do not fit.
pub(crate) fn custom_values(
    fields: &[CustomField],
    given: &BTreeMap<String, String>,
) -> Result<Vec<(RecordId, FieldValue)>> {
    let of_contacts: Vec<CustomField> = fields.iter().filter(|field| field.model == Model::Contact).cloned().collect();
    let mut faults = Vec::new();
    let mut values = Vec::new();
    for (name, text) in given {
        match find(Wanted { noun: "custom field", text: name }, &of_contacts) {
            Ok(field) => match field.value_of(text) {
                Ok(value) => values.push((field.id.clone(), value)),
                Err(misfit) => faults.push(misfit_fault("custom_fields", name, misfit)),
            },
            Err(error) => faults.push(unknown_field("custom_fields", name, &error)),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(Error::invalid_arguments(faults)) }
}

fn unknown_field(place: &str, name: &str, error: &Error) -> Fault {
    let nearest: Vec<String> =
        error.details().candidates.iter().map(|candidate| format!("`{}`", candidate.name)).collect();
    Fault {
        field: format!("/{place}/{name}"),
        problem: error.message().to_owned(),
        expected: if nearest.is_empty() {
            "a field that is there".to_owned()
        } else {
            format!("one of {}", nearest.join(", "))
        },
        example: None,
    }
}

fn misfit_fault(place: &str, name: &str, misfit: Misfit) -> Fault {
    let (problem, expected, example) = match misfit {
        Misfit::NotANumber => ("is not a number", "a number".to_owned(), Some("\"12.5\"")),
        Misfit::NotADate => ("is not a date", "a date".to_owned(), Some("\"2026-11-20\"")),
        Misfit::NotAnOption(options) => {
            ("is not an option of the field", format!("one of {}", options.join(", ")), None)
        }
        Misfit::NotWritable => ("holds files", "a field of text, number, date or options".to_owned(), None),
    };
    Fault {
        field: format!("/{place}/{name}"),
        problem: problem.to_owned(),
        expected,
        example: example.map(str::to_owned),
    }
}

fn id_of(text: &str) -> Option<RecordId> {
    if RecordId::looks_like(text) { text.parse().ok() } else { None }
}

fn searchable(noun: &'static str, text: &str) -> Result<String> {
    if text.is_empty() || text.chars().count() > QUERY_LENGTH_MAX {
        let expected = format!("an id, or a name of 1 to {QUERY_LENGTH_MAX} characters");
        return Err(Error::invalid_argument(noun, "is neither an id nor a name", expected, None));
    }
    Ok(text.to_owned())
}

fn only<T: Named>(noun: &'static str, text: &str, records: Vec<T>) -> Result<T> {
    if records.is_empty() {
        return Err(unknown(noun, "name"));
    }
    let id = find(Wanted { noun, text }, &records)?.id().to_owned();
    records.into_iter().find(|record| record.id() == id).ok_or_else(|| unknown(noun, "name"))
}

fn unknown(noun: &str, by: &str) -> Error {
    let plural = if noun == "opportunity" { "opportunities".to_owned() } else { format!("{noun}s") };
    Error::new(ErrorCode::NotFound, format!("no {noun} of this {by} in this location"))
        .with_hint(format!("call `search_{plural}` with fewer words, or name another `location`"))
}
