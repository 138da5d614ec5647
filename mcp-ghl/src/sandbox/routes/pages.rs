//! A page of a family that is kept as documents.

use serde_json::{Map, Value};

use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::Params;
use crate::sandbox::store::documents::Record;

/// The page that `limit` and `skip` (as the vendor calls it here) ask for, ids under `_id`.
///
/// # Errors
/// 422 for a number that is none.
pub(super) fn page_of(params: &Params, skip: &str, records: Vec<Record>) -> Result<Vec<Map<String, Value>>, Refusal> {
    let skip: usize = params.number(skip)?.unwrap_or(0);
    let limit = usize::try_from(params.limit(PAGE, PAGE_MAX)?).unwrap_or(usize::MAX);
    Ok(records.into_iter().skip(skip).take(limit).map(|record| record.with_id("_id")).collect())
}

/// Records per page where the vendor names no number. Both ours.
const PAGE: u32 = 20;
const PAGE_MAX: u32 = 100;
