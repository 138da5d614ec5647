//! What a token may reach: one location, or the agency's own endpoints.

use axum::http::{HeaderMap, header};

use crate::sandbox::errors::Refusal;

/// Whose token it is.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    Agency { company_id: String },
    Location { company_id: String, location_id: String },
}

impl Grant {
    /// What the vendor's rate limits count by.
    pub(crate) fn resource(&self) -> &str {
        match self {
            Self::Agency { company_id } => company_id,
            Self::Location { location_id, .. } => location_id,
        }
    }

    pub(crate) fn company_id(&self) -> &str {
        match self {
            Self::Agency { company_id } | Self::Location { company_id, .. } => company_id,
        }
    }

    /// Lets a location's token at that location's records.
    ///
    /// # Errors
    /// 403 for another location, 401 for the agency's token, which does not reach into locations.
    pub(crate) fn require_location(&self, asked: &str) -> Result<(), Refusal> {
        match self {
            Self::Location { location_id, .. } if location_id == asked => Ok(()),
            Self::Location { .. } => Err(Refusal::other_location()),
            Self::Agency { .. } => Err(Refusal::unauthorized("The token is not authorized for this scope.")),
        }
    }

    /// Lets the agency's token at the agency's endpoints.
    ///
    /// # Errors
    /// 401 for a location's token.
    pub(crate) fn require_agency(&self) -> Result<(), Refusal> {
        match self {
            Self::Agency { .. } => Ok(()),
            Self::Location { .. } => Err(Refusal::wrong_kind_of_token()),
        }
    }
}

/// The token of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
