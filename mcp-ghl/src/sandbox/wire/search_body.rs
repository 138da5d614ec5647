//! The body of the two advanced searches.

use serde_json::Value;

use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::filter::{Column, Filter, Resolve};
use crate::sandbox::store::search::{Direction, PAGED_RECORDS_MAX, Place, SORT_FIELDS_MAX, Search};

/// Most records of one page (`ClickUp` pages 87cpx-158396 and 87cpx-424216).
const PAGE_RECORDS_MAX: u32 = 500;

/// Longest free text, in characters (same pages).
pub(crate) const QUERY_CHARACTERS_MAX: usize = 75;

/// How one noun's search differs from the other's.
pub(crate) struct Dialect {
    /// `pageLimit` or `limit`.
    pub(crate) limit: &'static str,
    pub(crate) resolve: Resolve,
    /// The order when none is asked for, newest first.
    pub(crate) newest_first: fn() -> Column,
}

/// Reads the fields that both searches share.
///
/// # Errors
/// 400 for a wrong filter, sort or place: the specification lists no 422 for the contact search.
pub(crate) fn read(body: &mut Body, dialect: &Dialect) -> Result<Search, Refusal> {
    let location_id = body.required_text("locationId");
    let limit = body.count(dialect.limit, PAGE_RECORDS_MAX);
    if limit.is_none() {
        body.fault(dialect.limit, "should not be empty");
    }
    let page = body.count("page", PAGED_RECORDS_MAX).unwrap_or(1);
    let text = body.text("query").filter(|text| !text.trim().is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > QUERY_CHARACTERS_MAX) {
        body.fault("query", "must be shorter than or equal to 75 characters");
    }
    let filter = match body.raw("filters") {
        Some(filters) => Filter::read(&filters, dialect.resolve).map_err(Refusal::bad_request)?,
        None => Filter::All(Vec::new()),
    };
    let mut sort = sort_fields(body.raw("sort"), dialect.resolve).map_err(Refusal::bad_request)?;
    if sort.is_empty() {
        sort.push(((dialect.newest_first)(), Direction::Descending));
    }
    let limit = limit.unwrap_or(1);
    let place = place(body.raw("searchAfter"), page, limit, sort.len())?;
    Ok(Search { location_id, text, filter, sort, place, limit })
}

/// A cursor wins over a page number: the opportunity search's specification asks for both at once.
fn place(search_after: Option<Value>, page: u32, limit: u32, sort_fields: usize) -> Result<Place, Refusal> {
    match search_after {
        Some(Value::Array(seen)) if !seen.is_empty() => {
            if seen.len() != sort_fields + 1 {
                return Err(Refusal::bad_request("searchAfter must be the value of a result of the same search"));
            }
            Ok(Place::After(seen))
        }
        Some(Value::Array(_)) | None => {
            if page.saturating_mul(limit) > PAGED_RECORDS_MAX {
                return Err(Refusal::bad_request(format!(
                    "page reaches {PAGED_RECORDS_MAX} records at most, use searchAfter"
                )));
            }
            Ok(Place::Page(page))
        }
        Some(_) => Err(Refusal::bad_request("searchAfter must be an array")),
    }
}

fn sort_fields(sort: Option<Value>, resolve: Resolve) -> Result<Vec<(Column, Direction)>, String> {
    let Some(sort) = sort else { return Ok(Vec::new()) };
    let Value::Array(sort) = sort else { return Err("sort must be an array".to_owned()) };
    if sort.len() > SORT_FIELDS_MAX {
        return Err(format!("sort must contain no more than {SORT_FIELDS_MAX} elements"));
    }
    sort.iter().map(|item| sort_field(item, resolve)).collect()
}

fn sort_field(item: &Value, resolve: Resolve) -> Result<(Column, Direction), String> {
    let field = item.get("field").and_then(Value::as_str).ok_or("sort field must be a string")?;
    let column = resolve(field).ok_or_else(|| format!("Invalid field {field} in sort"))?;
    let direction = match item.get("direction").map(Value::as_str) {
        None | Some(Some("asc")) => Direction::Ascending,
        Some(Some("desc")) => Direction::Descending,
        Some(_) => return Err("direction must be one of the following values: asc, desc".to_owned()),
    };
    Ok((column, direction))
}
