//! Which API generation a request asks for with its `Version` header.

use axum::http::HeaderMap;

use crate::sandbox::errors::Refusal;

/// The two shapes of the API behind one host and one set of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    V2,
    V3,
}

/// Published versions before v3. The vendor accepts each of them on any path (measured 2026-08-03 by others; its
/// specification names one per family).
const DATES: [&str; 3] = ["2021-04-15", "2021-07-28", "2023-02-21"];

impl Generation {
    /// # Errors
    /// 401 when the header is missing or unknown, in the vendor's words.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(version) = headers.get("version") else {
            return Err(Refusal::unauthorized("version header was not found."));
        };
        match version.to_str() {
            Ok("v3") => Ok(Self::V3),
            Ok(date) if DATES.contains(&date) => Ok(Self::V2),
            Ok(_) | Err(_) => Err(Refusal::unauthorized("version header is invalid")),
        }
    }
}
