//! What a token may reach: one location, or the agency's own endpoints.

use axum::http::{HeaderMap, header};

use crate::catalogue::{Name, Operation, Token};
use crate::sandbox::errors::Refusal;
use crate::sandbox::limits::Spender;

/// What a token opens, and for whom.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) grant: Grant,
    /// Absent for a private integration token.
    pub(crate) app: Option<AppGrant>,
}

/// The app that a token was issued to, and what it may do.
#[derive(Debug, Clone)]
pub(crate) struct AppGrant {
    pub(crate) client_id: String,
    /// Separated by spaces.
    pub(crate) scopes: String,
}

impl Access {
    /// What the vendor's rate limits count by.
    pub(crate) fn spender(&self) -> Spender {
        let app = self.app.as_ref().map(|app| app.client_id.clone());
        Spender { app, resource: self.grant.resource().to_owned() }
    }

    /// Lets a token at an operation. A private integration token has all scopes.
    ///
    /// # Errors
    /// 401 for a token of another kind than the operation takes, and for an app's token that lacks a scope, in the
    /// vendor's words.
    pub(crate) fn require(&self, operation: &Operation) -> Result<(), Refusal> {
        let takes = |token: &Token| match (token, &self.grant) {
            (Token::Location, Grant::Location { .. }) | (Token::Agency, Grant::Agency { .. }) => true,
            (Token::LocationLogin, Grant::Location { .. }) | (Token::AgencyLogin, Grant::Agency { .. }) => {
                self.app.is_some()
            }
            (Token::Location | Token::LocationLogin, Grant::Agency { .. })
            | (Token::Agency | Token::AgencyLogin, Grant::Location { .. }) => false,
        };
        if !operation.tokens.is_empty() && !operation.tokens.iter().any(takes) {
            return Err(match self.grant {
                Grant::Agency { .. } => Refusal::lacks_scope(),
                Grant::Location { .. } => Refusal::wrong_kind_of_token(),
            });
        }
        let Some(app) = &self.app else { return Ok(()) };
        let holds = |needed: &Name| app.scopes.split(' ').any(|held| held == needed);
        if operation.scopes.iter().all(holds) { Ok(()) } else { Err(Refusal::lacks_scope()) }
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    Agency { company_id: String },
    Location { company_id: String, location_id: String },
}

impl Grant {
    pub(crate) fn of(company_id: String, location_id: Option<String>) -> Self {
        match location_id {
            Some(location_id) => Self::Location { company_id, location_id },
            None => Self::Agency { company_id },
        }
    }

    pub(crate) fn location_id(&self) -> Option<&str> {
        match self {
            Self::Agency { .. } => None,
            Self::Location { location_id, .. } => Some(location_id),
        }
    }

    /// `userType` of the vendor.
    pub(crate) fn user_type(&self) -> &'static str {
        match self {
            Self::Agency { .. } => "Company",
            Self::Location { .. } => "Location",
        }
    }

    /// The location or agency.
    fn resource(&self) -> &str {
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
            Self::Agency { .. } => Err(Refusal::lacks_scope()),
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
